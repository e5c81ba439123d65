"""How lines of the log are written: as text for people, or as JSON for programs."""

import json
import logging
import traceback
from pathlib import Path
from typing import Any

from app.monitoring.records import CURRENT

HERE = Path(__file__).parents[2]
# The places of our own code that an error came through, the last ones.
MAX_PLACES = 5


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
    """One JSON object on one line, which CloudWatch can search by field.

    Of an exception it tells the class and the places: its text may quote what people wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"level": record.levelname, "message": record.getMessage()}
        if hasattr(record, "job"):
            line["job"] = record.job
        request = CURRENT.get()
        if request is not None:
            line["request"] = request.id
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1]:
            line["error"] = type(record.exc_info[1]).__qualname__
            line["at"] = _places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        f"{Path(frame.filename).relative_to(HERE)}:{frame.lineno}"
        for frame in frames
        if Path(frame.filename).is_relative_to(HERE) and "site-packages" not in frame.filename
    ]
    return own[-MAX_PLACES:]
