"""The outbox of a test's site: mails put into it, and what became of them."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from app.db import Database
from app.models.waggle import Mail
from tests.meadow import set_option


class Row(NamedTuple):
    """What the outbox says of a mail."""

    status: str
    attempts: int
    error: str
    waits: float
    message_id: str | None


async def make_site(db: Database, **options: object) -> None:
    options = {
        "site_title": "Meadow, 蜂の",
        "site_url": "https://www.bees.example/",
        "from_email": "no-reply@bees.example",
        **options,
    }
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)


async def add_mail(db: Database, recipient: str, **values: Any) -> int:
    row = {
        "kind": "welcome",
        "recipient": recipient,
        "recipient_name": "bee",
        "subject": "[Meadow] Welcome",
        "body": "Welcome!\n",
        "created_at": datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1),
        "not_before": datetime(2026, 1, 1),  # noqa: DTZ001 - ours are in UTC
        **values,
    }
    async with db.begin() as connection:
        attributes = {getattr(Mail, name): value for name, value in row.items()}
        added = await connection.execute(insert(Mail).values(attributes))
        return int(added.inserted_primary_key[0])  # type: ignore[index]


async def rows(db: Database) -> dict[str, Row]:
    """The mails by their recipients."""
    now = datetime.now(UTC).replace(tzinfo=None)
    columns = Mail.status, Mail.attempts, Mail.last_error, Mail.not_before, Mail.message_id
    async with db.read() as connection:
        found = (await connection.execute(select(Mail.recipient, *columns))).all()
    return {
        recipient: Row(status, attempts, error or "", (after - now).total_seconds(), message_id)
        for recipient, status, attempts, error, after, message_id in found
    }
