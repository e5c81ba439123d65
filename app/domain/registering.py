"""Registering: whether new accounts are made just now, and for whom (FACTS 11 and 12)."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.addresses import is_blocked
from app.domain.errors import Denial, NotAllowed, RateLimited
from app.domain.limiting import counted_up
from app.domain.limits import SECONDS, counted_addresses, hour_of
from app.domain.options import Options
from app.models import AddressLimit

REGISTRATION = "R"
TOO_OFTEN = "Too many accounts were made from your address. Try again later."


def ensure_open(options: Options, *, address: bytes | None) -> None:
    """:raises NotAllowed: if nobody may register now, or nobody from this address"""
    if options.suspend_register_users:
        raise NotAllowed(Denial.SWITCHED_OFF)
    if address is not None and is_blocked(address, rules=options.block_ips_write):
        raise NotAllowed(Denial.IP_BLOCKED)


async def count(
    connection: AsyncConnection, *, options: Options, address: bytes | None, now: datetime
) -> None:
    """Count one account made from an address in this hour; nothing where none is known.

    :raises RateLimited: if that is one too many; the transaction has to be rolled back
    """
    if address is None:
        return
    keys: list[dict[Any, Any]] = [
        {AddressLimit.address: counted, AddressLimit.action: REGISTRATION}
        for counted in counted_addresses(address)
    ]
    made = await counted_up(connection, model=AddressLimit, keys=keys, hour=hour_of(now))
    if made > options.max_rate_ip_registers:
        seconds = SECONDS - int(now.timestamp()) % SECONDS
        raise RateLimited(TOO_OFTEN, retry_after=seconds)
