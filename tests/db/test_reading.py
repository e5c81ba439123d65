"""Prepared statements: the same rows by whatever way, on connections that are lent and replaced."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, func, insert, literal, literal_column, select
from sqlalchemy.exc import OperationalError

from app.db import Database
from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.models import Option, User
from tests.conftest import settings_for
from tests.mariadb import MariaDB


@prepared
def named_options(above: str) -> Select[Any]:
    options: Any = select(Option.name, Option.value)
    options = options.where(Option.name.in_(many("names")), Option.name.not_in(["x", "y"]))
    options = options.where(Option.name > above, Option.value == bindparam("value"))
    ordered: Select[Any] = options.order_by(Option.name)
    return ordered


@prepared
def sleeping() -> Select[Any]:
    return select(func.sleep(bindparam("seconds")))


@prepared
def nonsense() -> Select[Any]:
    found: Select[Any] = select(literal_column("no_such_column")).select_from(User)
    return found.where(User.email == bindparam("email"))


async def fill(db: Database) -> None:
    rows = [{"name": name, "value": "100%s"} for name in ("a", "b", "c", "x")]
    async with db.begin() as connection:
        await connection.execute(insert(Option).values(rows))


async def found(db: Database, *names: str) -> list[str]:
    values = {"names": list(names), "value": "100%s"}
    async with db.read() as connection:
        return [row[0] for row in await rows_of(connection, named_options("0"), values)]


@pytest.fixture(params=["aiomysql", "asyncmy"])
async def mysql(
    request: pytest.FixtureRequest, mariadb: MariaDB, empty_database: str
) -> AsyncIterator[Database]:
    """An empty site on MariaDB, and a pool of two connections."""
    url = mariadb.url(mariadb.clone(empty_database), f"mysql+{request.param}")
    db = Database(settings_for(url, DATABASE_POOL_SIZE="2"))
    yield db
    await db.close()


def connections(mariadb: MariaDB, db: Database) -> list[int]:
    rows = mariadb.execute(
        "SELECT id, db FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
    )
    return [id for id, name in rows if name == db.engine.url.database]


async def test_a_list_may_have_any_length_and_values_any_characters(db: Database) -> None:
    await fill(db)

    assert await found(db, "a", "c", "x", "z") == ["a", "c"]
    assert await found(db, "b") == ["b"]
    assert await found(db) == []
    assert await found(db, *"abcdefgh") == ["a", "b", "c"]


async def test_a_transaction_reads_the_same(db: Database) -> None:
    await fill(db)

    async with db.begin() as connection:
        values = {"names": ["a", "b"], "value": "100%s"}
        rows = await rows_of(connection, named_options("0"), values)

    assert [tuple(row) for row in rows] == [("a", "100%s"), ("b", "100%s")]


def test_a_statement_is_built_once_for_its_arguments() -> None:
    assert named_options("0") is named_options("0")
    assert named_options("0") is not named_options("1")


@pytest.mark.mariadb
async def test_connections_that_the_server_has_closed_are_replaced(
    mariadb: MariaDB, mysql: Database
) -> None:
    await fill(mysql)
    await asyncio.gather(found(mysql, "a"), found(mysql, "b"))
    for id in connections(mariadb, mysql):
        mariadb.execute(f"KILL {id}")

    assert await asyncio.gather(*(found(mysql, name) for name in "abc")) == [["a"], ["b"], ["c"]]


@pytest.mark.mariadb
async def test_readers_and_writers_share_the_pool(mariadb: MariaDB, mysql: Database) -> None:
    await fill(mysql)

    async def write(name: str) -> None:
        async with mysql.begin() as connection:
            await connection.execute(insert(Option).values(name=name, value="100%s"))

    async def read_otherwise() -> int:
        async with mysql.read() as connection:
            counted: int = (await connection.execute(select(func.count(Option.name)))).scalar_one()
            return counted

    work = [coroutine for n in range(20) for coroutine in (
        found(mysql, "a"), write(f"w{n}"), found(mysql, "b"), read_otherwise()
    )]  # fmt: skip
    await asyncio.wait_for(asyncio.gather(*work), 60)

    assert await found(mysql, *(f"w{n}" for n in range(20))) == sorted(f"w{n}" for n in range(20))
    assert len(connections(mariadb, mysql)) <= 2


@pytest.mark.mariadb
async def test_who_gives_up_takes_no_connection_along(mariadb: MariaDB, mysql: Database) -> None:
    await fill(mysql)

    async def sleep() -> None:
        async with mysql.read() as connection:
            await rows_of(connection, sleeping(), {"seconds": 30})

    # Two sleep; the others wait for a connection.
    sleepers = [asyncio.create_task(sleep()) for _ in range(5)]
    await asyncio.sleep(0.2)
    for sleeper in sleepers:
        sleeper.cancel()
    await asyncio.gather(*sleepers, return_exceptions=True)

    assert await asyncio.wait_for(found(mysql, "a"), 10) == ["a"]
    async with mysql.begin() as connection:
        assert (await connection.execute(select(Option.name))).first() is not None


@pytest.mark.mariadb
async def test_errors_are_those_of_sqlalchemy_and_spoil_nothing(
    mariadb: MariaDB, mysql: Database
) -> None:
    await fill(mysql)
    for _ in range(5):
        async with mysql.read() as connection:
            with pytest.raises(OperationalError, match="no_such_column"):
                await rows_of(connection, nonsense(), {"email": "maja@b.example"})

    assert await found(mysql, "a") == ["a"]
    assert len(connections(mariadb, mysql)) == 1


@pytest.mark.parametrize("in_transaction", [False, True])
async def test_errors_do_not_tell_what_was_asked_for(db: Database, in_transaction: bool) -> None:
    async with db.begin() if in_transaction else db.read() as connection:
        with pytest.raises(OperationalError, match="no_such_column") as raised:
            await rows_of(connection, nonsense(), {"email": "maja@b.example"})

    assert "maja" not in str(raised.value)


def test_a_statement_is_built_once_whether_its_arguments_are_named_or_not() -> None:
    @prepared
    def numbers(first: int, *, second: int = 2) -> Any:
        return select(literal(first), literal(second))

    assert numbers(1) is numbers(1)
    assert numbers(1, second=3) is numbers(1, second=3)
    assert numbers(1, second=3).statement.compile().params == {"param_1": 1, "param_2": 3}
