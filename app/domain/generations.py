"""Generations of rankings: each is a making of all of them, and readers see the last whole one."""

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, select
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
        return await remove(connection, Ranking.generation_id < seen())


async def remove(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Remove rows of rankings, some groups at a time, and the generations that are gone then."""
    removed = 0
    while True:
        async with connection.begin():
            chunk = await _oldest(connection, which)
            if chunk is None:
                break
            removed += (await connection.execute(delete(Ranking).where(*chunk))).rowcount
    without_rows = (
        ~select(Ranking.place).where(Ranking.generation_id == RankingGeneration.id).exists()
    )
    # MySQL reads the table that it changes only where it has to make a copy of what it reads.
    newest = select(func.max(RankingGeneration.id)).subquery("newest")
    is_past = RankingGeneration.id < select(newest.c[0]).scalar_subquery()
    async with connection.begin():
        await connection.execute(delete(RankingGeneration).where(without_rows, is_past))
    return removed


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
