"""Making the rankings: who has earned the most points, anywhere, below each category, by each tag.

A making is a generation of rows that nobody sees until it is whole: then one row is changed, and
readers see it from their next statement on. Everything is summed up in the database, a chunk of
posts or a handful of tags at a time, so that neither it nor this process keeps much in memory.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Insert,
    Select,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from app.db import Database, isolation_of
from app.db.zones import in_utc
from app.domain import earnings
from app.domain.categories import CategoryTree, below
from app.domain.earnings import QUESTION, Since
from app.domain.generations import remove_before, remove_unseen
from app.domain.options import Options
from app.domain.rankings import PLACES, RankingPeriod, Scope, is_ranked
from app.domain.sites import Site
from app.models import Post, PostTag, User, UserPoints, Word
from app.models.waggle import RANKING_EARNINGS, Ranking, RankingGeneration

POSTS_AT_ONCE = 10_000
# Tags are taken together up to so many questions, and so many are looked up at once.
QUESTIONS_AT_ONCE = 4_000
TAGS_AT_ONCE = 1_000
# Told what is done, how far, and how far it goes.
Progress = Callable[[str, int, int], None]
COLUMNS = {
    RankingPeriod.ALL: "ever",
    RankingPeriod.MONTH: "month",
    RankingPeriod.WEEK: "week",
}


class Overtaken(Exception):
    """Another making has begun; this one's rankings will be seen by nobody."""


async def make(db: Database, *, site: Site, now: datetime, tell: Progress) -> int:
    """Make all rankings anew and show them; former ones are removed then.

    If it is interrupted, readers go on seeing the former ones, and the next making removes what
    there is of this one.

    :param now: with a zone; the periods end then
    :returns: how many places there are in all of them
    :raises Overtaken: if another making has begun since
    """
    async with _working(db) as connection:
        generation = await _begin(connection, now)
        await remove_unseen(connection, before=generation)
        await _earn(connection, site.options, _since(site, now), tell)
        await _rank_everybody(connection, generation)
        await _rank_categories(connection, generation, site.categories, tell)
        await _rank_tags(connection, generation, tell)
        places = await _finish(connection, generation)
        await remove_before(connection, generation)
        return places


def _since(site: Site, now: datetime) -> Since:
    month, week = (
        site.zone.to_local(now - timedelta(days=period.value))
        for period in (RankingPeriod.MONTH, RankingPeriod.WEEK)
    )
    return Since(month, week)


@asynccontextmanager
async def _working(db: Database) -> AsyncIterator[AsyncConnection]:
    """A connection with an empty table of earnings, which is gone with the connection."""
    async with db.connect() as connection:
        await connection.execution_options(isolation_level=isolation_of(connection))
        try:
            async with connection.begin():
                await connection.execute(CreateTable(RANKING_EARNINGS))
            yield connection
        finally:
            await connection.invalidate()


async def _begin(connection: AsyncConnection, now: datetime) -> int:
    """A new generation; from now on those that are unfinished cannot be finished."""
    values = {RankingGeneration.started_at: in_utc(now)}
    async with connection.begin():
        made = await connection.execute(insert(RankingGeneration).values(values))
        key = made.inserted_primary_key
        assert key is not None
    generation = int(key[0])
    # In a transaction of its own: two that begin at once would wait for each other's new row.
    async with connection.begin():
        unfinished = RankingGeneration.finished_at.is_(None)
        others = (unfinished, RankingGeneration.id < generation)
        await connection.execute(delete(RankingGeneration).where(*others))
    return generation


async def _earn(
    connection: AsyncConnection, options: Options, since: Since, tell: Progress
) -> None:
    """Fill the table of earnings, chunk by chunk of the posts."""
    async with connection.begin():
        last = (await connection.execute(select(func.max(Post.id)))).scalar_one() or 0
        await _keep(connection, earnings.of_late(options, since=since))
        await _keep(connection, earnings.by_voting(options, since=since))
    for start in range(0, last + 1, POSTS_AT_ONCE):
        tell("Points", start, last)
        end = start + POSTS_AT_ONCE - 1
        async with connection.begin():
            for found in earnings.of_posts(options, since=since, first_id=start, last_id=end):
                await _keep(connection, found)
    tell("Points", last, last)


async def _keep(connection: AsyncConnection, found: Select[Any]) -> None:
    columns = [column.name for column in RANKING_EARNINGS.columns]
    await connection.execute(insert(RANKING_EARNINGS).from_select(columns, found))


async def _rank_everybody(connection: AsyncConnection, generation: int) -> None:
    """Everybody: by all their points as they stand, and by what they have earned of late."""
    no_group = literal(0)
    columns: list[Any] = [UserPoints.user_id, UserPoints.points]
    stored = select(no_group.label("group_id"), no_group.label("days"), *columns)
    table = RANKING_EARNINGS.c
    of_late = _summed(no_group).where(or_(table.month != 0, table.week != 0))
    scores = _by_period(of_late, [RankingPeriod.MONTH, RankingPeriod.WEEK])
    async with connection.begin():
        await connection.execute(_placed(generation, Scope.EVERYTHING, stored))
        await connection.execute(_placed(generation, Scope.EVERYTHING, _gained(scores)))


