"""Users: the columns that are read of them, and what the site says about each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.options import Options, number_of
from app.models import User, UserPoints


class UserRow(NamedTuple):
    """One account. `points` is None where the account has no row of points (FACTS 5)."""

    id: int
    handle: str
    email: str
    level: int
    flags: int
    created_at: datetime
    avatar_blob_id: int | None
    wall_post_count: int
    points: int | None


COLUMNS: Sequence[Any] = (
    *(getattr(User, name) for name in UserRow._fields[:-1]),
    UserPoints.points,
)


def rows() -> Select[Any]:
    """The columns of a `UserRow`."""
    return select(*COLUMNS).outerjoin_from(User, UserPoints, UserPoints.user_id == User.id)


async def by_ids(connection: AsyncConnection, *, ids: Sequence[int]) -> dict[int, UserRow]:
    found = (await connection.execute(rows().where(User.id.in_(ids)))).all()
    return {row[0]: UserRow._make(row) for row in found}


def title_of(points: int, options: Options) -> str:
    """The title that the points have earned; empty where none has been reached (FACTS 5)."""
    reached = (-1, "")
    for part in options.points_to_titles.split(","):
        threshold, _, title = part.strip().partition(" ")
        if title and points >= number_of(threshold) >= reached[0]:
            reached = (number_of(threshold), title)
    return reached[1]
