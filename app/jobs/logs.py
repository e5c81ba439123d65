"""The log of jobs: a message and facts by name, as text for people or as JSON for Lambda."""

import json
import logging
from typing import Any

LOGGER = logging.getLogger("app.jobs")


class Log:
    """Writes lines about one job."""

    def __init__(self, job: str) -> None:
        self.job = job

    def info(self, message: str, **facts: Any) -> None:
        self._write(logging.INFO, message, facts)

    def warning(self, message: str, **facts: Any) -> None:
        self._write(logging.WARNING, message, facts)

    def error(self, message: str, **facts: Any) -> None:
        self._write(logging.ERROR, message, facts)

    def _write(self, level: int, message: str, facts: dict[str, Any]) -> None:
        LOGGER.log(level, "%s", message, extra={"job": self.job, "facts": facts})


class TextFormatter(logging.Formatter):
    """`outbox: ended, sent 3`, on one line."""

    def __init__(self, *, with_time: bool = False) -> None:
        super().__init__()
        self.with_time = with_time

    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "facts", {})
        job = getattr(record, "job", record.name)
        parts = [record.getMessage(), *(f"{name} {value}" for name, value in facts.items())]
        time = self.formatTime(record) if self.with_time else ""
        return " ".join(f"{time} {job}: {', '.join(parts)}".split())


class JsonFormatter(logging.Formatter):
    """One JSON object on one line, which CloudWatch can search by field."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"level": record.levelname, "message": record.getMessage()}
        line |= {"job": getattr(record, "job", None), **getattr(record, "facts", {})}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__qualname__
        return json.dumps(line, ensure_ascii=False, default=str)


def write_to(handler: logging.Handler, formatter: logging.Formatter) -> None:
    """Send what jobs log to one place, and nowhere else."""
    handler.setFormatter(formatter)
    LOGGER.handlers = [handler]
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
