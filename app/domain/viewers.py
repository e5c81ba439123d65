"""The viewer: the person, signed in or a guest, in whose eyes everything is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import CategoryLevel, User, UserPoints


class Level(IntEnum):
    """How much a person is trusted; tests are always "at least" (FACTS 9)."""

    BASIC = 0
    APPROVED = 10
    EXPERT = 20
    EDITOR = 50
    MODERATOR = 80
    ADMIN = 100
    SUPER = 120


class Flag(IntFlag):
    """Bits of `users.flags` (FACTS 9)."""

    CONFIRMED = 1
    BLOCKED = 2
    SHOW_AVATAR = 4
    SHOW_GRAVATAR = 8
    NO_MESSAGES = 16
    NO_MAILINGS = 32
    WELCOME_PENDING = 64
    MUST_CONFIRM = 128
    NO_WALL_POSTS = 256
    MUST_BE_APPROVED = 512


@dataclass(frozen=True)
class Identity:
    """Who a request says it comes from, before the account is looked up.

    `address` is the client's, as inet_pton gives it: 4 bytes or 16.
    """

    user_id: int | None = None
    cookie_id: int | None = None
    address: bytes = b"\x7f\x00\x00\x01"


class Account(NamedTuple):
    """The viewer's own account."""

    id: int
    handle: str
    email: str
    level: int
    flags: int
    created_at: datetime
    points: int


@dataclass(frozen=True)
class Viewer:
    """Everything about the viewer that rules ask for. A guest has no account.

    `category_levels` maps ids of categories to the extra level that the viewer has in them.
    """

    account: Account | None = None
    cookie_id: int | None = None
    address: bytes = b"\x7f\x00\x00\x01"
    category_levels: Mapping[int, int] = field(default_factory=dict)

    @property
    def id(self) -> int | None:
        return self.account.id if self.account else None

    @property
    def points(self) -> int:
        return self.account.points if self.account else 0

    def has(self, flag: Flag) -> bool:
        return self.account is not None and bool(self.account.flags & flag)

    def level_in(self, category_ids: Iterable[int | None]) -> int:
        """The level that counts for a post on this path of categories (FACTS 9)."""
        own = self.account.level if self.account else 0
        if not self.category_levels:
            return own
        return max([own, *(self.category_levels.get(id or 0, 0) for id in category_ids)])

    @property
    def highest_level(self) -> int:
        """The level that counts where no single post is concerned."""
        own = self.account.level if self.account else 0
        return max([own, *self.category_levels.values()])

    def wrote(self, author_id: int | None, cookie_id: int | None) -> bool:
        """Whether the viewer is the author: by account, or as a guest by cookie (FACTS 10)."""
        if self.account is not None:
            return author_id == self.account.id
        return author_id is None and cookie_id is not None and cookie_id == self.cookie_id


async def load(connection: AsyncConnection, *, identity: Identity) -> Viewer:
    """The viewer an identity stands for, in one statement; a guest where there is no such user."""
    if identity.user_id is None:
        return Viewer(cookie_id=identity.cookie_id, address=identity.address)

    query = (
        select(
            User.id,
            User.handle,
            User.email,
            User.level,
            User.flags,
            User.created_at,
            UserPoints.points,
            CategoryLevel.entity_id,
            CategoryLevel.level,
        )
        .outerjoin(UserPoints, UserPoints.user_id == User.id)
        .outerjoin(
            CategoryLevel,
            and_(CategoryLevel.user_id == User.id, CategoryLevel.entity_type == "C"),
        )
        .where(User.id == identity.user_id)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return Viewer(cookie_id=identity.cookie_id, address=identity.address)
    first = rows[0]
    return Viewer(
        account=Account(*first[:6], points=first[6] or 0),
        cookie_id=identity.cookie_id,
        address=identity.address,
        category_levels={row[7]: row[8] or 0 for row in rows if row[7] is not None},
    )
