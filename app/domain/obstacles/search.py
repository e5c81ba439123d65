"""Looking for obstacles in all accounts, some at a time; what they share is found in SQL."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import caseless
from app.domain.obstacles.emails import fault_of
from app.domain.obstacles.kinds import Finding, Obstacle
from app.domain.options import Options
from app.domain.viewers import COGNITO, Flag
from app.models import ExternalLogin, User

CHUNK = 1_000
BCRYPT = re.compile(r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}")
# Letters, marks, numbers, punctuation and symbols make a user name of Cognito; nothing else does.
NAME_CATEGORIES = frozenset("LMNPS")
SHARED: tuple[tuple[Any, Obstacle, Obstacle], ...] = (
    (User.email, Obstacle.EMAIL_SHARED, Obstacle.EMAIL_SIMILAR),
    (User.handle, Obstacle.HANDLE_SHARED, Obstacle.HANDLE_SIMILAR),
)
# Told how many accounts were looked at, and how many there are.
Progress = Callable[[int, int], None]


class _Account(NamedTuple):
    """An account, as far as its way into a pool depends on it."""

    id: int
    handle: str
    email: str
    flags: int
    hash: str | None
    has_salt: bool
    has_sha1: bool


COLUMNS = (
    User.id,
    User.handle,
    User.email,
    User.flags,
    User.password_hash,
    User.password_salt.is_not(None),
    User.password_sha1.is_not(None),
)


async def findings(
    connection: AsyncConnection, *, options: Options, tell: Progress
) -> AsyncIterator[Finding]:
    """Every obstacle of every account: first those that accounts share, then each account's own.

    Rows are streamed, so that memory does not grow with the site. Nothing is written.
    """
    for column, shared, similar in SHARED:
        async for finding in _same_but_for_case(connection, column, shared):
            yield finding
        async for finding in _same_to_the_database(connection, column, similar):
            yield finding
    total = (await connection.execute(select(func.count()).select_from(User))).scalar_one()
    done = 0
    async for accounts in _chunks(connection):
        sources = await _sources(connection, accounts)
        for account in accounts:
            for finding in _of_account(account, sources[account.id], options):
                yield finding
        done += len(accounts)
        tell(done, max(done, total))


async def _same_but_for_case(
    connection: AsyncConnection, column: Any, obstacle: Obstacle
) -> AsyncIterator[Finding]:
    """Cognito's idea of sameness, in a pool that is made as AWS advises."""
    together = _Together(column, caseless(column))
    async for finding in together.stream(connection, together.rows.c.count > 1, obstacle):
        yield finding


async def _same_to_the_database(
    connection: AsyncConnection, column: Any, obstacle: Obstacle
) -> AsyncIterator[Finding]:
    """What the column's collation takes for the same although more than case is different."""
    together = _Together(column, column)
    differs = together.rows.c.least != together.rows.c.greatest
    async for finding in together.stream(connection, differs, obstacle):
        yield finding


class _Together:
    """The accounts beside those that have the same in a column, by a key.

    They are sorted once, not joined: no server needs an index for it.
    """

    def __init__(self, column: Any, key: Any) -> None:
        same: dict[str, Any] = {"partition_by": key}
        columns: tuple[Any, ...] = (
            User.id.label("user_id"),
            User.handle,
            User.email,
            func.count().over(**same).label("count"),
            func.min(User.id).over(**same).label("first"),
            func.min(caseless(column)).over(**same).label("least"),
            func.max(caseless(column)).over(**same).label("greatest"),
        )
        self.rows = select(*columns).where(column != "").subquery("together")

    async def stream(
        self, connection: AsyncConnection, condition: Any, obstacle: Obstacle
    ) -> AsyncIterator[Finding]:
        columns = self.rows.c
        query = (
            select(columns.user_id, columns.handle, columns.email, columns.count, columns.first)
            .where(condition)
            .order_by(columns.first, columns.user_id)
        )
        async with connection.stream(query) as rows:
            async for id, handle, email, count, first in rows:
                detail = f"one of {count} accounts, of which {first} is the first"
                yield Finding(id, handle, email, obstacle, detail)


async def _chunks(connection: AsyncConnection) -> AsyncIterator[list[_Account]]:
    last = 0
    while True:
        query = select(*COLUMNS).where(User.id > last).order_by(User.id).limit(CHUNK)
        accounts = [_Account._make(row) for row in await connection.execute(query)]
        if not accounts:
            return
        yield accounts
        last = accounts[-1].id


async def _sources(
    connection: AsyncConnection, accounts: list[_Account]
) -> defaultdict[int, list[str]]:
    """By account the services by which it can be signed in to, besides the site's own password."""
    query = select(ExternalLogin.user_id, ExternalLogin.source).where(
        ExternalLogin.user_id.between(accounts[0].id, accounts[-1].id)
    )
    sources = defaultdict[int, list[str]](list)
    for user_id, source in await connection.execute(query):
        sources[user_id].append(source)
    return sources


def _of_account(account: _Account, sources: list[str], options: Options) -> Iterator[Finding]:
    found = [
        _of_email(account),
        _of_handle(account),
        _of_password(account, sources),
        _of_flags(account, options),
        _of_links(sources),
    ]
    for obstacle, detail in (entry for entry in found if entry):
        yield Finding(account.id, account.handle, account.email, obstacle, detail)
    if account.flags & Flag.BLOCKED:
        yield Finding(account.id, account.handle, account.email, Obstacle.BLOCKED, "")


def _of_email(account: _Account) -> tuple[Obstacle, str] | None:
    if not account.email.strip():
        return Obstacle.EMAIL_MISSING, ""
    fault = fault_of(account.email)
    return (Obstacle.EMAIL_INVALID, fault) if fault else None


def _of_handle(account: _Account) -> tuple[Obstacle, str] | None:
    wrong = [c for c in account.handle if unicodedata.category(c)[0] not in NAME_CATEGORIES]
    if not wrong and account.handle:
        return None
    names = sorted({unicodedata.name(c, f"U+{ord(c):04X}").lower() for c in wrong})
    return Obstacle.HANDLE_CHARACTERS, ", ".join(names) or "it is empty"


def _of_password(account: _Account, sources: list[str]) -> tuple[Obstacle, str] | None:
    if account.hash:
        known = BCRYPT.fullmatch(account.hash) is not None
        # Never a piece of the hash itself: reports are passed on.
        return None if known else (Obstacle.PASSWORD_UNKNOWN, "it is not bcrypt's")
    if account.has_salt and account.has_sha1:
        return Obstacle.PASSWORD_OLD, ""
    if account.has_salt or account.has_sha1:
        return Obstacle.PASSWORD_UNKNOWN, "half of the older form is missing"
    others = sorted({source for source in sources if source != COGNITO})
    if COGNITO in sources and not others:
        # Whoever came by the pool has never needed one here.
        return None
    return Obstacle.PASSWORD_MISSING, f"signs in by {', '.join(others)}" if others else ""


def _of_flags(account: _Account, options: Options) -> tuple[Obstacle, str] | None:
    if account.flags & Flag.CONFIRMED or not options.confirm_user_emails:
        return None
    return Obstacle.UNCONFIRMED, ""


def _of_links(sources: list[str]) -> tuple[Obstacle, str] | None:
    times = sources.count(COGNITO)
    if not times:
        return None
    return Obstacle.LINKED, f"by {times} identities" if times > 1 else ""
