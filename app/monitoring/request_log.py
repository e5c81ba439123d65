"""The log of requests: one line each, of figures and names, and of nothing that anybody wrote."""

import logging
import sys
from typing import Any

from app.config import Settings
from app.monitoring.formats import JsonFormatter, TextFormatter
from app.monitoring.metrics import Measure
from app.monitoring.records import Record, Statement

# Everything of ours is below this one.
ALL = logging.getLogger("app")
LOGGER = logging.getLogger("app.requests")


class RequestLog:
    """Writes a line when a request is answered, to stdout."""

    def __init__(self, settings: Settings) -> None:
        handler = logging.StreamHandler(sys.stdout)
        if settings.logs_json:
            handler.setFormatter(JsonFormatter())
            # Errors are to be found by the request's id, too, and no traceback has its own lines.
            ALL.handlers, ALL.propagate = [handler], False
        else:
            handler.setFormatter(TextFormatter(with_time=True))
        LOGGER.handlers = [handler]
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False

    def began(self, record: Record) -> None:
        pass

    def ran(self, statement: Statement, record: Record | None) -> None:
        pass

    def ended(self, record: Record) -> None:
        LOGGER.log(
            logging.ERROR if record.is_broken else logging.INFO,
            "answered",
            extra={"facts": facts_of(record)},
        )

    def measured(self, measure: Measure) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def facts_of(record: Record) -> dict[str, Any]:
    """What a line says. What does not apply is left out, but for the viewer."""
    facts: dict[str, Any] = {
        "request": record.id,
        "method": record.method,
        "route": record.route,
        "status": record.status,
    }
    if record.operation_type:
        facts["operation"] = record.operation_name or None
        facts["type"] = record.operation_type
        facts["cost"] = record.cost
    facts["viewer"] = record.viewer
    if record.codes:
        facts["errors"] = list(record.codes)
    facts["statements"] = record.statements
    facts["sql_ms"] = _milliseconds(record.sql_seconds)
    facts["ms"] = _milliseconds(record.seconds)
    if record.is_cold:
        facts["cold"] = True
    return facts


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
