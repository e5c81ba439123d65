"""Arrivals: what changes in an account when its owner comes with a new token (FACTS 9, 12)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import accounts, counters, handles, points
from app.domain.accounts import AccountRow, Person
from app.domain.options import Options
from app.domain.sites import Site
from app.domain.viewers import Flag, Level
from app.models import User, UserPoints

ALL_FLAGS = 0xFFFF


@dataclass(frozen=True)
class Rules:
    """What the owner has set up for people of a user pool.

    `group_levels` maps groups to levels that are the pool's to give and to take; `follow` names
    what an account takes over when it has changed in the pool: `email`, `handle`.
    """

    group_levels: Mapping[str, int] = field(default_factory=dict)
    follow: Collection[str] = ()


async def record(
    connection: AsyncConnection,
    *,
    account: AccountRow,
    person: Person,
    rules: Rules,
    site: Site,
    address: bytes,
    issued_at: datetime,
    now: datetime,
) -> None:
    """Note that somebody came with a new token, and take over what it says.

    :param account: theirs, as it is in the database
    :param issued_at: when the token was issued, with a zone; so is `now`
    """
    if _changes_what_is_unique_or_counted(account, person, rules):
        await accounts.take_turn(connection)
    changes = _flag_changes(account, person)
    changes |= await _changed_email(connection, account, person, rules, site.options)
    changes |= await _changed_handle(connection, account, person, rules)
    changes |= _changed_level(account, person, rules)
    this = update(User).where(User.id == account.id)
    if changes:
        await connection.execute(this.values(changes))
    # At most once for a token, however many processes see it.
    unseen = this.where(User.signed_in_at < site.zone.to_local(issued_at))
    traces = {User.signed_in_at: site.zone.to_local(now), User.signed_in_from: address}
    await connection.execute(unseen.values(traces))
    await _count(connection, account, changes.get(User.level, account.level), site.options)


def level_by_groups(current: int, *, groups: Iterable[str], group_levels: Mapping[str, int]) -> int:
    """The level of somebody who is in these groups.

    A level that groups can give is taken from whoever is in none of them; all others stay.
    """
    managed = set(group_levels.values())
    given = max((group_levels[group] for group in groups if group in group_levels), default=None)
    if given is not None:
        return given if given > current or current in managed else current
    return Level.APPROVED.value if current in managed else current


def _changes_what_is_unique_or_counted(account: AccountRow, person: Person, rules: Rules) -> bool:
    return bool(rules.follow) or bool(_changed_level(account, person, rules))


def _flag_changes(account: AccountRow, person: Person) -> dict[Any, Any]:
    """Who has confirmed their address to the pool need not confirm it again."""
    proven = person.email_verified and accounts.same_email(person.email, account.email)
    if proven and (account.flags & (Flag.CONFIRMED | Flag.MUST_CONFIRM)) != Flag.CONFIRMED:
        return {User.flags: _with_flags(set_=Flag.CONFIRMED, cleared=Flag.MUST_CONFIRM)}
    return {}


async def _changed_email(
    connection: AsyncConnection,
    account: AccountRow,
    person: Person,
    rules: Rules,
    options: Options,
) -> dict[Any, Any]:
    email = person.email.strip()
    if "email" not in rules.follow or email == account.email or not accounts.is_storable(email):
        return {}
    if await accounts.has_email(connection, email=email, except_by=account.id):
        return {}
    if accounts.same_email(email, account.email):
        return {User.email: email}
    if person.email_verified:
        flags = _with_flags(set_=Flag.CONFIRMED, cleared=Flag.MUST_CONFIRM)
    elif options.confirm_user_emails and options.confirm_user_required:
        flags = _with_flags(set_=Flag.MUST_CONFIRM, cleared=Flag.CONFIRMED)
    else:
        flags = _with_flags(set_=Flag(0), cleared=Flag.CONFIRMED)
    return {User.email: email, User.flags: flags}


async def _changed_handle(
    connection: AsyncConnection, account: AccountRow, person: Person, rules: Rules
) -> dict[Any, Any]:
    wish = person.wishes[0] if person.wishes else ""
    if "handle" not in rules.follow or not wish or wish == account.handle:
        return {}
    # What q2a would not accept, or somebody else has, is not taken over in another form.
    if handles.made_valid(wish) != wish:
        return {}
    taken = await handles.is_taken(connection, handle=wish, except_by=account.id)
    return {} if taken else {User.handle: wish}


def _changed_level(account: AccountRow, person: Person, rules: Rules) -> dict[Any, Any]:
    level = level_by_groups(account.level, groups=person.groups, group_levels=rules.group_levels)
    return {} if level == account.level else {User.level: level}


def _with_flags(*, set_: Flag, cleared: Flag) -> Any:
    # In SQL: q2a may be blocking the account at this moment.
    return User.flags.bitwise_and(ALL_FLAGS & ~cleared.value).bitwise_or(set_.value)


async def _count(
    connection: AsyncConnection, account: AccountRow, level: int, options: Options
) -> None:
    """Keep right what is counted of accounts; q2a makes missing rows of points at a login, too."""
    has_points = select(UserPoints.user_id).where(UserPoints.user_id == account.id)
    if (await connection.execute(has_points)).first() is None:
        await points.recount(connection, options=options, user_ids=[account.id])
    if not account.flags & Flag.BLOCKED:
        waiting = int(level < Level.APPROVED) - int(account.level < Level.APPROVED)
        await counters.add_to_options(connection, changes={"cache_uapprovecount": waiting})
