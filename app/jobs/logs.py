"""The log of jobs: a message and facts by name, as text for people or as JSON for Lambda."""

import logging
from typing import Any

from app.monitoring.formats import JsonFormatter as JsonFormatter
from app.monitoring.formats import TextFormatter as TextFormatter

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


def write_to(handler: logging.Handler, formatter: logging.Formatter) -> None:
    """Send what jobs log to one place, and nowhere else."""
    handler.setFormatter(formatter)
    LOGGER.handlers = [handler]
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
