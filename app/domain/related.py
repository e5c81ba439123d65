"""Related questions: those that share words of the title, tags or the category (FACTS 6)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, and_, cast, func, orm, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import pages
from app.domain.pages import Key, Order, Page, Window
from app.domain.posts import COLUMNS, PostRow
from app.domain.questions import VISIBLE_QUESTION
from app.domain.relevance import PER_POINT, exactly, is_rare, of_age, rarity, threshold
from app.models import Category, Post, PostTag, TitleWord, Word


class Related(NamedTuple):
    """A question that is related to another, by so many billionths of points."""

    question: PostRow
    points: int


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
    """The `most` related questions of each question, closest first, in one statement.

    :param frequency: words, tags and categories that are used so often do not count
    :param match: how close they have to be, the option `match_related_qs`
    """
    parts = union_all(*_parts(question_ids, frequency)).subquery("parts")
    summed = (
        select(
            parts.c.question_id,
            parts.c.other_id,
            cast(func.sum(parts.c.points), BigInteger).label("points"),
        )
        .where(parts.c.question_id != parts.c.other_id)
        .group_by(parts.c.question_id, parts.c.other_id)
        .subquery("summed")
    )
    points = (summed.c.points + of_age(Post.id)).label("points")
    scored = (
        select(summed.c.question_id, Post.id.label("other_id"), points)
        .join_from(summed, Post, Post.id == summed.c.other_id)
        .where(Post.type == VISIBLE_QUESTION)
        .subquery("scored")
    )
    found: defaultdict[int, list[Related]] = defaultdict(list)
    for row in await connection.execute(
        _closest(scored, round(threshold(match) * PER_POINT), most)
    ):
        found[row[-1]].append(Related(PostRow._make(row[:-2]), row[-2]))
    return found


def _closest(scored: Any, least_points: int, most: int) -> Select[Any]:
    by_points = (scored.c.points.desc(), scored.c.other_id.desc())
    place = func.row_number().over(partition_by=scored.c.question_id, order_by=by_points)
    ranked = (
        select(scored, place.label("place"))
        .where(scored.c.points >= least_points)
        .subquery("ranked")
    )
    return (
        select(*COLUMNS, ranked.c.points, ranked.c.question_id)
        .join_from(ranked, Post, Post.id == ranked.c.other_id)
        .where(ranked.c.place <= most)
        .order_by(ranked.c.question_id, ranked.c.place)
    )


def _parts(question_ids: Sequence[int], frequency: int) -> list[Select[Any]]:
    """What the questions and others have in common, with its points, as rows of equal columns."""
    titles = rarity(Word.title_count, frequency=frequency)
    tags = 2 * rarity(Word.tag_count, frequency=frequency)
    return [
        _shared_words(TitleWord, titles, question_ids).where(
            is_rare(Word.title_count, frequency=frequency)
        ),
        _shared_words(PostTag, tags, question_ids).where(
            is_rare(Word.tag_count, frequency=frequency)
        ),
        _same_category(question_ids, frequency),
    ]


def _shared_words(index: Any, points: Any, question_ids: Sequence[int]) -> Select[Any]:
    other = orm.aliased(index, name="other")
    return (
        select(
            index.post_id.label("question_id"),
            other.post_id.label("other_id"),
            exactly(points).label("points"),
        )
        .join_from(index, Word, index.word_id == Word.id)
        .join(other, other.word_id == Word.id)
        .where(index.post_id.in_(question_ids))
    )


def _same_category(question_ids: Sequence[int], frequency: int) -> Select[Any]:
    other: Any = orm.aliased(Post, name="other")
    same = and_(other.category_id == Category.id, other.type == VISIBLE_QUESTION)
    return (
        select(
            Post.id.label("question_id"),
            other.id.label("other_id"),
            exactly(rarity(Category.question_count, frequency=frequency)).label("points"),
        )
        .join_from(Post, Category, Post.category_id == Category.id)
        .join(other, same)
        .where(Post.id.in_(question_ids), is_rare(Category.question_count, frequency=frequency))
    )


def cut(found: Sequence[Related], *, window: Window) -> Page[PostRow]:
    """The part of the related questions that is wanted.

    :raises Invalid: if a cursor is not one of this list
    """
    rows = [(*related.question, related.points, related.question.id) for related in found]
    if window.after is not None:
        values = ORDER.values(window.after, field="after")
        rows = [row for row in rows if row[-2:] < values]
    if window.before is not None:
        values = ORDER.values(window.before, field="before")
        rows = [row for row in rows if row[-2:] > values]
    if window.backwards:
        rows.reverse()
    wanted = rows[: window.size + 1]
    return pages.paged(wanted, order=ORDER, window=window, width=len(COLUMNS), make=PostRow._make)
