"""Addresses that get no mail: the last one came back, or was called spam.

They belong to the site, not to an account: the same holds for whoever else gives such an address.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert, utc_now
from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.models.waggle import SuppressedAddress

LONGEST_DETAIL = 500


class MailStopReason(Enum):
    """Why an address gets no mail; the values are stored."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


class Suppression(NamedTuple):
    """An address that gets no mail. `since` is in UTC, without a zone."""

    address: str
    reason: MailStopReason
    since: datetime


async def suppress(
    connection: AsyncConnection, *, address: str, reason: MailStopReason, detail: str
) -> None:
    """Send no more mails to an address; a complaint outweighs a bounce.

    :param detail: what was said of it, for those who look after the site
    """
    row = {
        SuppressedAddress.address: folded(address),
        SuppressedAddress.reason: reason.value,
        SuppressedAddress.detail: detail[:LONGEST_DETAIL],
        SuppressedAddress.created_at: utc_now(0),
    }
    changes = []
    if reason is MailStopReason.COMPLAINT:
        changes = [
            (SuppressedAddress.reason, reason.value),
            (SuppressedAddress.detail, detail[:LONGEST_DETAIL]),
        ]
    keys = [SuppressedAddress.address]
    await connection.execute(
        upsert(connection.dialect.name, SuppressedAddress, [row], keys=keys, changes=changes)
    )


async def forget(connection: AsyncConnection, *, address: str) -> bool:
    """Send mails to an address again; returns whether there was anything to forget."""
    this = delete(SuppressedAddress).where(SuppressedAddress.address == folded(address))
    return bool((await connection.execute(this)).rowcount)


async def found(connection: AsyncConnection, *, addresses: Iterable[str]) -> dict[str, Suppression]:
    """Those of the addresses that get no mail, each under `folded(address)`."""
    wanted = sorted({folded(address) for address in addresses})
    return {
        address: Suppression(address, MailStopReason(reason), since)
        for address, reason, since in await rows_of(connection, _found(), {"addresses": wanted})
    }


@prepared
def _found() -> Select[Any]:
    columns: Sequence[Any] = (
        SuppressedAddress.address,
        SuppressedAddress.reason,
        SuppressedAddress.created_at,
    )
    return select(*columns).where(SuppressedAddress.address.in_(many("addresses")))


def folded(address: str) -> str:
    """How an address is compared: nobody has two whose letters differ in case only."""
    return address.strip().lower()[:200]
