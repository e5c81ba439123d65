"""Search: questions by the words in them and in what is below them (FACTS 6)."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES, can_hold
from app.db.dialects import as_double
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

    @property
    def titles_only(self) -> bool:
        return self.least_score is not None


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
    found = _found(query, frequency)
    return await pages.fetch(
        connection,
        statement=_good_enough(select(found.c.id, found.c.best, found.c.score), found, query),
        order=Order("search", (Key(found.c.score, int, True), Key(found.c.id, int, True))),
        window=window,
        make=_hit,
    )


async def count(connection: AsyncConnection, *, query: Query, frequency: int) -> int:
    """How many questions are found."""
    if not query.words and not query.handles:
        return 0
    found = _found(query, frequency)
    statement = _good_enough(select(func.count()).select_from(found), found, query)
    counted: int = (await connection.execute(statement)).scalar_one()
    return counted


def _hit(row: Sequence[Any]) -> Hit:
    question_id, best, score = row
    return Hit(question_id, IDS - 1 - best % IDS, score / PER_POINT)


def _good_enough(statement: Select[Any], found: Subquery, query: Query) -> Select[Any]:
    if query.least_score is None:
        return statement
    return statement.where(found.c.score >= round(query.least_score * PER_POINT))


def _found(query: Query, frequency: int) -> Subquery:
    """All that is found: `id` of the question, `best` part of it and `score`."""
    parts = union_all(*_parts(query, frequency)).subquery("parts")
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


def _parts(query: Query, frequency: int) -> list[Select[Any]]:
    """Everything in the index that matches, with its points, as rows of the same columns."""
    parts = []
    if query.words:
        parts.append(_in_titles(query, frequency))
    if query.words and not query.titles_only:
        parts += [_in_contents(query, frequency), _in_tags(query, frequency)]
    if query.handles:
        parts.append(_by_authors(query, frequency))
    return parts


def _in_titles(query: Query, frequency: int) -> Select[Any]:
    points = rarity(Word.title_count, frequency=frequency)
    found = _words(query, TitleWord, TitleWord.post_id, points)
    return found.where(is_rare(Word.title_count, frequency=frequency))


def _in_contents(query: Query, frequency: int) -> Select[Any]:
    share = 1.0 - 1.0 / (1.0 + as_double(ContentWord.count))
    points = share * rarity(Word.content_count, frequency=frequency) * WORTH
    found = _words(query, ContentWord, ContentWord.question_id, points)
    return found.where(is_rare(Word.content_count, frequency=frequency))


def _in_tags(query: Query, frequency: int) -> Select[Any]:
    points = 2 * rarity(Word.tag_word_count, frequency=frequency)
    found = _words(query, TagWord, TagWord.post_id, points)
    return found.where(is_rare(Word.tag_word_count, frequency=frequency))


def _words(query: Query, index: Any, question_id: Any, points: Any) -> Select[Any]:
    columns = _part(question_id, index.post_id, points)
    return (
        select(*columns)
        .join_from(Word, index, index.word_id == Word.id)
        .where(Word.text.in_(query.words))
    )


def _by_authors(query: Query, frequency: int) -> Select[Any]:
    asked = UserPoints.question_count
    return (
        select(*_part(Post.id, Post.id, rarity(asked, frequency=frequency)))
        .join_from(User, UserPoints, UserPoints.user_id == User.id)
        .join(Post, Post.author_id == User.id)
        .where(
            User.handle.in_(query.handles),
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