async def _rank_categories(
    connection: AsyncConnection, generation: int, tree: CategoryTree, tell: Progress
) -> None:
    """Below each category, by what posts have earned in visible questions there."""
    for done, category in enumerate(tree.by_id.values(), start=1):
        found = (
            _summed(literal(category.id))
            .join_from(Post, RANKING_EARNINGS, RANKING_EARNINGS.c.question_id == Post.id)
            .where(Post.type == QUESTION, below(tree, category))
        )
        async with connection.begin():
            scores = _gained(_by_period(found, list(RankingPeriod)))
            await connection.execute(_placed(generation, Scope.CATEGORY, scores))
        tell("Categories", done, len(tree.by_id))


async def _rank_tags(connection: AsyncConnection, generation: int, tell: Progress) -> None:
    """By each tag, by what posts have earned in visible questions that carry it."""
    async with connection.begin():
        last = (await connection.execute(select(func.max(Word.id)))).scalar_one() or 0
    async for first_id, last_id in _batches_of_tags(connection):
        found = (
            _summed(PostTag.word_id)
            .join_from(PostTag, RANKING_EARNINGS, RANKING_EARNINGS.c.question_id == PostTag.post_id)
            .where(PostTag.word_id.between(first_id, last_id))
            .group_by(PostTag.word_id)
        )
        async with connection.begin():
            scores = _gained(_by_period(found, list(RankingPeriod)))
            await connection.execute(_placed(generation, Scope.TAG, scores))
        tell("Tags", last_id, last)


async def _batches_of_tags(connection: AsyncConnection) -> AsyncIterator[tuple[int, int]]:
    """Ranges of `words` ids, each with some `QUESTIONS_AT_ONCE` tagged questions, or one tag."""
    first_id, last_id, questions = 0, 0, 0
    while True:
        query = select(Word.id, Word.tag_count).where(Word.tag_count > 0, Word.id > last_id)
        query = query.order_by(Word.id).limit(TAGS_AT_ONCE)
        async with connection.begin():
            found = (await connection.execute(query)).all()
        for id, tag_count in found:
            if questions and questions + tag_count > QUESTIONS_AT_ONCE:
                yield first_id, last_id
                first_id, questions = last_id + 1, 0
            last_id, questions = id, questions + tag_count
        if len(found) < TAGS_AT_ONCE:
            break
    if questions:
        yield first_id, last_id


def _summed(group_id: Any) -> Select[Any]:
    """What people have earned in a group; `group_id` has to be grouped by unless it is a value."""
    table = RANKING_EARNINGS.c
    sums = [func.sum(table[name]).label(name) for name in earnings.Earned._fields]
    query = select(group_id.label("group_id"), table.user_id, *sums).group_by(table.user_id)
    # What is in the groups is small and found by an index; the other way round takes everything.
    return query.prefix_with("STRAIGHT_JOIN", dialect="mysql")


def _by_period(summed: Select[Any], periods: Sequence[RankingPeriod]) -> Select[Any]:
    """A row for each period in place of a column."""
    found = summed.subquery("found")
    days = union_all(*(select(literal(p.value).label("days")) for p in periods)).subquery("periods")
    value = case(*((days.c.days == p.value, found.c[COLUMNS[p]]) for p in periods))
    return select(found.c.group_id, found.c.user_id, days.c.days, value.label("points")).join_from(
        found, days, true()
    )


def _gained(scores: Select[Any]) -> Select[Any]:
    """Those who have more than nothing: nobody is at the top with less."""
    found = scores.subquery("scores")
    return select(found).where(found.c.points > 0)


def _placed(generation: int, scope: Scope, scores: Select[Any]) -> Insert:
    """Store the first `PLACES` of each ranking, in the order of the site's list of users."""
    found = scores.subquery("gained")
    order = [found.c.points.desc(), found.c.user_id.desc()]
    place = func.row_number().over(partition_by=[found.c.group_id, found.c.days], order_by=order)
    placed = (
        select(*found.c, place.label("place"))
        .join(User, User.id == found.c.user_id)
        .join(UserPoints, UserPoints.user_id == found.c.user_id)
        .where(is_ranked())
        .subquery("placed")
    )
    # The first of those with the same points has as many above as all of them.
    alike = [placed.c.group_id, placed.c.days, placed.c.points]
    standing = func.min(placed.c.place).over(partition_by=alike)
    columns = ("group_id", "days", "place", "user_id", "points")
    rows = select(
        literal(generation),
        literal(scope.value),
        *(placed.c[name] for name in columns),
        standing,
    ).where(placed.c.place <= PLACES)
    names = ["generation_id", "scope", *columns, "standing"]
    return insert(Ranking).from_select(names, rows)


async def _finish(connection: AsyncConnection, generation: int) -> int:
    """Let readers see the generation.

    :returns: how many places it has
    :raises Overtaken: if another making has begun since, and removed some of it
    """
    values = {RankingGeneration.finished_at: in_utc(datetime.now(UTC))}
    ours = RankingGeneration.id == generation
    counted = select(func.count()).where(Ranking.generation_id == generation)
    async with connection.begin():
        finished = await connection.execute(update(RankingGeneration).where(ours).values(values))
        if not finished.rowcount:
            raise Overtaken("Somebody else has begun to make rankings.")
        places: int = (await connection.execute(counted)).scalar_one()
    return places
