"""Search: questions by the words in them and in what is below them (FACTS 6)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES, can_hold
from app.db.dialects import as_double
from app.db.prepared import many, prepared
from app.db.running import Values, value_of
from app.domain import pages, words
from app.domain.orders import Key, Order
from app.domain.pages import EMPTY, Page, Window
from app.domain.questions import VISIBLE_QUESTION
from app.domain.relevance import PER_POINT, exactly, is_rare, of_age, rarity, threshold
from app.models import ContentWord, Post, TagWord, TitleWord, User, UserPoints, Word
from app.models.tables import aliased

MOST_WORDS = 50
LONGEST_WORD = 80
# What a word in the text of a post is worth, by the kind of post.
WORTH = case((ContentWord.type == "Q", 1.0), (ContentWord.type == "A", 0.5), else_=0.25)
# The best part of a question is told by one number: its thousandths of points, then its id, the
# smaller the better, so that the question itself wins where an answer is no better.
IDS = 2**32


class Hit(NamedTuple):
    """A question that was found, the part of it that matches best, and its points."""

    question_id: int
    post_id: int
    score: float


class Query(NamedTuple):
    """What is looked for: distinct words in lower case, and people by their whole names.

    `least_score` is given where only titles are looked at, in which any word would do.
    """

    words: tuple[str, ...]
    handles: tuple[str, ...] = ()
    least_score: float | None = None


class Sought(NamedTuple):
    """What a statement has to know of a `Query` before it knows the words and names in it."""

    by_words: bool
    by_handles: bool
    titles_only: bool


@dataclass(frozen=True, eq=False)
class Finding:
    """All that is found, good enough or not, and its order: one object for each kind of query."""

    found: Select[Any]
    order: Order


async def for_text(connection: AsyncConnection, *, text: str) -> Query:
    """The query that a person has typed; the first 50 words of it count."""
    found = await _storable(connection, words.split(text))
    whole = [text.strip()] if len(text.strip()) <= LONGEST_WORD else []
    return Query(found, (*found, *await _storable(connection, whole)))


async def for_title(connection: AsyncConnection, *, title: str, match: int) -> Query:
    """The query for questions whose titles are like `title`.

    :param match: how alike, the option `match_ask_check_qs`
    """
    found = await _storable(connection, words.split(title))
    return Query(found, least_score=threshold(match))


async def _storable(connection: AsyncConnection, texts: Sequence[str]) -> tuple[str, ...]:
    """The texts that can be in the index at all, each once."""
    distinct = [text for text in dict.fromkeys(texts) if 0 < len(text) <= LONGEST_WORD]
    distinct = distinct[:MOST_WORDS]
    if await can_hold(connection, column=Word.text, text="".join(distinct)):
        return tuple(distinct)
    return tuple(text for text in distinct if max(text) <= LAST_OF_THREE_BYTES)


async def hits(
    connection: AsyncConnection, *, query: Query, frequency: int, window: Window
) -> Page[Hit]:
    """A page of what is found, the best first, in one statement.

    :param frequency: words that occur so often are not looked for
    :raises Invalid: if a cursor is not one of this list
    """
    if not query.words and not query.handles:
        return EMPTY
    sought, values = _sought(query)
    finding = _finding(sought, frequency)
    return await pages.fetch(
        connection, _hits, finding, values=values, order=finding.order, window=window, make=_hit
    )


def _hits(finding: Finding) -> Select[Any]:
    return finding.found


async def count(connection: AsyncConnection, *, query: Query, frequency: int) -> int:
    """How many questions are found."""
    if not query.words and not query.handles:
        return 0
    sought, values = _sought(query)
    counted: int = await value_of(connection, _counted(_finding(sought, frequency)), values)
    return counted


@prepared
def _counted(finding: Finding) -> Select[Any]:
    return select(func.count()).select_from(finding.found.subquery("counted"))


def _sought(query: Query) -> tuple[Sought, Values]:
    """The kind of the query, and the values that `_finding` leaves room for."""
    titles_only = query.least_score is not None
    values: dict[str, Any] = {"words": query.words, "handles": query.handles}
    if query.least_score is not None:
        values["least_points"] = round(query.least_score * PER_POINT)
    return Sought(bool(query.words), bool(query.handles), titles_only), values


def _hit(row: Sequence[Any]) -> Hit:
    question_id, best, score = row
    return Hit(question_id, IDS - 1 - best % IDS, score / PER_POINT)


@lru_cache
def _finding(sought: Sought, frequency: int) -> Finding:
    found = _found(sought, frequency)
    statement = select(found.c.id, found.c.best, found.c.score)
    if sought.titles_only:
        statement = statement.where(found.c.score >= bindparam("least_points"))
    return Finding(
        statement, Order("search", (Key(found.c.score, int, True), Key(found.c.id, int, True)))
    )


def _found(sought: Sought, frequency: int) -> Subquery:
    """All that is found: `id` of the question, `best` part of it and `score`."""
    parts = union_all(*_parts(sought, frequency)).subquery("parts")
    matched = (
        select(
            parts.c.question_id,
            cast(func.sum(parts.c.points), BigInteger).label("points"),
            func.max(parts.c.best).label("best"),
        )
        .group_by(parts.c.question_id)
        .subquery("matched")
    )
    score = matched.c.points + _of_hotness(frequency) + of_age(Post.id)
    return (
        select(Post.id.label("id"), matched.c.best, score.label("score"))
        .join_from(matched, Post, and_(Post.id == matched.c.question_id))
        .where(Post.type == VISIBLE_QUESTION)
        .subquery("found")
    )


def _of_hotness(frequency: int) -> ColumnElement[int]:
    """What a question gains by its place between the coldest and the hottest of all."""
    some: Any = aliased(Post, name="some")
    # The ends of an index: MySQL reads them before anything else, and only once.
    low, high = (
        as_double(select(end(some.hotness)).where(some.type == VISIBLE_QUESTION).scalar_subquery())
        for end in (func.min, func.max)
    )
    # Where all are equally hot, as on a site with a single question, nobody gains by it.
    share = (as_double(Post.hotness) - low) / func.nullif(high - low, 0)
    return exactly(2 * math.log(frequency) * share)


def _parts(sought: Sought, frequency: int) -> list[Select[Any]]:
    """Everything in the index that matches, with its points, as rows of the same columns."""
    parts = []
    if sought.by_words:
        parts.append(_in_titles(frequency))
    if sought.by_words and not sought.titles_only:
        parts += [_in_contents(frequency), _in_tags(frequency)]
    if sought.by_handles:
        parts.append(_by_authors(frequency))
    return parts


def _in_titles(frequency: int) -> Select[Any]:
    points = rarity(Word.title_count, frequency=frequency)
    found = _words(TitleWord, TitleWord.post_id, points)
    return found.where(is_rare(Word.title_count, frequency=frequency))


def _in_contents(frequency: int) -> Select[Any]:
    share = 1.0 - 1.0 / (1.0 + as_double(ContentWord.count))
    points = share * rarity(Word.content_count, frequency=frequency) * WORTH
    found = _words(ContentWord, ContentWord.question_id, points)
    return found.where(is_rare(Word.content_count, frequency=frequency))


def _in_tags(frequency: int) -> Select[Any]:
    points = 2 * rarity(Word.tag_word_count, frequency=frequency)
    found = _words(TagWord, TagWord.post_id, points)
    return found.where(is_rare(Word.tag_word_count, frequency=frequency))


def _words(index: Any, question_id: Any, points: Any) -> Select[Any]:
    columns = _part(question_id, index.post_id, points)
    return (
        select(*columns)
        .join_from(Word, index, index.word_id == Word.id)
        .where(Word.text.in_(many("words")))
    )


def _by_authors(frequency: int) -> Select[Any]:
    asked = UserPoints.question_count
    return (
        select(*_part(Post.id, Post.id, rarity(asked, frequency=frequency)))
        .join_from(User, UserPoints, UserPoints.user_id == User.id)
        .join(Post, Post.author_id == User.id)
        .where(
            User.handle.in_(many("handles")),
            is_rare(asked, frequency=frequency),
            Post.type == VISIBLE_QUESTION,
        )
    )


def _part(question_id: Any, post_id: Any, points: Any) -> tuple[Any, ...]:
    thousandths = cast(func.round(points * 1000.0), BigInteger)
    return (
        question_id.label("question_id"),
        exactly(points).label("points"),
        (thousandths * IDS + (IDS - 1 - post_id)).label("best"),
    )
