"""A request that is repeated under its key is done once, also when both arrive together."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.transactions import transact
from app.domain import idempotency
from app.domain.errors import Conflict, Invalid
from app.domain.sites import SiteCache
from app.domain.viewers import Viewer
from app.domain.writing import Writer
from app.models import Option
from app.models.waggle import DoneRequest

ASK = ("askQuestion", "How do bees fly?")


async def writer_of(db: Database, *, cookie_id: int | None = 7) -> Writer:
    return Writer(Viewer(cookie_id=cookie_id), await SiteCache(db).get(), datetime.now(UTC))


async def ask(
    db: Database, writer: Writer, *, key: str | None, request: object = ASK, fail: bool = False
) -> int:
    """Make something that can be counted, in a transaction of its own."""

    async def work(connection: AsyncConnection) -> int:
        async def make() -> int:
            number = (await connection.execute(select(func.count()).select_from(Option))).scalar()
            name = f"made {(number or 0) + 1} {id(connection)}"
            await connection.execute(insert(Option).values({Option.name: name, Option.value: ""}))
            await asyncio.sleep(0.05)
            if fail:
                raise ValueError("something went wrong")
            return (number or 0) + 1

        return await idempotency.once(
            connection, writer=writer, key=key, request=request, make=make
        )

    return await transact(db, work)


async def made(db: Database) -> int:
    async with db.read() as connection:
        query = select(func.count()).select_from(Option)
        return int((await connection.execute(query)).scalar_one())


async def test_a_repeat_gives_the_first_result(db: Database) -> None:
    writer = await writer_of(db)

    first = await ask(db, writer, key="a")
    second = await ask(db, writer, key="a")
    other = await ask(db, writer, key="b")

    assert (first, second, other) == (1, 1, 2)
    assert await made(db) == 2


async def test_without_a_key_everything_is_done(db: Database) -> None:
    writer = await writer_of(db)

    results = [await ask(db, writer, key=None) for _ in range(2)]

    assert results == [1, 2]


async def test_requests_that_arrive_together_are_done_once(db: Database) -> None:
    writer = await writer_of(db)

    results = await asyncio.gather(*(ask(db, writer, key="a") for _ in range(5)))

    assert results == 5 * [1]
    assert await made(db) == 1


async def test_a_request_that_failed_can_be_repeated(db: Database) -> None:
    writer = await writer_of(db)
    with pytest.raises(ValueError, match="went wrong"):
        await ask(db, writer, key="a", fail=True)

    assert await ask(db, writer, key="a") == 1
    async with db.read() as connection:
        rows = (await connection.execute(select(DoneRequest.result_id))).scalars().all()
    assert rows == [1]


async def test_a_key_stands_for_one_request_of_one_sender(db: Database) -> None:
    writer = await writer_of(db)
    await ask(db, writer, key="a")

    with pytest.raises(Conflict):
        await ask(db, writer, key="a", request=("askQuestion", "Why?"))

    assert await ask(db, await writer_of(db, cookie_id=8), key="a") == 2
    assert await ask(db, await writer_of(db, cookie_id=None), key="a") == 3


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_sensible_length(db: Database, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        await ask(db, await writer_of(db), key=key)

    assert caught.value.field == "idempotencyKey"
