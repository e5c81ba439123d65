"""Limits: how often a person may do something in one hour (FACTS 11)."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, bindparam, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain.options import Options
from app.domain.viewers import Viewer
from app.models import AddressLimit, UserLimit

SECONDS = 3600
# Who has one IPv6 address has 2**64 of them: their network is counted, too (decision 0044).
NETWORK_BYTES = 8


class LimitedAction(Enum):
    """What is counted; the values are q2a's codes."""

    ASK = "Q"
    ANSWER = "A"
    COMMENT = "C"
    VOTE = "V"
    FLAG = "F"
    UPLOAD = "U"
    MESSAGE = "M"
    WALL_POST = "W"


class Allowance(NamedTuple):
    """What an hour allows: `limit` in all, `remaining` from now until `resets_at`."""

    action: LimitedAction
    limit: int
    remaining: int
    resets_at: datetime


# The second half of the names of the two options of each action.
OPTIONS = {
    LimitedAction.ASK: "qs",
    LimitedAction.ANSWER: "as",
    LimitedAction.COMMENT: "cs",
    LimitedAction.VOTE: "votes",
    LimitedAction.FLAG: "flags",
    LimitedAction.UPLOAD: "uploads",
    LimitedAction.MESSAGE: "messages",
    LimitedAction.WALL_POST: "messages",
}


def hour_of(moment: datetime) -> int:
    """The number of the hour that counters are kept for."""
    return int(moment.timestamp()) // SECONDS


def counted_addresses(address: bytes) -> list[bytes]:
    """The addresses that are counted: q2a's own, and the network of an IPv6 one."""
    if len(address) != 2 * NETWORK_BYTES:
        return [address]
    network = address[:NETWORK_BYTES] + bytes(NETWORK_BYTES)
    return sorted({address, network})


async def allowances(
    connection: AsyncConnection, *, viewer: Viewer, options: Options, now: datetime
) -> list[Allowance]:
    """What the viewer may still do in this hour, by the account's counters and the address's."""
    hour = hour_of(now)
    by_user, by_address = await _counted(connection, viewer, hour)
    resets_at = datetime.fromtimestamp((hour + 1) * SECONDS, UTC)
    found = []
    for action, name in OPTIONS.items():
        limit = int(getattr(options, f"max_rate_ip_{name}"))
        remaining = limit - by_address.get(action.value, 0)
        if viewer.id is not None:
            own = int(getattr(options, f"max_rate_user_{name}"))
            remaining = min(remaining, own - by_user.get(action.value, 0))
            limit = min(limit, own)
        found.append(Allowance(action, limit, max(remaining, 0), resets_at))
    return found


async def _counted(
    connection: AsyncConnection, viewer: Viewer, hour: int
) -> tuple[dict[str, int], dict[str, int]]:
    """What has been counted in this hour for the account and for the address, or its network if
    that is more, by q2a's codes.
    """
    addresses = counted_addresses(viewer.address)
    values = {"own_id": viewer.id or 0, "addresses": addresses, "hour": hour}
    own: dict[str, int] = {}
    others: dict[str, int] = {}
    for is_own, action, count in await rows_of(connection, _counts(), values):
        counts = own if is_own else others
        counts[action] = max(count, counts.get(action, 0))
    return own, others


@prepared
def _counts() -> CompoundSelect[Any]:
    hour: Any = bindparam("hour")
    by_user = select(literal(1), UserLimit.action, UserLimit.count).where(
        UserLimit.user_id == bindparam("own_id"), UserLimit.period == hour
    )
    by_address = select(literal(0), AddressLimit.action, AddressLimit.count).where(
        AddressLimit.address.in_(many("addresses")), AddressLimit.period == hour
    )
    return union_all(by_user, by_address)
