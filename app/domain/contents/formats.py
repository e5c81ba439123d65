"""The formats that contents are written in."""

from enum import Enum


class ContentFormat(Enum):
    """How a content is written; the value is what q2a stores for it."""

    PLAIN = ""
    HTML = "html"
    MARKDOWN = "markdown"
