"""The viewer: the person, signed in or a guest, in whose eyes everything is read."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import can_hold
from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain.errors import NotFound
from app.models import CategoryLevel, ExternalLogin, User, UserPoints

# The source of the rows of `userlogins` that tie a user pool's people to accounts.
COGNITO = "cognito"


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
        # Plain numbers: the enumeration's own take microseconds, and every right asks for some.
        return self.account is not None and bool(self.account.flags & flag.value)

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


_COLUMNS: tuple[Any, ...] = (
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
# A signed-in request asks for one of these.
_ACCOUNTS = (
    select(*_COLUMNS)
    .outerjoin(UserPoints, UserPoints.user_id == User.id)
    .outerjoin(
        CategoryLevel, and_(CategoryLevel.user_id == User.id, CategoryLevel.entity_type == "C")
    )
)


@prepared
def _by_id() -> Select[Any]:
    return _ACCOUNTS.where(User.id == bindparam("id"))


@prepared
def _by_subject() -> Select[Any]:
    # A person that q2a knows by the same `sub` twice is the older account.
    return (
        _ACCOUNTS.join(ExternalLogin, ExternalLogin.user_id == User.id)
        .where(
            ExternalLogin.source == COGNITO,
            ExternalLogin.identifier_md5 == bindparam("md5"),
            ExternalLogin.identifier == bindparam("identifier"),
        )
        .order_by(User.id)
    )


async def load(connection: AsyncConnection, *, identity: Identity) -> Viewer:
    """The viewer an identity stands for, in one statement; a guest where there is no such user."""
    if identity.user_id is None:
        return Viewer(cookie_id=identity.cookie_id, address=identity.address)
    rows = await rows_of(connection, _by_id(), {"id": identity.user_id})
    return _viewer(rows, identity)


async def reload(connection: AsyncConnection, *, viewer: Viewer) -> Viewer:
    """The same viewer with what the tables say of them now, in one statement; none for a guest.

    :raises NotFound: if the account is gone
    """
    if viewer.id is None:
        return viewer
    identity = Identity(viewer.id, viewer.cookie_id, viewer.address)
    found = await load(connection, identity=identity)
    if found.account is None:
        raise NotFound("Your account has just been deleted.")
    return found


async def by_subject(
    connection: AsyncConnection, *, subject: str, identity: Identity
) -> Viewer | None:
    """The viewer whose account is linked to a token's subject, in one statement.

    :param identity: what else is known of the request
    """
    rows = await rows_of(connection, _by_subject(), subject_columns(subject))
    return _viewer(rows, identity) if rows else None


async def by_session(
    connection: AsyncConnection, *, handle: str, code: str, identity: Identity
) -> Viewer | None:
    """The viewer whose q2a session has this code, in one statement (FACTS 12).

    q2a compares loosely, so that codes like 0e1 and 0e2 are the same there; here they are not.

    :param identity: what else is known of the request
    """
    if not await can_hold(connection, column=User.handle, text=handle):
        return None
    found = await rows_of(connection, _by_handle(), {"handle": handle})
    rows = [row for row in found if _is_same_code(row[-1], code)]
    return _viewer(rows, identity) if rows else None


@prepared
def _by_handle() -> Select[Any]:
    accounts = _ACCOUNTS.add_columns(User.session_code)
    return accounts.where(User.handle == bindparam("handle"))


def subject_columns(subject: str) -> dict[str, bytes]:
    """How `userlogins` names a subject: exactly, and by the md5 that its index is made of."""
    identifier = subject.encode()
    md5 = hashlib.md5(identifier, usedforsecurity=False).digest()
    return {"identifier": identifier, "md5": md5}


def _is_same_code(stored: str, given: str) -> bool:
    # An empty code is nobody's.
    return bool(stored) and hmac.compare_digest(stored.encode(), given.encode())


def _viewer(rows: Sequence[Any], identity: Identity) -> Viewer:
    if not rows:
        return Viewer(cookie_id=identity.cookie_id, address=identity.address)
    first = rows[0]
    return Viewer(
        account=Account._make((*first[:6], first[6] or 0)),
        cookie_id=identity.cookie_id,
        address=identity.address,
        category_levels={
            row[7]: row[8] or 0 for row in rows if row[0] == first[0] and row[7] is not None
        },
    )
