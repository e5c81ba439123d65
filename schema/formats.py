"""Formats: how contents are written."""

from app.domain.contents.formats import ContentFormat as ContentFormat
from schema.enums import expose

expose(
    ContentFormat,
    description="How the content of a post is written.",
    values={
        ContentFormat.PLAIN: "Plain text.",
        ContentFormat.HTML: "HTML.",
        ContentFormat.MARKDOWN: "Markdown.",
    },
)
FORMATS: dict[str, ContentFormat] = {format.value: format for format in ContentFormat}
