"""Contents of posts: as plain text, as excerpts, and as HTML that is safe to show."""

from app.domain.contents.html import clean_html, plain_to_html, to_html
from app.domain.contents.text import excerpt, excerpt_of_beginning, to_text

__all__ = [
    "clean_html",
    "excerpt",
    "excerpt_of_beginning",
    "plain_to_html",
    "to_html",
    "to_text",
]
