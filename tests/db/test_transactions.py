"""Transactions: all or nothing, and tried again when the server gives way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Update, bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database, transactions
from app.db.prepared import prepared
from app.db.running import insert_row, insert_rows, run
from app.db.transactions import Busy, transact
from app.models import Option, Word
from tests.conftest import Api
from tests.mariadb import MariaDB


@prepared
def changed() -> Update:
    values: dict[Any, Any] = {Option.value: bindparam("new_value")}
    return update(Option).where(Option.name == bindparam("changed")).values(values)


async def set_value(connection: AsyncConnection, name: str, value: str) -> None:
    await run(connection, changed(), {"changed": name, "new_value": value})


async def set_by_sqlalchemy(connection: AsyncConnection, name: str, value: str) -> None:
    statement = update(Option).where(Option.name == name).values({Option.value: value})
    await connection.execute(statement)


SetValue = Callable[[AsyncConnection, str, str], Awaitable[None]]
both_ways = pytest.mark.parametrize("change", [set_value, set_by_sqlalchemy])


async def add_options(db: Database, *names: str) -> None:
    async with db.begin() as connection:
        rows = [{"name": name, "value": ""} for name in names]
        await connection.execute(insert(Option).values(rows))


async def values(db: Database) -> dict[str, str]:
    async with db.read() as connection:
        return dict((await connection.execute(select(Option.name, Option.value))).all())


@both_ways
async def test_a_block_that_raises_writes_nothing(db: Database, change: SetValue) -> None:
    await add_options(db, "a")

    async def work(connection: AsyncConnection) -> None:
        await change(connection, "a", "changed")
        raise ValueError("on second thoughts")

    with pytest.raises(ValueError, match="second thoughts"):
        await transact(db, work)

    assert await values(db) == {"a": ""}


async def test_a_writer_waits_for_the_other_and_sees_what_it_wrote(db: Database) -> None:
    await add_options(db, "a")

    async def append(letter: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            query = select(Option.value).where(Option.name == "a").with_for_update()
            before = (await connection.execute(query)).scalar_one()
            await asyncio.sleep(0.02)
            await set_value(connection, "a", before + letter)

        await transact(db, work)

    await asyncio.gather(*(append(letter) for letter in "abcdef"))

    assert sorted((await values(db))["a"]) == list("abcdef")


@pytest.mark.mariadb
@both_ways
async def test_a_deadlock_is_settled_without_anybody_noticing(
    db: Database, change: SetValue
) -> None:
    await add_options(db, "a", "b")
    attempts: list[str] = []

    async def both(first: str, second: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            attempts.append(first)
            await change(connection, first, f"by {first}")
            await asyncio.sleep(0.1)
            await change(connection, second, f"by {first}")

        await transact(db, work)

    await asyncio.gather(both("a", "b"), both("b", "a"))

    found = await values(db)
    assert found["a"] == found["b"]
    if db.engine.dialect.name == "mysql":
        assert len(attempts) > 2


@pytest.mark.mariadb
async def test_whoever_waits_for_too_long_is_told(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "mysql":
        pytest.skip("SQLite would wait for ten seconds")
    monkeypatch.setattr(transactions, "KEEP_TRYING_SECONDS", 0)
    await add_options(db, "a")

    async def impatient(connection: AsyncConnection) -> None:
        await connection.execute(text("SET SESSION innodb_lock_wait_timeout = 1"))
        await set_value(connection, "a", "late")

    async with db.begin() as holder:
        await set_value(holder, "a", "early")
        with pytest.raises(Busy):
            await transact(db, impatient)

    assert await values(db) == {"a": "early"}


@pytest.mark.mariadb
@both_ways
async def test_a_lost_connection_loses_the_whole_transaction_and_no_more(
    api: Api, db: Database, request: pytest.FixtureRequest, change: SetValue
) -> None:
    if db.engine.dialect.name != "mysql":
        pytest.skip("SQLite has no connection to lose")
    server: MariaDB = request.getfixturevalue("mariadb")
    await add_options(db, "a")

    async def work(connection: AsyncConnection) -> None:
        await change(connection, "a", "changed")
        number = (await connection.execute(text("SELECT CONNECTION_ID()"))).scalar_one()
        server.execute(f"KILL {number}")
        await change(connection, "a", "changed again")

    with pytest.raises(DBAPIError):
        await transact(db, work)

    assert await values(db) == {"a": ""}
    await transact(db, lambda connection: set_value(connection, "a", "later"))
    assert await values(db) == {"a": "later"}


@both_ways
async def test_whoever_gives_up_leaves_no_lock_behind(db: Database, change: SetValue) -> None:
    await add_options(db, "a")

    async def write() -> None:
        async with db.begin() as connection:
            await change(connection, "a", "1")
            await connection.execute(select(Option.value))

    # Wherever that is.
    for number in range(120):
        writing = asyncio.create_task(write())
        await asyncio.sleep(number % 40 * 0.0001)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        async with asyncio.timeout(5):
            await write()


async def test_rows_are_inserted_together_and_a_single_one_tells_its_number(db: Database) -> None:
    texts = ["100%s", "it's ?", 'back\\slash "quoted"', "é"]

    async def work(connection: AsyncConnection) -> list[int]:
        await insert_rows(connection, Word, [{Word.text: text} for text in texts])
        return [await insert_row(connection, Word, {Word.text: text}) for text in ("x", "y")]

    numbers = await transact(db, work)

    async with db.read() as connection:
        found = (await connection.execute(select(Word.id, Word.text).order_by(Word.id))).all()
    assert [text for _, text in found] == [*texts, "x", "y"]
    assert numbers == [number for number, _ in found[-2:]]


async def test_a_statement_tells_how_many_rows_it_met(db: Database) -> None:
    await add_options(db, "a")

    async with db.begin() as connection:
        same = await run(connection, changed(), {"changed": "a", "new_value": ""})
        none = await run(connection, changed(), {"changed": "b", "new_value": ""})

    assert (same.row_count, none.row_count) == (1, 0)
