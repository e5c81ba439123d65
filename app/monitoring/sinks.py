"""What whoever watches is told."""

from typing import Protocol

from app.monitoring.metrics import Measure
from app.monitoring.records import Record, Statement


class Sink(Protocol):
    """Takes what happens in the process, in this order. It may not raise, nor wait."""

    def began(self, record: Record) -> None:
        """A request has come."""

    def ran(self, statement: Statement, record: Record | None) -> None:
        """A statement was sent, for this request or for a job."""

    def ended(self, record: Record) -> None:
        """The request is answered."""

    def measured(self, measure: Measure) -> None:
        """Something was measured that belongs to no request."""

    def flush(self) -> None:
        """Send what waits. This one may wait, but for seconds at the most."""

    def close(self) -> None:
        """Send what waits, and end. Nothing is told afterwards."""
