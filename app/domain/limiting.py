"""Limiting: counting what a person does in an hour, and refusing what is too much (FACTS 11)."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.domain.errors import Denial, RateLimited
from app.domain.limits import OPTIONS, SECONDS, LimitedAction, counted_addresses, hour_of
from app.domain.writing import Writer
from app.models import AddressLimit, UserLimit

MOST = 65_535


async def count(connection: AsyncConnection, *, writer: Writer, action: LimitedAction) -> None:
    """Count one action of this hour, for the account and for the address.

    :raises RateLimited: if that is one too many; the transaction has to be rolled back
    """
    await add(connection, writer=writer, action=action)
    if not await connection.scalar(select(is_within(writer, action))):
        raise refusal(writer)


async def add(connection: AsyncConnection, *, writer: Writer, action: LimitedAction) -> None:
    """Count one action, and leave it to the caller to find out whether that is one too many."""
    viewer, hour = writer.viewer, hour_of(writer.now)
    if viewer.id is not None:
        keys = {UserLimit.user_id: viewer.id, UserLimit.action: action.value}
        await _add(connection, UserLimit, [keys], hour)
    keys_of = [
        {AddressLimit.address: address, AddressLimit.action: action.value}
        for address in counted_addresses(viewer.address)
    ]
    await _add(connection, AddressLimit, keys_of, hour)


def is_within(writer: Writer, action: LimitedAction) -> ColumnElement[bool]:
    """Whether what was counted is no more than what is allowed, for a statement that follows."""
    name = OPTIONS[action]
    most_of_user = int(getattr(writer.options, f"max_rate_user_{name}"))
    most_of_address = int(getattr(writer.options, f"max_rate_ip_{name}"))
    own = exists().where(
        UserLimit.user_id == (writer.viewer.id or 0),
        UserLimit.action == action.value,
        UserLimit.count > most_of_user,
    )
    by_address = exists().where(
        AddressLimit.address.in_(counted_addresses(writer.viewer.address)),
        AddressLimit.action == action.value,
        AddressLimit.count > most_of_address,
    )
    return and_(~own, ~by_address)


def refusal(writer: Writer) -> RateLimited:
    """What is raised where an action was one too many; the transaction has to be rolled back."""
    seconds = SECONDS - int(writer.now.timestamp()) % SECONDS
    return RateLimited(Denial.RATE_LIMIT.value, retry_after=seconds)


async def counted_up(
    connection: AsyncConnection, *, model: Any, keys: list[dict[Any, Any]], hour: int
) -> int:
    """Count one more in this hour in each of the rows, and tell how many that makes at the most.

    :param model: `AddressLimit` or `UserLimit`
    :param keys: what the rows are known by
    :param hour: the number of the hour, as `limits.hour_of` has it
    """
    await _add(connection, model, keys, hour)
    these = [and_(*(column == value for column, value in key.items())) for key in keys]
    found = await connection.execute(select(func.max(model.count)).where(or_(*these)))
    return int(found.scalar_one())


async def _add(
    connection: AsyncConnection, model: Any, keys: list[dict[Any, Any]], hour: int
) -> None:
    in_this_hour = model.period == hour
    more = case((in_this_hour & (model.count < MOST), model.count + 1), else_=MOST)
    changes = [(model.count, case((in_this_hour, more), else_=1)), (model.period, hour)]
    rows = [{**key, model.period: hour, model.count: 1} for key in keys]
    await connection.execute(
        upsert(connection.dialect, model, rows, keys=list(keys[0]), changes=changes)
    )
