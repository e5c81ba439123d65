"""Delivering: what becomes of the mails in the outbox (FACTS 16).

A mail is claimed, and that is committed, before it is handed over: whatever happens then, nobody
takes it for one that still has to be sent. Times are the database's.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import utc_now
from app.models.waggle import Mail

LONGEST_ERROR = 1000
# What could not be sent for so long is given up, three days.
PATIENCE_SECONDS = 3 * 86400


class MailRow(NamedTuple):
    """A mail in the outbox. `is_old`: if it cannot be sent now, it will not be tried again."""

    id: int
    kind: str
    user_id: int | None
    recipient: str
    recipient_name: str
    subject: str
    body: str
    created_at: datetime
    attempts: int
    is_old: bool


class MailStatus(Enum):
    """What has become of a mail; the values are stored."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


async def waiting(connection: AsyncConnection, *, most: int) -> list[MailRow]:
    """The mails that are due, the ones that have waited longest first."""
    query = (
        select(
            Mail.id,
            Mail.kind,
            Mail.user_id,
            Mail.recipient,
            Mail.recipient_name,
            Mail.subject,
            Mail.body,
            Mail.created_at,
            Mail.attempts,
            (Mail.created_at < utc_now(-PATIENCE_SECONDS)).label("is_old"),
        )
        .where(Mail.status == MailStatus.WAITING.value, Mail.not_before <= utc_now(0))
        .order_by(Mail.not_before, Mail.id)
        .limit(most)
    )
    return [MailRow._make(row) for row in await connection.execute(query)]


class Backlog(NamedTuple):
    """The mails that are due, and for how long the first of them has been."""

    mails: int
    seconds: float


async def backlog(connection: AsyncConnection) -> Backlog:
    """How much is due that nobody has sent."""
    query = select(func.count(), func.min(Mail.not_before), utc_now(0)).where(
        Mail.status == MailStatus.WAITING.value, Mail.not_before <= utc_now(0)
    )
    mails, since, now = (await connection.execute(query)).one()
    return Backlog(mails, (now - since).total_seconds() if mails else 0.0)


async def claim(connection: AsyncConnection, *, mail_id: int, claim: str) -> bool:
    """Make a mail one's own, before it is sent; False if somebody else has it.

    :param claim: what nobody else calls theirs
    """
    this = update(Mail).where(Mail.id == mail_id, Mail.status == MailStatus.WAITING.value)
    values = {
        Mail.status: MailStatus.CLAIMED.value,
        Mail.claim: claim,
        Mail.claimed_at: utc_now(0),
        Mail.attempts: Mail.attempts + 1,
    }
    return bool((await connection.execute(this.values(values))).rowcount)


async def settle(
    connection: AsyncConnection,
    *,
    mail_id: int,
    claim: str,
    status: MailStatus,
    error: str | None = None,
    message_id: str | None = None,
) -> None:
    """Note what has become of a mail that was claimed.

    :param error: why it was not sent
    :param message_id: by what name it was taken
    """
    values: dict[Any, Any] = {Mail.status: status.value, Mail.last_error: _cut(error)}
    if status is MailStatus.SENT:
        values |= {Mail.sent_at: utc_now(0), Mail.message_id: message_id and message_id[:200]}
    await connection.execute(_claimed(mail_id, claim).values(values))


async def postpone(
    connection: AsyncConnection,
    *,
    mail_id: int,
    claim: str,
    seconds: int,
    error: str,
    is_attempt: bool,
) -> None:
    """Give a claimed mail back, to be sent later: it was surely not sent.

    :param is_attempt: whether it is the mail's own fault
    """
    values: dict[Any, Any] = {
        Mail.status: MailStatus.WAITING.value,
        Mail.claim: None,
        Mail.not_before: utc_now(seconds),
        Mail.last_error: _cut(error),
    }
    if not is_attempt:
        values[Mail.attempts] = Mail.attempts - 1
    await connection.execute(_claimed(mail_id, claim).values(values))


async def skip(connection: AsyncConnection, *, mail_ids: Sequence[int], reason: str) -> None:
    """Have mails that nobody has claimed not sent at all."""
    these = Mail.id.in_(mail_ids), Mail.status == MailStatus.WAITING.value
    values = {Mail.status: MailStatus.SKIPPED.value, Mail.last_error: _cut(reason)}
    await connection.execute(update(Mail).where(*these).values(values))


async def abandoned(connection: AsyncConnection, *, seconds: int) -> list[int]:
    """Mails that somebody claimed so long ago, and never said what became of them.

    They are `UNKNOWN` from then on, and not sent again unless somebody says so.
    """
    query = select(Mail.id).where(
        Mail.status == MailStatus.CLAIMED.value, Mail.claimed_at < utc_now(-seconds)
    )
    ids = list((await connection.execute(query.order_by(Mail.id))).scalars())
    values = {
        Mail.status: MailStatus.UNKNOWN.value,
        Mail.last_error: "the process ended while it was being sent",
    }
    for mail_id in ids:
        still = Mail.id == mail_id, Mail.status == MailStatus.CLAIMED.value
        await connection.execute(update(Mail).where(*still).values(values))
    return ids


async def send_again(connection: AsyncConnection, *, statuses: Sequence[MailStatus]) -> int:
    """Have mails sent of which that was given up; returns how many."""
    these = Mail.status.in_([status.value for status in statuses])
    values: dict[Any, Any] = {
        Mail.status: MailStatus.WAITING.value,
        Mail.claim: None,
        Mail.attempts: 0,
        Mail.not_before: utc_now(0),
    }
    return int((await connection.execute(update(Mail).where(these).values(values))).rowcount)


def _claimed(mail_id: int, claim: str) -> Any:
    return update(Mail).where(Mail.id == mail_id, Mail.claim == claim)


def _cut(text: str | None) -> str | None:
    return text and text[:LONGEST_ERROR]
