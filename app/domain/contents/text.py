"""The plain text of a post, which is searched and counted, and its beginning, which lists show."""

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import Final

from app.domain.markup import TAG, names

_PARAGRAPH_TAGS: Final = names(
    "address article aside blockquote caption center dd dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody"
    " td tfoot th thead tr ul"
)
_BLANKS: Final = re.compile(r"[ \t\n\r\f\v]{2,}|[\t\r\f\v]")
_REFERENCE: Final = re.compile(r"&(?:(quot|amp|lt|gt|nbsp)|#(34|38|39|60|62));")
_NAMED: Final = {"quot": '"', "amp": "&", "lt": "<", "gt": ">", "nbsp": " "}

_ELLIPSIS: Final = "…"
# A last word longer than this is cut rather than left out.
_LONGEST_LEFT_OUT: Final = 30
_FIRST_WINDOW_FACTOR: Final = 3
_FIRST_WINDOW_EXTRA: Final = 200
# Both together bound what is remembered to some megabytes.
_REMEMBERED_UP_TO: Final = 2_000
_MOST_REMEMBERED: Final = 2_000


def to_text(content: str, format: str) -> str:
    """The text of a post as its words are indexed and its length is counted (FACTS 6).

    :param format: of the post: `html`, or anything else for text that stays as it is
    """
    if format != "html":
        return content
    return _REFERENCE.sub(_character, _without_tags(content))


def excerpt(content: str, format: str, *, length: int) -> str:
    """The beginning of a post on one line, at most `length` characters, for people to read.

    Blanks and line breaks become single blanks. What is cut ends with an ellipsis, after a whole
    word where words are separated by blanks. Unlike `to_text`, all character references are read.

    :param length: greatest number of characters, the ellipsis included; at least 1
    """
    found = excerpt_of_beginning(content, format, length=length, is_whole=True)
    assert found is not None
    return found


def excerpt_of_beginning(
    content: str, format: str, *, length: int, is_whole: bool = False
) -> str | None:
    """The same from the beginning of a content, if that is enough; otherwise None.

    :param is_whole: the content ends where `content` does
    """
    # Lists show the same posts again and again, and read only the beginnings of long ones.
    if len(content) <= _REMEMBERED_UP_TO:
        return _remembered_beginning(content, format, length, is_whole)
    return _beginning(content, format, length, is_whole)


def _beginning(content: str, format: str, length: int, is_whole: bool) -> str | None:
    window = length * _FIRST_WINDOW_FACTOR + _FIRST_WINDOW_EXTRA
    while True:
        ends = window >= len(content)
        whole = ends and is_whole
        text = _on_one_line(content[:window], format, whole=whole)
        # The last characters of a window may prove to begin a tag.
        if len(text) > length + (0 if whole else len("</")):
            return _cut(text, length=length)
        if ends:
            return text if whole else None
        window *= 4


_remembered_beginning: Final = lru_cache(_MOST_REMEMBERED)(_beginning)


def _without_tags(html: str) -> str:
    return _BLANKS.sub(_blank, TAG.sub(_line_break, html)).strip(" \n")


def _line_break(tag: re.Match[str]) -> str:
    name = (tag[1] or "").lower()
    if name == "br":
        return "\n"
    return "\n\n" if name in _PARAGRAPH_TAGS else ""


def _blank(run: re.Match[str]) -> str:
    return ("\n" * min(run[0].count("\n"), 2)) or " "


def _character(reference: re.Match[str]) -> str:
    return _NAMED[reference[1]] if reference[1] else chr(int(reference[2]))


def _on_one_line(content: str, format: str, *, whole: bool) -> str:
    """`content` as readable text with single blanks.

    :param whole: whether nothing follows; otherwise what could depend on that is left out
    """
    if format == "html":
        content = TAG.sub(_line_break, content)
        cut_reference = content.rfind("&")
        if not whole and cut_reference > content.rfind(";"):
            content = content[:cut_reference]
        content = unescape(content)
    return " ".join(content.split())


def _cut(text: str, *, length: int) -> str:
    end = length - len(_ELLIPSIS)
    if _is_inside_word(text, end):
        blank = text.rfind(" ", max(end - _LONGEST_LEFT_OUT, 0), end)
        end = blank if blank > 0 else end
    while end > 0 and _belongs_to_previous(text[end]):
        end -= 1
    return text[:end].rstrip() + _ELLIPSIS


def _is_inside_word(text: str, position: int) -> bool:
    """Whether a cut there would halve a word of a script that writes blanks between words."""
    return all(
        character.isalnum() and (character < "\u0e00" or "가" <= character <= "힣")
        for character in text[max(position - 1, 0) : position + 1]
    )


def _belongs_to_previous(character: str) -> bool:
    return character in "\u200d\ufe0e\ufe0f" or unicodedata.combining(character) > 0
