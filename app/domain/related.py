"""Related questions: those that share words of the title, tags or the category (FACTS 6)."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain import pages
from app.domain.orders import Key, Order
from app.domain.pages import Page, Window
from app.domain.posts import COLUMNS, PostRow
from app.domain.questions import VISIBLE_QUESTION
from app.domain.relevance import PER_POINT, exactly, is_rare, of_age, rarity, threshold
from app.models import Category, Post, PostTag, TitleWord, Word
from app.models.tables import aliased


class Related(NamedTuple):
    """A question that is related to another, by so many billionths of points."""

    question: PostRow
    points: int


# The index may still hold what was hidden in the meantime: so many more are looked at.
SPARE = 10
MOST_AT_ONCE = 8
# Only names the list in cursors: what is related to a question is few enough to be cut here.
ORDER = Order("related", (Key(None, int, True), Key(None, int, True)))


async def by_questions(
    connection: AsyncConnection,
    *,
    question_ids: Sequence[int],
    frequency: int,
    match: int,
    most: int,
) -> dict[int, list[Related]]:
    """The `most` related questions of each question, closest first; a statement serves up to 8.

    :param frequency: words, tags and categories that are used so often do not count
    :param match: how close they have to be, the option `match_related_qs`
    """
    found: dict[int, list[Related]] = {}
    bounds = {"least_points": round(threshold(match) * PER_POINT), "most": most + SPARE}
    for start in range(0, len(question_ids), MOST_AT_ONCE):
        part = question_ids[start : start + MOST_AT_ONCE]
        values = {**bounds, **{f"question_{place}": id for place, id in enumerate(part)}}
        for row in await rows_of(connection, _with_questions(len(part), frequency), values):
            related = Related(PostRow.of(row[:-2]), row[-1])
            found.setdefault(row[-2], []).append(related)
    return {id: others[:most] for id, others in found.items()}


def _closest(place: int, frequency: int) -> Select[Any]:
    """The closest to one of the questions, with that question's id."""
    question_id = bindparam(f"question_{place}", type_=Post.id.type)
    parts = union_all(*_parts(question_id, frequency)).subquery("parts")
    other_id = parts.c.other_id
    points = (cast(func.sum(parts.c.points), BigInteger) + of_age(other_id)).label("points")
    return (
        select(question_id.label("question_id"), other_id, points)
        .where(other_id != question_id)
        .group_by(other_id)
        .having(points >= bindparam("least_points"))
        .order_by(points.desc(), other_id.desc())
        .limit(bindparam("most", type_=Integer()))
    )


@prepared
def _with_questions(count: int, frequency: int) -> Select[Any]:
    """The related questions of so many, each below the id of the one that they are related to."""
    closest = [_closest(place, frequency) for place in range(count)]
    found = union_all(*(select(each.subquery()) for each in closest)).subquery("found")
    return (
        select(*COLUMNS, found.c.question_id, found.c.points)
        .join_from(found, Post, Post.id == found.c.other_id)
        .where(Post.type == VISIBLE_QUESTION)
        .order_by(found.c.question_id, found.c.points.desc(), found.c.other_id.desc())
        # A few rows against all posts, which MySQL does not know.
        .prefix_with("STRAIGHT_JOIN", dialect="mysql")
    )


def _parts(question_id: Any, frequency: int) -> list[Select[Any]]:
    """What a question and others have in common, with its points, as rows of equal columns."""
    titles = rarity(Word.title_count, frequency=frequency)
    tags = 2 * rarity(Word.tag_count, frequency=frequency)
    return [
        _shared_words(TitleWord, titles, question_id).where(
            is_rare(Word.title_count, frequency=frequency)
        ),
        _shared_words(PostTag, tags, question_id).where(
            is_rare(Word.tag_count, frequency=frequency)
        ),
        _same_category(question_id, frequency),
    ]


def _shared_words(index: Any, points: Any, question_id: Any) -> Select[Any]:
    other = aliased(index, name="other")
    return (
        select(
            other.post_id.label("other_id"),
            exactly(points).label("points"),
        )
        .join_from(index, Word, index.word_id == Word.id)
        .join(other, other.word_id == Word.id)
        .where(index.post_id == question_id)
    )


def _same_category(question_id: Any, frequency: int) -> Select[Any]:
    other: Any = aliased(Post, name="other")
    same = and_(other.category_id == Category.id, other.type == VISIBLE_QUESTION)
    return (
        select(
            other.id.label("other_id"),
            exactly(rarity(Category.question_count, frequency=frequency)).label("points"),
        )
        .join_from(Post, Category, Post.category_id == Category.id)
        .join(other, same)
        .where(Post.id == question_id, is_rare(Category.question_count, frequency=frequency))
    )


def cut(found: Sequence[Related], *, window: Window) -> Page[PostRow]:
    """The part of the related questions that is wanted.

    :raises Invalid: if a cursor is not one of this list
    """
    rows = [(related.question, related.points, related.question.id) for related in found]
    if window.after is not None:
        values = ORDER.values(window.after, field="after")
        rows = [row for row in rows if row[1:] < values]
    if window.before is not None:
        values = ORDER.values(window.before, field="before")
        rows = [row for row in rows if row[1:] > values]
    if window.backwards:
        rows.reverse()
    wanted = rows[: window.size + 1]
    return pages.paged(wanted, order=ORDER, window=window, width=1, make=itemgetter(0))
