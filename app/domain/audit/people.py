"""Points and the figures that they are made of (FACTS 5), and posts on walls."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import messages, points
from app.domain.audit.differences import Difference, Progress, chunks, compared
from app.domain.options import Options
from app.models import Message, User, UserPoints


async def differences(
    connection: AsyncConnection, options: Options, tell: Progress
) -> AsyncIterator[Difference]:
    """Figures of people that are not as they should be, and people without any."""
    async for chunk in chunks(connection, User.id, part="People", tell=tell):
        for difference in await _figures(connection, chunk, options):
            yield difference
        for difference in await _walls(connection, chunk):
            yield difference


async def _figures(connection: AsyncConnection, chunk: Any, options: Options) -> list[Difference]:
    counted = points.counted(options)
    figures = [UserPoints.points, UserPoints.bonus, *counted]
    query = select(User.id, UserPoints.user_id, *figures, *counted.values())
    query = query.outerjoin(UserPoints, UserPoints.user_id == User.id).where(chunk)
    found = []
    for id, present, *numbers in await connection.execute(query):
        if present is None:
            found.append(Difference(UserPoints, {"user_id": id}, None, "no row", "one"))
            continue
        stored = {figure.key: n for figure, n in zip(figures, numbers, strict=False)}
        recounted = {f.key: int(n) for f, n in zip(counted, numbers[len(figures) :], strict=True)}
        recounted["points"] = points.total(options, {**recounted, "bonus": stored["bonus"]})
        found += compared(UserPoints, {"user_id": id}, stored, recounted)
    return found


async def _walls(connection: AsyncConnection, chunk: Any) -> list[Difference]:
    on_wall = select(func.count()).where(
        Message.type == messages.PUBLIC, Message.recipient_id == User.id
    )
    counted = on_wall.correlate(User).scalar_subquery()
    query = select(User.id, User.wall_post_count, counted).where(chunk)
    return [
        Difference(User, {"id": id}, "wall_post_count", stored, count)
        for id, stored, count in await connection.execute(query)
        if stored != count
    ]
