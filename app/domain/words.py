"""Splitting text into words and tags exactly as the search index of the site does (FACTS 6)."""

import re
from collections import Counter
from functools import cache
from typing import Final

# Characters that are given as pairs are ranges of a regular expression class.
_QUOTES_AND_SIGNS: Final = (
    "¡¿¦«»±×÷\u2016\u2018\u201a-\u201f\u2022-\u2026\u2039\u203a\u203c\u2047-\u2049"
)
_BLANKS: Final = "\u2000-\u200c\u200e\u200f\u3000-\u3002"
_DASHES: Final = "\u2010-\u2015"
_APOSTROPHES: Final = "'\u2019"
_ASCII_BLANKS: Final = r" \t\n\r\f\v"
# `# $ % & @ _` and the control characters are parts of words.
_ASCII_SEPARATORS: Final = r"\n\r\t !\"()*+,./:;<=>?\[\\\]^`{|}~"

# Each of these is a word of its own. Kana, hangul and full-width letters are not among them.
IDEOGRAPHS: Final = (
    "\u0e00-\u0e7f\u2e80-\u2fff\u3003-\u303f\u3200-\u3fff\u4000-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002ffff"
)
SEPARATORS_WITHIN_TAGS: Final = _ASCII_SEPARATORS + _APOSTROPHES + _QUOTES_AND_SIGNS + _BLANKS
SEPARATORS: Final = SEPARATORS_WITHIN_TAGS + _DASHES + r"\-"

_MAX_COUNT: Final = 255

_DASH = re.compile(f"[{_DASHES}]")
_NON_BLANK = f"[^{_ASCII_BLANKS}{_QUOTES_AND_SIGNS}{_BLANKS}]"


def split(text: str, *, separate_ideographs: bool = True, keep_hyphens: bool = False) -> list[str]:
    """The words of `text` in lower case, in their order, repeated ones included.

    :param separate_ideographs: make a word of each kanji, Thai letter or CJK bracket, as the
        index does; slugs and tags keep them together
    :param keep_hyphens: leave hyphens in the words, as tags do; all dashes become hyphens
    """
    text = _drop_apostrophes(lower(text))
    if keep_hyphens:
        text = _DASH.sub("-", text)
    separators = SEPARATORS_WITHIN_TAGS if keep_hyphens else SEPARATORS
    return _word(separators, separate_ideographs).findall(text)


def count_words(text: str) -> dict[str, int]:
    """How often each word occurs, at most 255: what a row of `contentwords` holds."""
    return {word: min(count, _MAX_COUNT) for word, count in Counter(split(text)).items()}


def split_tags(text: str, *, comma: bool) -> list[str]:
    """The tags that somebody typed, in lower case, each once, in the order of typing.

    :param comma: only commas separate tags (option `tag_separator_comma`), so that a tag may
        contain blanks
    """
    if comma:
        tags = [tag.strip() for tag in lower(text).replace("/", " ").split(",")]
    else:
        tags = split(text, separate_ideographs=False, keep_hyphens=True)
    return list(dict.fromkeys(filter(None, tags)))


def lower(text: str) -> str:
    """`text` in lower case, as the words in the database are."""
    # Python writes a sigma at the end of a word as a final one, PHP does not.
    return text.replace("\u03a3", "\u03c3").lower()


def _drop_apostrophes(text: str) -> str:
    if "'" in text or "\u2019" in text:
        return _apostrophe_inside().sub(r"\1\2", text)
    return text


# Compiled at their first use: so many characters would take every start 7 ms.
@cache
def _word(separators: str, separate_ideographs: bool) -> re.Pattern[str]:
    if separate_ideographs:
        return re.compile(f"[^{separators}{IDEOGRAPHS}]+|[{IDEOGRAPHS}]")
    return re.compile(f"[^{separators}]+")


@cache
def _apostrophe_inside() -> re.Pattern[str]:
    # The one-byte character after a dropped apostrophe cannot also be the one before the next, so
    # that rock'n'roll becomes the two words rockn and roll.
    return re.compile(
        f"({_NON_BLANK})[{_APOSTROPHES}](?={_NON_BLANK})([\\x00-\\x7f{_APOSTROPHES}{_DASHES}]?)"
    )
