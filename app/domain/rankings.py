"""Rankings: who has earned the most points, of late or ever, anywhere or below one category or tag.

They are read from Waggle's own tables, which `ranking` fills once an hour.
"""

from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import Values, value_of
from app.domain import pages, users
from app.domain.generations import is_seen
from app.domain.orders import Key, Order
from app.domain.pages import Page, Window
from app.domain.users import UserRow
from app.domain.viewers import Flag
from app.models import User, UserPoints
from app.models.waggle import Ranking

# So many people stand in each ranking.
PLACES = 100
ORDER = Order("ranking", (Key(Ranking.points, int, True), Key(Ranking.user_id, int, True)))


class RankingPeriod(Enum):
    """When the points of a ranking were earned; the values are days back, 0: ever."""

    WEEK = 7
    MONTH = 30
    ALL = 0


class Scope(Enum):
    """What kind of thing a ranking is about; the values are the tables'."""

    EVERYTHING = "-"
    CATEGORY = "C"
    TAG = "T"


class Group(NamedTuple):
    """What a ranking is about: `id` is a category's id, or that of a tag's word."""

    scope: Scope = Scope.EVERYTHING
    id: int = 0


class RankedRow(NamedTuple):
    """Somebody in a ranking: `rank` is 1, and 1 more for everybody with more points."""

    rank: int
    points: int
    user: UserRow


async def listing(
    connection: AsyncConnection, *, group: Group, period: RankingPeriod, window: Window
) -> Page[RankedRow]:
    """A page of a ranking, as it was when the rankings were last made; one statement.

    :raises Invalid: if a cursor is not one of a ranking
    """
    return await pages.fetch(
        connection,
        _listed,
        values=_values(group, period),
        order=ORDER,
        window=window,
        make=lambda row: RankedRow(row[0], row[1], UserRow._make(row[2:])),
    )


async def count(connection: AsyncConnection, *, group: Group, period: RankingPeriod) -> int:
    """How many people stand in a ranking, `PLACES` at the most."""
    counted: int = await value_of(connection, _counted(), _values(group, period))
    return counted


def is_ranked() -> ColumnElement[bool]:
    """The condition on a `User` to stand in a ranking: whoever is blocked does not."""
    return User.flags.bitwise_and(Flag.BLOCKED.value) == 0


def _values(group: Group, period: RankingPeriod) -> Values:
    return {"in_scope": group.scope.value, "group": group.id, "period": period.value}


@prepared
def _counted() -> Select[Any]:
    return _listed().with_only_columns(func.count())


def _listed() -> Select[Any]:
    return (
        select(Ranking.standing, Ranking.points, *users.COLUMNS)
        .select_from(Ranking)
        .join(User, User.id == Ranking.user_id)
        .join(UserPoints, UserPoints.user_id == Ranking.user_id)
        .where(
            is_seen(),
            Ranking.scope == bindparam("in_scope"),
            Ranking.group_id == bindparam("group"),
            Ranking.days == bindparam("period"),
            # Somebody may have been blocked since.
            is_ranked(),
        )
    )
