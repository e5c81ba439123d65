"""The outbox: mails that have to be sent, written with what they tell of (FACTS 16).

They are rows of the same transaction, so that a mail is sent exactly if its reason was committed;
a job delivers them, and adds what `unsubscribing.offer` gives.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.running import insert_row, insert_rows
from app.db.zones import in_utc
from app.domain import suppressing, unsubscribing
from app.domain.options import Options
from app.domain.writing import Writer
from app.models.waggle import Mail


class Recipient(NamedTuple):
    """Who gets a mail; `user_id` is None for the site's owner and for addresses left by guests."""

    email: str
    name: str = ""
    user_id: int | None = None


async def queue(
    connection: AsyncConnection,
    *,
    writer: Writer,
    kind: str,
    to: Recipient,
    subject: str,
    body: str,
) -> None:
    """Have a mail sent once the transaction is committed.

    None is queued if who gets it wants none like it, or if mail to the address is off.

    :param kind: what it is about, in a word or two, for those who look after the outbox
    :param body: plain text
    """
    if not await _is_wanted(connection, kind, to):
        return
    row = _row(writer.options, writer.now, kind, to, subject, body)
    await insert_row(connection, Mail, row)


async def queue_for_all(
    connection: AsyncConnection,
    *,
    options: Options,
    now: datetime,
    kind: str,
    recipients: Sequence[Recipient],
    subject: str,
    body: str,
) -> None:
    """Have the same mail sent to many, who have been asked already whether they want it.

    :param now: with a zone
    """
    rows = [_row(options, now, kind, to, subject, body) for to in recipients]
    if rows:
        await insert_rows(connection, Mail, rows)


def _row(
    options: Options, now: datetime, kind: str, to: Recipient, subject: str, body: str
) -> dict[Any, Any]:
    moment = in_utc(now)
    return {
        Mail.kind: kind,
        Mail.user_id: to.user_id,
        Mail.recipient: to.email,
        Mail.recipient_name: to.name,
        Mail.subject: _on_one_line(f"[{options.site_title}] {subject}"),
        Mail.body: body,
        Mail.created_at: moment,
        Mail.not_before: moment,
    }


async def _is_wanted(connection: AsyncConnection, kind: str, to: Recipient) -> bool:
    if await suppressing.found(connection, addresses=[to.email]):
        return False
    topic = unsubscribing.topic_of(kind)
    if topic is None or to.user_id is None:
        return True
    return bool(await unsubscribing.wants(connection, [to.user_id], topic))


def _on_one_line(subject: str) -> str:
    # A line break in a subject would begin another header.
    return " ".join(subject.split())[:1000]
