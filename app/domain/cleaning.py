"""Cleaning: removing rows that nobody will ask for again, some at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.transactions import transact
from app.db.zones import Zone, in_utc
from app.domain.delivering import MailStatus
from app.domain.limits import hour_of
from app.models import AddressLimit, CachedImage, User, UserLimit
from app.models.waggle import Digest, DoneRequest, Mail, Unsubscription

# How long a request may be repeated under its idempotency key.
REQUESTS_KEPT = timedelta(days=7)
# Mails that arrived, or that nobody wanted; and those that somebody should look at.
MAILS_KEPT = timedelta(days=30)
FAILED_MAILS_KEPT = timedelta(days=90)
# q2a drops scaled pictures that were not read for a day (FACTS 19).
PICTURES_KEPT = timedelta(days=1)
AT_ONCE = 1_000


class Refuse(NamedTuple):
    """Rows that can go: of which table, by which key, and which of them."""

    name: str
    model: type[Any]
    key: Sequence[Any]
    condition: ColumnElement[bool]


def refuse(*, now: datetime, zone: Zone) -> list[Refuse]:
    """Everything that can go by now.

    :param now: with a zone
    :param zone: that of q2a's tables
    """
    return [*_own(in_utc(now)), *_of_q2a(now, zone)]


def _own(moment: datetime) -> list[Refuse]:
    """In Waggle's own tables, which keep UTC as `moment` is."""
    delivered = Mail.status.in_([MailStatus.SENT.value, MailStatus.SKIPPED.value])
    failed = Mail.status.in_([MailStatus.FAILED.value, MailStatus.UNKNOWN.value])
    wish = (Unsubscription.user_id, Unsubscription.topic)
    return [
        Refuse(
            "requests",
            DoneRequest,
            (DoneRequest.sender, DoneRequest.key),
            DoneRequest.created_at < moment - REQUESTS_KEPT,
        ),
        Refuse("mails", Mail, (Mail.id,), delivered & (Mail.not_before < moment - MAILS_KEPT)),
        Refuse(
            "failed mails",
            Mail,
            (Mail.id,),
            failed & (Mail.not_before < moment - FAILED_MAILS_KEPT),
        ),
        Refuse("wishes of deleted accounts", Unsubscription, wish, _is_of_nobody(wish[0])),
        Refuse(
            "digests of deleted accounts", Digest, (Digest.user_id,), _is_of_nobody(Digest.user_id)
        ),
    ]


def _of_q2a(now: datetime, zone: Zone) -> list[Refuse]:
    """In q2a's tables: what it counts and caches for a while."""
    # A clock may be some minutes behind; q2a reads counters of other hours as 0 (FACTS 11).
    last_hour = hour_of(now) - 1
    return [
        Refuse(
            "counters of users",
            UserLimit,
            (UserLimit.user_id, UserLimit.action),
            UserLimit.period < last_hour,
        ),
        Refuse(
            "counters of addresses",
            AddressLimit,
            (AddressLimit.address, AddressLimit.action),
            AddressLimit.period < last_hour,
        ),
        Refuse(
            "scaled pictures",
            CachedImage,
            (CachedImage.type, CachedImage.blob_id),
            CachedImage.read_at < zone.to_local(now - PICTURES_KEPT),
        ),
    ]


async def remove(db: Database, *, what: Refuse, must_stop: Callable[[], bool]) -> int:
    """Remove such rows until there are none, or until asked to stop; it can be repeated.

    :returns: how many were removed
    """
    removed = 0
    while not must_stop():
        async with db.read() as connection:
            query = select(*what.key).where(what.condition).limit(AT_ONCE)
            keys = [tuple(row) for row in (await connection.execute(query)).all()]
        if keys:
            removed += await transact(db, partial(_delete, what=what, keys=keys))
        if len(keys) < AT_ONCE:
            break
    return removed


async def _delete(
    connection: AsyncConnection, *, what: Refuse, keys: Sequence[tuple[Any, ...]]
) -> int:
    # Somebody may have changed a row since: it has to be such a one still.
    these = tuple_(*what.key).in_(keys)
    statement = delete(what.model).where(these, what.condition)
    return (await connection.execute(statement)).rowcount


def _is_of_nobody(user_id: Any) -> ColumnElement[bool]:
    return ~exists().where(User.id == user_id)
