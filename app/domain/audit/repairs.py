"""Putting a figure right: counting it anew, in the database, while nobody else changes it."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.domain import counters, points, recounts, word_index
from app.domain.audit.differences import Difference
from app.domain.options import Options
from app.models import Option, Post, UserPoints, Word

VOTES = {column.key for column in recounts.vote_figures()}
ANSWERS = {"answer_count", "best_answer_score", "hotness"}


async def repair(connection: AsyncConnection, *, options: Options, difference: Difference) -> None:
    """Put one figure right. Others that are counted from it may differ afterwards."""
    model, keys, column = difference.model, difference.keys, difference.column
    if model is Post:
        await _repair_post(connection, options, difference)
    elif model is UserPoints:
        await points.recount(connection, options=options, user_ids=[keys["user_id"]])
    elif model is Word:
        word_ids = {table: [keys["id"]] for table in word_index.COUNTS}
        await word_index.recount(connection, word_ids=word_ids)
    elif model in word_index.COUNTS:
        await word_index.renew(connection, post_ids=[keys["post_id"]])
    elif model is Option:
        await _repair_counter(connection, keys["name"])
    else:
        await _store(connection, model, difference, column)


async def _repair_post(
    connection: AsyncConnection, options: Options, difference: Difference
) -> None:
    post_id, column = difference.keys["id"], difference.column
    await connection.execute(select(Post.id).where(Post.id == post_id).with_for_update())
    if column in VOTES:
        await recounts.votes(connection, post_id=post_id)
    elif column in ANSWERS:
        await recounts.answers(connection, options=options, question_id=post_id)
    else:
        await _store(connection, Post, difference, column)


async def _repair_counter(connection: AsyncConnection, name: str) -> None:
    """Store a counter; what is counted while others write may be off by what they add."""
    count = (await connection.execute(counters.definitions()[name])).scalar_one()
    row = {Option.name: name, Option.value: str(count)}
    changes = [(Option.value, str(count))]
    statement = upsert(connection.dialect.name, Option, [row], keys=[Option.name], changes=changes)
    await connection.execute(statement)


async def _store(
    connection: AsyncConnection, model: type[Any], difference: Difference, column: str | None
) -> None:
    if column is None:
        raise ValueError(f"{difference} is not a figure")
    named = [getattr(model, name) == value for name, value in difference.keys.items()]
    statement = update(model).where(*named)
    await connection.execute(statement.values({getattr(model, column): difference.counted}))
