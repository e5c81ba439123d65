"""Rows for tests of writing: a small community, its posts, and the figures recounted from them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.domain import audit, counters, points, recounts, word_index
from app.domain.options import load
from app.models import Option, Post, User, UserPoints
from app.models.kinds import KINDS, PostKind

BEGINNING = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001 - in the zone of the tables
HERE = b"\x7f\x00\x00\x01"


async def add_user(connection: AsyncConnection, **values: Any) -> int:
    """An account with a row of points; by default confirmed and with the lowest level."""
    number = await _next(connection, User.id)
    row = {
        "id": number,
        "handle": f"bee{number}",
        "email": f"bee{number}@example.org",
        "created_at": BEGINNING,
        "created_from": HERE,
        "signed_in_at": BEGINNING,
        "signed_in_from": HERE,
        "level": 0,
        "flags": 1,
    }
    await _insert(connection, User, row | values)
    await _insert(connection, UserPoints, {"user_id": number})
    return number


async def add_post(connection: AsyncConnection, type: str, **values: Any) -> int:
    """A post of a stored type, such as `Q` or `A_HIDDEN`, an hour younger than the one before."""
    number = await _next(connection, Post.id)
    row = {
        "id": number,
        "type": type,
        "content": f"How do bees fly, and why do {number} of them?",
        "created_at": BEGINNING + timedelta(hours=number),
        "title": "How do bees fly?" if KINDS[type] is PostKind.QUESTION else None,
        "tags": "" if KINDS[type] is PostKind.QUESTION else None,
    }
    await _insert(connection, Post, row | values)
    return number


async def set_option(connection: AsyncConnection, name: str, value: object) -> None:
    await _insert(connection, Option, {"name": name, "value": str(value)})


async def settle(connection: AsyncConnection) -> None:
    """Make every figure what the rows say."""
    options = await load(connection)
    questions = select(Post.id).where(Post.type.like("Q%"))
    for question_id in (await connection.execute(questions)).scalars().all():
        await recounts.answers(connection, options=options, question_id=question_id)
    post_ids = (await connection.execute(select(Post.id))).scalars().all()
    await word_index.renew(connection, post_ids=post_ids)
    people = (await connection.execute(select(User.id))).scalars().all()
    await points.recount(connection, options=options, user_ids=people)
    await counters.recount_options(connection)
    await counters.recount_categories(connection)


async def expect_no_differences(db: Database) -> None:
    """Every denormalised figure is what the rows say."""
    async with db.read() as connection:
        assert [str(difference) async for difference in audit.differences(connection)] == []


async def _next(connection: AsyncConnection, column: Any) -> int:
    last = (await connection.execute(select(func.max(column)))).scalar_one()
    return (last or 0) + 1


async def _insert(connection: AsyncConnection, model: Any, row: dict[str, Any]) -> None:
    values = {getattr(model, name): value for name, value in row.items()}
    await connection.execute(insert(model).values(values))
