"""Slugs of titles, and the paths under which q2a serves a site's pages (FACTS 13, 15)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final
from urllib.parse import quote_plus, urlencode

from app.domain.words import split

Parameters = Mapping[str, str | int]

# Letters that Unicode does not see as another letter with an accent.
_PLAIN_LETTERS: Final = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
        "ħ": "h", "ı": "i", "ĸ": "k", "ŋ": "n", "ŧ": "t", "ſ": "s", "ŉ": "n", "ĳ": "ij",
        "ŀ": "l", "ƒ": "f", "ª": "a", "º": "o",
    }
)  # fmt: skip
_NOT_IN_ASCII_SLUGS: Final = re.compile(r"[^a-z0-9]+")


class UrlStyle(IntEnum):
    """The values of the option `neat_urls`."""

    INDEX = 0  # index.php/123/title
    NEAT = 1  # 123/title
    PARAMETER = 3  # ?qa=123/title
    PARAMETERS = 4  # ?qa=123&qa_1=title
    INDEX_PARAMETERS = 5  # index.php?qa=123&qa_1=title


def slug(title: str, *, max_length: int, remove_accents: bool) -> str:
    """The words of a title joined by hyphens; empty if nothing of it can stand in a slug.

    :param title: as it is shown, with the words on the site's list starred
    :param max_length: characters after which shorter words give way (`q_urls_title_length`)
    :param remove_accents: use ASCII letters and digits only (`q_urls_remove_accents`)
    """
    words = _longest(split(title, separate_ideographs=False), max_length=max_length)
    if remove_accents:
        words = [_in_ascii(word) for word in words]
    return "-".join(filter(None, words))


def path(segments: Sequence[str], parameters: Parameters | None = None, *, style: int) -> str:
    """The path of a page, to be resolved against the URL of the site, escaped for an href.

    :param segments: what stands between the slashes; none for the home page
    :param style: the site's option `neat_urls`; what q2a does not know counts as its default, 5
    """
    parts = [quote_plus(segment) for segment in segments if segment]
    query = urlencode(parameters or {})
    match style:
        case UrlStyle.INDEX:
            return _joined("/".join(["index.php", *parts]), query)
        case UrlStyle.NEAT:
            return _joined("/".join(parts), query)
        case UrlStyle.PARAMETER:
            return _joined("", "qa=" + "/".join(parts) if parts else "", query)
        case UrlStyle.PARAMETERS:
            return _joined("", *_numbered(parts), query)
        case _:
            return _joined("index.php", *_numbered(parts), query)


def question_path(
    question_id: int, title_slug: str, *, style: int, answer_id: int = 0, comment_id: int = 0
) -> str:
    """The path of a question, or of one of its answers or comments if that is named."""
    segments = [str(question_id), title_slug]
    shown_id = comment_id or answer_id
    if not shown_id:
        return path(segments, style=style)
    letter = "c" if comment_id else "a"
    return f"{path(segments, {'show': shown_id}, style=style)}#{letter}{shown_id}"


def user_path(handle: str, *, style: int, page: str = "") -> str:
    """The path of a profile, or of one of its pages: activity, questions, answers, wall."""
    return path(["user", handle, page], style=style)


def tag_path(tag: str, *, style: int) -> str:
    """The path of the questions with a tag."""
    return path(["tag", tag], style=style)


def category_path(category_slugs: Sequence[str], *, style: int) -> str:
    """The path of the questions in a category, whose slugs are given from the top."""
    return path(category_slugs, style=style)


def blob_path(blob_id: int) -> str:
    """The path of an uploaded file, which contents embed: the same in every style of URLs."""
    return f"?qa=blob&qa_blobid={blob_id}"


def image_path(blob_id: int, size: int) -> str:
    """The path of an uploaded image scaled to `size` pixels."""
    return f"?qa=image&qa_blobid={blob_id}&qa_size={size}"


def absolute(site_url: str, page_path: str) -> str:
    """The whole URL of a path that another function of this module made."""
    return f"{site_url.rstrip('/')}/{page_path}"


def _longest(words: list[str], *, max_length: int) -> list[str]:
    """`words` without the shortest of them if they are too long together, in the same order."""
    if sum(map(len, words)) <= max_length:
        return words

    left = max_length
    kept = set()
    for index in sorted(range(len(words)), key=lambda index: -len(words[index])):
        if left <= 0:
            break
        kept.add(index)
        left -= len(words[index])
    return [word for index, word in enumerate(words) if index in kept]


def _in_ascii(word: str) -> str:
    # Canonical decomposition only: full-width letters are dropped, not made narrow.
    decomposed = unicodedata.normalize("NFD", word.translate(_PLAIN_LETTERS))
    return _NOT_IN_ASCII_SLUGS.sub("", decomposed.encode("ascii", "ignore").decode())


def _numbered(parts: list[str]) -> list[str]:
    names = ["qa", *(f"qa_{number}" for number in range(1, len(parts)))]
    return [f"{name}={part}" for name, part in zip(names, parts, strict=False)]


def _joined(location: str, *queries: str) -> str:
    query = "&".join(filter(None, queries))
    return f"{location}?{query}" if query else location
