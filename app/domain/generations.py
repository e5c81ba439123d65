"""Generations of rankings: each is a making of all of them, and readers see the last whole one."""

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database, isolation_of
from app.models.waggle import Ranking, RankingGeneration

ROWS_DELETED_AT_ONCE = 5_000


def seen() -> ScalarSelect[int]:
    """The generation that readers see; null where there is none."""
    finished = RankingGeneration.finished_at.is_not(None)
    return select(func.max(RankingGeneration.id)).where(finished).scalar_subquery()


def is_seen() -> ColumnElement[bool]:
    """The condition on a `Ranking` to be of the generation that readers see."""
    return Ranking.generation_id == func.coalesce(seen(), 0)


async def remove_old(db: Database) -> int:
    """Remove the generations before the one that is seen; one may be in the making meanwhile.

    :returns: how many rows were removed
    """
    async with db.connect() as connection:
        await connection.execution_options(isolation_level=isolation_of(connection))
        return await remove_before(connection, seen())


async def remove_unseen(connection: AsyncConnection, *, before: int) -> int:
    """Remove what makings before that generation have left that nobody sees.

    Those after it are let be: one of them may be in the making, and has overtaken this one.

    :returns: how many rows were removed
    """
    return await _remove(connection, and_(Ranking.generation_id < before, ~is_seen()))


async def remove_before(connection: AsyncConnection, generation: int | ScalarSelect[int]) -> int:
    """Remove the generations before that one, which is whole.

    :returns: how many rows were removed
    """
    return await _remove(connection, Ranking.generation_id < generation)


async def _remove(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Remove rows of rankings, some groups at a time, and the generations that are gone then."""
    removed = 0
    while True:
        async with connection.begin():
            chunk = await _oldest(connection, which)
            if chunk is None:
                break
            removed += (await connection.execute(delete(Ranking).where(*chunk))).rowcount
    await _forget_empty(connection)
    return removed


async def _forget_empty(connection: AsyncConnection) -> None:
    """Remove generations that have no rows, but the newest: it may be in the making.

    They are looked for first: a statement that reads rows of rankings and removes generations at
    once holds locks on both, and makings that overtake one another would end in deadlocks.
    """
    has_rows = select(Ranking.place).where(Ranking.generation_id == RankingGeneration.id).exists()
    newest = select(func.max(RankingGeneration.id)).scalar_subquery()
    empty = select(RankingGeneration.id).where(~has_rows, RankingGeneration.id < newest)
    async with connection.begin():
        ids = (await connection.execute(empty)).scalars().all()
    async with connection.begin():
        await connection.execute(delete(RankingGeneration).where(RankingGeneration.id.in_(ids)))


async def _oldest(
    connection: AsyncConnection, which: ColumnElement[bool]
) -> list[ColumnElement[bool]] | None:
    """What the first rows of a generation have in common, some `ROWS_DELETED_AT_ONCE` of them."""
    keys = (Ranking.generation_id, Ranking.scope, Ranking.group_id)
    query = select(*keys).where(which).order_by(*keys, Ranking.days, Ranking.place)
    first = (await connection.execute(query.limit(1))).first()
    if first is None:
        return None
    same = [Ranking.generation_id == first[0], Ranking.scope == first[1]]
    further = query.where(*same).offset(ROWS_DELETED_AT_ONCE).limit(1)
    last = (await connection.execute(further)).first()
    return same if last is None else [*same, Ranking.group_id <= last[2]]
