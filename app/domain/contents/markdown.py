"""Markdown made into HTML, which is what q2a stores and shows."""

from functools import cache
from typing import TYPE_CHECKING

from app.domain.contents.html import clean_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def from_markdown(source: str) -> str:
    """HTML that is safe to show. Bare URLs stay text: the site links them if it wants to."""
    return clean_html(_renderer().render(source)).strip()


@cache
def _renderer() -> "MarkdownIt":
    """CommonMark with the two extensions that people expect; HTML within it is text."""
    # Sixty modules, which only those need who write: it takes the start of all others 15 ms.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
