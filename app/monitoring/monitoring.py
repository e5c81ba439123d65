"""From what happens in the process to those who watch it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event

from app.monitoring.metrics import Measure, Metric
from app.monitoring.records import CURRENT, Record, Statement
from app.monitoring.sinks import Sink

# Where a connection keeps when its statement began.
BEGAN = "waggle.began"


class Monitoring:
    """Tells the sinks of requests, of statements, and of what else is measured."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.sinks = sinks
        self._is_cold = True

    def begin(self, request_id: str, method: str) -> Record:
        """A request has come: whatever runs from here on in this context belongs to it."""
        record = Record(request_id, method, is_cold=self._is_cold)
        self._is_cold = False
        for sink in self.sinks:
            sink.began(record)
        return record

    def end(self, record: Record) -> None:
        record.seconds = time.perf_counter() - record.began
        for sink in self.sinks:
            sink.ended(record)

    def measure(self, metric: Metric, value: float, **tags: str) -> None:
        """Tell of a measure that belongs to no request."""
        for sink in self.sinks:
            sink.measured(Measure(metric, value, tags))

    def flush(self) -> None:
        for sink in self.sinks:
            sink.flush()

    def close(self) -> None:
        for sink in self.sinks:
            sink.close()

    def watch(self, *engines: Engine) -> None:
        """Count and time what SQLAlchemy sends through these engines, each once."""
        for engine in set(engines):
            event.listen(engine, "before_cursor_execute", _began)
            event.listen(engine, "after_cursor_execute", self._succeeded)
            event.listen(engine, "handle_error", self._failed)

    @contextmanager
    def timed(self, text: str, system: str) -> Iterator[None]:
        """Count and time one statement that passes SQLAlchemy by."""
        began, has_failed = time.time_ns(), True
        try:
            yield
            has_failed = False
        finally:
            self._tell(Statement(text, began, time.time_ns(), has_failed, system))

    # The names of these parameters are SQLAlchemy's; the values that were sent are not looked at.
    def _succeeded(
        self,
        conn: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        self._ended(conn, statement, has_failed=False)

    def _failed(self, context: ExceptionContext) -> None:
        # A connection that could not be made, or was found dead, has had no statement.
        if context.connection is not None and context.statement is not None:
            self._ended(context.connection, context.statement, has_failed=True)

    def _ended(self, connection: Connection, text: str, *, has_failed: bool) -> None:
        began = connection.info.pop(BEGAN, None)
        if began is not None:
            system = connection.dialect.name
            self._tell(Statement(text, began, time.time_ns(), has_failed, system))

    def _tell(self, statement: Statement) -> None:
        record = CURRENT.get()
        if record is not None:
            record.statements += 1
            record.sql_seconds += (statement.ended_ns - statement.began_ns) / 1e9
        for sink in self.sinks:
            sink.ran(statement, record)


def _began(
    conn: Connection,
    cursor: Any,
    statement: str,
    parameters: Any,
    context: Any,
    executemany: bool,
) -> None:
    conn.info[BEGAN] = time.time_ns()
