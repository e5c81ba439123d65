"""Signing in with a password: whom a login name means, what is counted, what it leaves behind."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import can_hold
from app.domain.errors import RateLimited
from app.domain.limiting import counted_up
from app.domain.limits import SECONDS, counted_addresses, hour_of
from app.domain.options import Options
from app.models import AddressLimit, User, UserLimit

SIGN_IN = "L"
TOO_OFTEN = "There were too many attempts to sign in. Try again later."


class Candidate(NamedTuple):
    """An account that somebody wants to sign in to; the last three are its password's columns."""

    id: int
    handle: str
    email: str
    flags: int
    hash: str | None
    salt: bytes | None
    sha1: bytes | None


COLUMNS = (
    User.id,
    User.handle,
    User.email,
    User.flags,
    User.password_hash,
    User.password_salt,
    User.password_sha1,
)


async def find(connection: AsyncConnection, *, login: str, options: Options) -> Candidate | None:
    """The account that a login name means; None if it means none, or more than one (FACTS 12)."""
    login = login.strip()
    by_email = options.allow_login_email_only or "@" in login
    column = User.email if by_email else User.handle
    if not login or not await can_hold(connection, column=column, text=login):
        return None
    found = (await connection.execute(select(*COLUMNS).where(column == login).limit(2))).all()
    return Candidate._make(found[0]) if len(found) == 1 else None


async def by_id(connection: AsyncConnection, *, user_id: int) -> Candidate | None:
    """The account with this number."""
    row = (await connection.execute(select(*COLUMNS).where(User.id == user_id))).one_or_none()
    return Candidate._make(row) if row else None


async def count_attempt(
    connection: AsyncConnection,
    *,
    account: Candidate | None,
    address: bytes | None,
    options: Options,
    now: datetime,
) -> None:
    """Count an attempt to sign in for its address, or for the account where none is known.

    The row stays locked to the end of the transaction, so that nobody slips by. A refused attempt
    has to be rolled back: it counts no more than in q2a (FACTS 11).

    :raises RateLimited: if the hour allows no more
    """
    if address is not None:
        model: type[AddressLimit] | type[UserLimit] = AddressLimit
        keys: list[dict[Any, Any]] = [
            {AddressLimit.address: counted, AddressLimit.action: SIGN_IN}
            for counted in counted_addresses(address)
        ]
    elif account is not None:
        model, keys = UserLimit, [{UserLimit.user_id: account.id, UserLimit.action: SIGN_IN}]
    else:
        return
    hour = hour_of(now)
    if await counted_up(connection, model=model, keys=keys, hour=hour) > options.max_rate_ip_logins:
        raise RateLimited(TOO_OFTEN, retry_after=(hour + 1) * SECONDS - int(now.timestamp()))


async def record(
    connection: AsyncConnection,
    *,
    account: Candidate,
    better_hash: str | None,
    address: bytes | None,
    at: datetime,
) -> Candidate:
    """Note that the account was signed in to, and put bcrypt's hash in the place of an old one.

    :param better_hash: None: the account has a good one
    :param at: the site's local time
    :returns: the account as it is now
    """
    traces: dict[Any, Any] = {User.signed_in_at: at}
    if address:
        traces[User.signed_in_from] = address
    await connection.execute(update(User).where(User.id == account.id).values(traces))
    if better_hash is not None:
        # Whoever has changed the password since it was read, keeps what was changed.
        old = (User.password_sha1 == account.sha1, User.password_salt == account.salt)
        better: dict[Any, Any] = {
            User.password_hash: better_hash,
            User.password_salt: None,
            User.password_sha1: None,
        }
        await connection.execute(
            update(User).where(User.id == account.id, *old, _not_hashed()).values(better)
        )
    return await by_id(connection, user_id=account.id) or account


def _not_hashed() -> ColumnElement[bool]:
    """The condition that an account has no bcrypt hash, which q2a marks in either of two ways."""
    return User.password_hash.is_(None) | (User.password_hash == "")
