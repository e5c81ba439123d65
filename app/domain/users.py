"""Users: the columns that are read of them, the lists of them, and their standing."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import can_hold
from app.db.prepared import many, prepared
from app.db.running import rows_of, value_of
from app.domain import pages
from app.domain.options import Options, number_of
from app.domain.orders import Key, Order
from app.domain.pages import Page, Shape, Window
from app.domain.permits import Permit
from app.domain.viewers import Level
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


class UserOrder(Enum):
    POINTS = "points"
    NEWEST = "newest"
    SPECIAL = "special"


COLUMNS: Sequence[Any] = (
    *(getattr(User, name) for name in UserRow._fields[:-1]),
    UserPoints.points,
)
# Who must be allowed what to read the other lists (FACTS 9).
PERMITS = {
    UserOrder.NEWEST: Permit.VIEW_NEW_USERS_PAGE,
    UserOrder.SPECIAL: Permit.VIEW_SPECIAL_USERS_PAGE,
}
ORDERS = {
    # The index on points read backwards, the key that closes it included.
    UserOrder.POINTS: Order(
        "points", (Key(UserPoints.points, int, True), Key(UserPoints.user_id, int, True))
    ),
    UserOrder.NEWEST: Order(
        "newest-users", (Key(User.created_at, datetime, True), Key(User.id, int, True))
    ),
    UserOrder.SPECIAL: Order(
        "special-users", (Key(User.level, int, True), Key(User.handle, str), Key(User.id, int))
    ),
}


def rows() -> Select[Any]:
    """The columns of a `UserRow`."""
    return select(*COLUMNS).outerjoin_from(User, UserPoints, UserPoints.user_id == User.id)


async def by_ids(connection: AsyncConnection, *, ids: Sequence[int]) -> dict[int, UserRow]:
    found = await rows_of(connection, _by_ids(), {"ids": ids})
    return {row[0]: UserRow._make(row) for row in found}


@prepared
def _by_ids() -> Select[Any]:
    return rows().where(User.id.in_(many("ids")))


async def by_handle(connection: AsyncConnection, *, handle: str) -> UserRow | None:
    """The user with this handle; accents and case do not matter, unless several have it."""
    if not await can_hold(connection, column=User.handle, text=handle):
        return None
    same = await rows_of(connection, _by_handle(), {"handle": handle})
    found = [UserRow._make(row) for row in same]
    exact = [user for user in found if user.handle == handle]
    return next(iter(exact or found), None)


@prepared
def _by_handle() -> Select[Any]:
    return rows().where(User.handle == bindparam("handle")).order_by(User.id)


async def listing(
    connection: AsyncConnection, *, order_by: UserOrder, window: Window
) -> Page[UserRow]:
    """A page of users in one statement.

    :raises Invalid: if a cursor is not one of this list
    """
    order = ORDERS[order_by]
    if order_by is UserOrder.NEWEST:
        shape, _ = pages.shaped(order, window)
        return await pages.fetch(
            connection, _newest, shape, order=order, window=window, make=UserRow._make
        )
    return await pages.fetch(
        connection, _listed, order_by, order=order, window=window, make=UserRow._make
    )


def _listed(order_by: UserOrder) -> Select[Any]:
    if order_by is UserOrder.POINTS:
        # Who has no row of points is not ranked (FACTS 5).
        return select(*COLUMNS).join_from(UserPoints, User, UserPoints.user_id == User.id)
    return rows().where(User.level >= Level.EXPERT) if order_by is UserOrder.SPECIAL else rows()


def _newest(shape: Shape) -> Select[Any]:
    near = _times(shape)
    return rows().join(near, near.c.time == User.created_at)


def _times(shape: Shape) -> Any:
    """The seconds in which those joined who are in the window, read from an index alone.

    No index ends in the order that is wanted: level and flags stand between the time and the id.
    Joined to these times, what remains to be sorted is a page, and those of the same second.
    """
    order = ORDERS[UserOrder.NEWEST]
    times = pages.between(select(User.created_at.label("time")), order, shape)
    times = times.order_by(*order.clauses(backwards=shape.backwards)[:1])
    times = times.limit(bindparam("most", type_=Integer()))
    return select(times.subquery("nearest").c.time).distinct().subquery("near")


async def count(connection: AsyncConnection, *, order_by: UserOrder) -> int:
    """How many users the list has."""
    counted: int = await value_of(connection, _counted(order_by))
    return counted


@prepared
def _counted(order_by: UserOrder) -> Select[Any]:
    return _listed(order_by).with_only_columns(func.count())


async def ranks_by_points(connection: AsyncConnection, *, points: Sequence[int]) -> dict[int, int]:
    """The rank that points give: 1, and 1 more for everybody who has more (FACTS 5).

    The index on points is read once, from the top down to the lowest of `points`.
    """
    values = {"points": points, "least": min(points)}
    found = await rows_of(connection, _ranks_by_points(), values)
    return {points: int(above) + 1 for points, above in found}


@prepared
def _ranks_by_points() -> Select[Any]:
    above = func.sum(func.count()).over(order_by=UserPoints.points.desc()) - func.count()
    ranked = (
        select(UserPoints.points.label("points"), above.label("above"))
        .where(UserPoints.points >= bindparam("least"))
        .group_by(UserPoints.points)
        .subquery("ranked")
    )
    return select(ranked.c.points, ranked.c.above).where(ranked.c.points.in_(many("points")))


def title_of(points: int, options: Options) -> str:
    """The title that the points have earned; empty where none has been reached (FACTS 5)."""
    reached = (-1, "")
    for part in options.points_to_titles.split(","):
        threshold, _, title = part.strip().partition(" ")
        if title and points >= number_of(threshold) >= reached[0]:
            reached = (number_of(threshold), title.strip())
    return reached[1]
