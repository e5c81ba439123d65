"""Starring the words on a site's list where people read them (FACTS 11); stored text keeps them."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import starmap
from typing import Final

from app.domain.markup import TAG
from app.domain.words import IDEOGRAPHS, lower

_BETWEEN_RULES: Final = re.compile(r"[\s,]+")
_WILDCARDS: Final = re.compile(r"\*+")
# Scripts that write no blanks between words, and their punctuation: also kana, hangul, half-width.
_CJK: Final = (
    f"{IDEOGRAPHS}\u3003-\u31ff\uac00-\ud7a3\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef"
)
_LETTER: Final = rf"[^\W{_CJK}]"
# Bounded, so that hostile text takes linear time.
_WILDCARD: Final = r"\S{0,80}?"
# Lists show the same titles and excerpts again and again; both bound what is remembered.
_REMEMBERED_UP_TO: Final = 300
_MOST_REMEMBERED: Final = 4_000


@dataclass(frozen=True, slots=True)
class Rules:
    """The words on the list, as one pattern over lower-case text; None if there are none."""

    pattern: re.Pattern[str] | None


NO_RULES: Final = Rules(None)


@lru_cache(maxsize=16)
def compile_rules(option_text: str) -> Rules:
    """The rules that the option `block_bad_words` lists, separated by blanks or commas.

    A rule matches whole words, in upper or lower case; Chinese, Japanese and Korean characters
    are never part of a longer word. A `*` in a rule stands for any characters but blanks.
    """
    rules = {_WILDCARDS.sub("*", rule) for rule in _BETWEEN_RULES.split(lower(option_text))}
    rules_by_edges: dict[tuple[bool, bool], list[str]] = {}
    # Of two rules that begin at the same character the longer one wins.
    for rule in sorted(rules - {"", "*"}, key=lambda rule: (-len(rule), rule)):
        edges = not _is_cjk(rule[0]), not _is_cjk(rule[-1])
        rules_by_edges.setdefault(edges, []).append(_pattern(rule))
    if not rules_by_edges:
        return NO_RULES
    return Rules(re.compile("|".join(starmap(_bounded, rules_by_edges.items()))))


def censor(text: str, rules: Rules) -> str:
    """Plain `text` with a star for each character that a rule matches."""
    if rules.pattern is None:
        return text
    if len(text) <= _REMEMBERED_UP_TO:
        return _remembered_censored(text, rules.pattern)
    return _censored(text, rules.pattern)


def _censored(text: str, pattern: re.Pattern[str]) -> str:
    lowered = lower(text)
    # A few capitals have a longer small form; then positions would not agree.
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := lower(letter)) == 1 else letter for letter in text)

    pieces = []
    position = 0
    for match in pattern.finditer(lowered):
        pieces += [text[position : match.start()], "*" * len(match[0])]
        position = match.end()
    return "".join([*pieces, text[position:]]) if pieces else text


_remembered_censored: Final = lru_cache(_MOST_REMEMBERED)(_censored)


def censor_html(html: str, rules: Rules) -> str:
    """HTML with stars in its text only: tags, attributes and character references stay."""
    if rules.pattern is None or rules.pattern.search(lower(html)) is None:
        return html

    pieces = []
    position = 0
    for markup in _markup().finditer(html):
        pieces += [censor(html[position : markup.start()], rules), markup[0]]
        position = markup.end()
    return "".join([*pieces, censor(html[position:], rules)])


# What follows is compiled where a site has such a list: it takes the start of others 10 ms.
@cache
def _markup() -> re.Pattern[str]:
    """Tags and character references, which no star may fall into."""
    references = "&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});"
    return re.compile(f"{TAG.pattern}|{references}", TAG.flags)


def _is_cjk(letter: str) -> bool:
    return re.match(f"[{_CJK}]", letter) is not None


def _pattern(rule: str) -> str:
    """The pattern of one rule, without its bounds."""
    first, *others = map(re.escape, rule.split("*"))
    if not others:
        return first
    *middle, last = others
    # All but the last step are final once taken, so that many wildcards take no longer than one.
    return "".join([first, *(f"(?>{_WILDCARD}{step})" for step in middle), _WILDCARD, last])


def _bounded(edges: tuple[bool, bool], patterns: list[str]) -> str:
    """One pattern for rules that begin and end with part of a word, or not, as `edges` says."""
    start = f"(?<!{_LETTER})" if edges[0] else ""
    end = f"(?!{_LETTER})" if edges[1] else ""
    return f"{start}(?:{'|'.join(patterns)}){end}"
