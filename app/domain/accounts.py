"""Accounts of people whom a user pool knows: found, linked or made, and never twice (FACTS 12).

The link is a row of `userlogins` with the source `cognito` and the token's `sub`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES
from app.db.dialects import upsert
from app.domain import counters, handles, points, registering, welcomes
from app.domain.options import Options
from app.domain.sites import Site
from app.domain.viewers import COGNITO, Flag, Level, subject_columns
from app.models import ExternalLogin, Option, User

LONGEST_EMAIL = 80
# Whoever makes an account changes this counter in the end; meanwhile its row is the queue.
TURN = "cache_userpointscount"

# 0.0.0.0, in a column that wants an address where none is known.
NOWHERE = bytes(4)


@dataclass(frozen=True)
class Person:
    """Somebody as the user pool knows them.

    `wishes` are names that a handle may be made of, the best first. `groups` are the pool's.
    """

    subject: str
    email: str = ""
    email_verified: bool = False
    wishes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class AccountRow(NamedTuple):
    """An account, as far as a user pool may change it."""

    id: int
    handle: str
    email: str
    level: int
    flags: int


class Entry(NamedTuple):
    """How somebody came in; `created`: they had no account before."""

    account: AccountRow
    created: bool


_COLUMNS: tuple[Any, ...] = tuple(getattr(User, name) for name in AccountRow._fields)
# By the md5, which has an index, and then exactly: q2a's table has no unique key.
_BY_SUBJECT = (
    select(*_COLUMNS)
    .join(ExternalLogin, ExternalLogin.user_id == User.id)
    .where(
        ExternalLogin.source == COGNITO,
        ExternalLogin.identifier_md5 == bindparam("md5"),
        ExternalLogin.identifier == bindparam("identifier"),
    )
    .order_by(User.id)
    .limit(1)
)


async def find(connection: AsyncConnection, *, subject: str) -> AccountRow | None:
    """The account that is linked to a subject."""
    row = (await connection.execute(_BY_SUBJECT, subject_columns(subject))).one_or_none()
    return AccountRow._make(row) if row else None


async def link(connection: AsyncConnection, *, user_id: int, subject: str) -> None:
    """Let a subject stand for an account from now on; nothing happens if it stands for one."""
    await take_turn(connection)
    if await find(connection, subject=subject) is None:
        await _link(connection, user_id, subject)


async def take_turn(connection: AsyncConnection) -> None:
    """Wait until no other transaction links or makes accounts; the turn lasts until the commit.

    Statements that follow see what the others have committed (decision 21).
    """
    row = {Option.name: TURN, Option.value: "0"}
    await connection.execute(upsert(connection.dialect.name, Option, [row], keys=[Option.name]))


async def enter(
    connection: AsyncConnection, *, person: Person, site: Site, address: bytes | None, now: datetime
) -> Entry:
    """The account of somebody whom the user pool vouches for: found, else linked, else made.

    :param address: where they come from, 4 bytes or 16; None where only the user pool knows
    :param now: with a zone
    :raises NotAllowed: if there is no account, and none can be made now or from there
    :raises RateLimited: if too many have been made from there in this hour
    """
    await take_turn(connection)
    account = await find(connection, subject=person.subject)
    if account is not None:
        return Entry(account, created=False)
    account = await _with_email(connection, person)
    if account is not None:
        await _link(connection, account.id, person.subject)
        return Entry(account, created=False)
    registering.ensure_open(site.options, address=address)
    await registering.count(connection, options=site.options, address=address, now=now)
    at = site.zone.to_local(now)
    account = await _create(connection, person, site.options, address or NOWHERE, at)
    await welcomes.queue(
        connection,
        user_id=account.id,
        handle=account.handle,
        email=account.email,
        site=site,
        now=now,
    )
    return Entry(account, created=True)


def same_email(one: str, other: str) -> bool:
    """Whether two addresses are the same but for case; the column takes more for the same."""
    return one.strip().lower() == other.strip().lower() != ""


async def has_email(
    connection: AsyncConnection, *, email: str, except_by: int | None = None
) -> bool:
    """Whether somebody has the e-mail address, by the column's idea of sameness."""
    others = User.id != (except_by or 0)
    query = select(User.id).where(User.email == email, others).limit(1)
    return (await connection.execute(query)).first() is not None


def is_storable(email: str) -> bool:
    """Whether the column holds the address as it is."""
    fits = 0 < len(email) <= LONGEST_EMAIL and max(email) <= LAST_OF_THREE_BYTES
    # Halves of characters are not printable either.
    return fits and email.isprintable()


async def _with_email(connection: AsyncConnection, person: Person) -> AccountRow | None:
    """The only account with the person's address, if the pool has verified that it is theirs.

    An account that somebody else of the pool has already is not, unless its address is confirmed.
    """
    if not person.email_verified or not is_storable(person.email.strip()):
        return None
    query = select(*_COLUMNS).where(User.email == person.email.strip()).limit(2)
    found = [AccountRow._make(row) for row in (await connection.execute(query)).all()]
    if len(found) != 1 or not same_email(found[0].email, person.email):
        # To the column jose@ and josé@ are one address; they need not be one person's.
        return None
    if not found[0].flags & Flag.CONFIRMED and await _is_linked(connection, found[0].id):
        # Whoever signs in there may have given any address as theirs, to be met by its owner.
        return None
    return found[0]


async def _is_linked(connection: AsyncConnection, user_id: int) -> bool:
    query = select(ExternalLogin.user_id).where(
        ExternalLogin.user_id == user_id, ExternalLogin.source == COGNITO
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def _create(
    connection: AsyncConnection, person: Person, options: Options, address: bytes, at: datetime
) -> AccountRow:
    email = person.email.strip()
    if not is_storable(email) or await has_email(connection, email=email):
        # Too long, or somebody else's as far as anybody can tell: addresses stay unique.
        email = ""
    wishes = (*person.wishes, person.email)
    values: dict[Any, Any] = {
        User.created_at: at,
        User.created_from: address,
        User.signed_in_at: at,
        User.signed_in_from: address,
        User.handle: await handles.free(connection, wishes=wishes, options=options),
        User.email: email,
        User.level: Level.BASIC.value,
        User.flags: _first_flags(options, is_confirmed=bool(email) and person.email_verified),
    }
    made = await connection.execute(insert(User).values(values))
    assert made.inserted_primary_key is not None
    user_id: int = made.inserted_primary_key[0]
    await _link(connection, user_id, person.subject)
    # Makes the row of points with it, and counts that.
    await points.recount(connection, options=options, user_ids=[user_id], figures=())
    await counters.add_to_options(connection, changes={"cache_uapprovecount": 1})
    return AccountRow(user_id, *(values[column] for column in _COLUMNS[1:]))


def _first_flags(options: Options, *, is_confirmed: bool) -> int:
    flags = Flag(0)
    if options.show_notice_welcome:
        flags |= Flag.WELCOME_PENDING
    if is_confirmed:
        return (flags | Flag.CONFIRMED).value
    if options.confirm_user_emails and options.confirm_user_required:
        flags |= Flag.MUST_CONFIRM
    return flags.value


async def _link(connection: AsyncConnection, user_id: int, subject: str) -> None:
    columns = subject_columns(subject)
    values: dict[Any, Any] = {
        ExternalLogin.user_id: user_id,
        ExternalLogin.source: COGNITO,
        ExternalLogin.identifier: columns["identifier"],
        ExternalLogin.identifier_md5: columns["md5"],
    }
    await connection.execute(insert(ExternalLogin).values(values))
