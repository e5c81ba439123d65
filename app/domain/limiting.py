"""Limiting: counting what a person does in an hour, and refusing what is too much (FACTS 11)."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import Prepared, many, prepared
from app.db.running import rows_of, run
from app.domain.errors import Denial, RateLimited
from app.domain.limits import OPTIONS, SECONDS, LimitedAction, counted_addresses, hour_of
from app.domain.placed import PLACED, numbers
from app.domain.writing import Writer
from app.models import AddressLimit, UserLimit

MOST = 65_535


async def count(connection: AsyncConnection, *, writer: Writer, action: LimitedAction) -> None:
    """Count one action of this hour, for the account and for the address.

    :raises RateLimited: if that is one too many; the transaction has to be rolled back
    """
    await add(connection, writer=writer, action=action)
    query = _within(action)
    if not (await rows_of(connection, query, limits(writer, query)))[0][0]:
        raise refusal(writer)


@prepared
def _within(action: LimitedAction) -> Select[Any]:
    return select(is_within(action))


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


def is_within(action: LimitedAction) -> ColumnElement[bool]:
    """Whether what was counted is no more than what is allowed, for a prepared statement that
    follows; `limits` are its values.
    """
    name = OPTIONS[action]
    own = exists().where(
        UserLimit.user_id == bindparam("limited_user"),
        UserLimit.action == action.value,
        UserLimit.count > getattr(PLACED, f"max_rate_user_{name}"),
    )
    by_address = exists().where(
        AddressLimit.address.in_(many("limited_addresses")),
        AddressLimit.action == action.value,
        AddressLimit.count > getattr(PLACED, f"max_rate_ip_{name}"),
    )
    return and_(~own, ~by_address)


def limits(writer: Writer, statement: Prepared) -> dict[str, Any]:
    """What `is_within` compares, for a statement that was built with it."""
    return {
        "limited_user": writer.viewer.id or 0,
        "limited_addresses": counted_addresses(writer.viewer.address),
        **numbers(writer.options, statement),
    }


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
    names = tuple(column.key for column in keys[0])
    values = {
        f"{column.key}_{n}": value for n, key in enumerate(keys) for column, value in key.items()
    }
    statement = _one_more(connection.dialect.name, model, names, len(keys))
    await run(connection, statement, {"this_hour": hour, **values})


@prepared
def _one_more(dialect: str, model: Any, names: tuple[str, ...], rows: int) -> Insert:
    columns = [getattr(model, name) for name in names]
    hour: Any = bindparam("this_hour")
    in_this_hour = model.period == hour
    more = case((in_this_hour & (model.count < MOST), model.count + 1), else_=MOST)
    changes = [(model.count, case((in_this_hour, more), else_=1)), (model.period, hour)]
    new: list[dict[Any, Any]] = [
        {column: bindparam(f"{column.key}_{n}") for column in columns}
        | {model.period: hour, model.count: 1}
        for n in range(rows)
    ]
    return upsert(dialect, model, new, keys=columns, changes=changes)
