"""Markdown made into HTML, which is what q2a stores and shows."""

from typing import Final

from markdown_it import MarkdownIt

from app.domain.contents.html import clean_html

# CommonMark with the two extensions that people expect; HTML within it is text.
_RENDERER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def from_markdown(source: str) -> str:
    """HTML that is safe to show. Bare URLs stay text: the site links them if it wants to."""
    return clean_html(_RENDERER.render(source)).strip()
