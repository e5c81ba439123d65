"""Rows that aiomysql's connections read: the same by our way of reading as by the driver's own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomysql  # type: ignore[import-untyped]
import pytest
from pymysql.constants import CLIENT, CR
from sqlalchemy import make_url

from app.db.connecting import Bounded
from tests.mariadb import MariaDB

VALUES = [
    "1, -1, 0, 18446744073709551615, -9223372036854775808, 1.5, 1e300, -0.0",
    "CAST(1.10 AS DECIMAL(10, 2)), CAST(-0.5 AS FLOAT), CAST('12' AS UNSIGNED)",
    "NULL, '', 'bees', 'Bienen fliegen \u00fcber \U0001f41d', _latin1'\u00e9', _binary'\\xff\\x00'",
    "CAST('2026-11-20 09:30:00' AS DATETIME), CAST('2026-11-20 09:30:00.123456' AS DATETIME(6))",
    "CAST('2026-11-20' AS DATE), CAST('-25:06:17' AS TIME), CAST('09:30:00.5' AS TIME(1))",
    "b'101', x'00ff', TRUE, JSON_OBJECT('bees', 3), YEAR('2026-11-20')",
    "REPEAT('b', 250), REPEAT('b', 251), REPEAT('\u00fc', 300), REPEAT('b', 65535)",
    "REPEAT('b', 65536), REPEAT(x'ff', 70000), REPEAT('b', 3000000)",
    # Longer together than a packet may be.
    "REPEAT('b', 9000000), REPEAT('c', 9000000)",
    # Exactly as long as a packet may be, so that an empty one follows.
    "REPEAT('b', 8388603), REPEAT('c', 8388604)",
]
NUMBERS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
STATEMENTS = [
    *(f"SELECT {values}" for values in VALUES),
    f"{NUMBERS} SELECT i, REPEAT('b', 30 * i) FROM n",
    f"{NUMBERS} SELECT i FROM n WHERE i < 0",
    "SELECT table_name, column_name, column_type FROM information_schema.columns"
    " WHERE table_schema = 'information_schema'",
    "SET @bees = 3",
    "DO 1",
]


@asynccontextmanager
async def connected(server: MariaDB, make: Callable[..., Any]) -> AsyncIterator[Any]:
    url = make_url(server.url("mysql"))
    connection = make(
        unix_socket=url.query["unix_socket"],
        user=url.username,
        password=url.password or "",
        charset="utf8mb4",
        client_flag=CLIENT.MULTI_STATEMENTS,
    )
    await (connection.open() if isinstance(connection, Bounded) else connection._connect())
    try:
        yield connection
    finally:
        connection.close()


def bounded(**options: Any) -> Bounded:
    return Bounded(longest=None, **options)


async def told(connection: Any, statement: str) -> list[Any]:
    """All that a cursor knows after a statement, of every result that it has."""
    results = []
    async with connection.cursor() as cursor:
        await cursor.execute(statement)
        while True:
            rows = await cursor.fetchall() if cursor.description else None
            results.append((rows, cursor.description, cursor.rowcount, cursor.lastrowid))
            if not await cursor.nextset():
                return results


@pytest.mark.mariadb
@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement[:60])
async def test_the_rows_are_those_that_the_driver_reads(mariadb: MariaDB, statement: str) -> None:
    async with connected(mariadb, bounded) as ours, connected(mariadb, aiomysql.Connection) as its:
        assert await told(ours, statement) == await told(its, statement)
        # Nothing is left over that the next statement could take for its own.
        assert await told(ours, "SELECT 1") == await told(its, "SELECT 1")


@pytest.mark.mariadb
async def test_dates_that_there_are_not_stay_what_the_driver_makes_of_them(
    mariadb: MariaDB,
) -> None:
    async with connected(mariadb, bounded) as ours, connected(mariadb, aiomysql.Connection) as its:
        for each in (ours, its):
            await told(each, "SET sql_mode = ''")
        statement = "SELECT CAST('0000-00-00' AS DATETIME), CAST('2026-02-00' AS DATE)"
        assert await told(ours, statement) == await told(its, statement)


@pytest.mark.mariadb
async def test_several_results_are_read_one_after_the_other(mariadb: MariaDB) -> None:
    statement = "SELECT 1, 'bees'; SELECT 2; DO 1; SELECT NULL, REPEAT('b', 100000); SELECT 3"
    async with connected(mariadb, bounded) as ours, connected(mariadb, aiomysql.Connection) as its:
        read = await told(ours, statement)

        assert len(read) == 5
        assert read == await told(its, statement)


@pytest.mark.mariadb
@pytest.mark.parametrize(
    "statement",
    ["SELECT bees", f"{NUMBERS} SELECT i, (SELECT 1 UNION SELECT i FROM n WHERE i > 400) FROM n"],
)
async def test_errors_are_the_servers_own(mariadb: MariaDB, statement: str) -> None:
    async with connected(mariadb, bounded) as ours, connected(mariadb, aiomysql.Connection) as its:
        errors = []
        for each in (ours, its):
            with pytest.raises(aiomysql.MySQLError) as caught:
                await told(each, statement)
            errors.append((type(caught.value), caught.value.args))
            assert await told(each, "SELECT 1")
        assert errors[0] == errors[1]


@pytest.mark.mariadb
async def test_a_connection_that_is_cut_while_rows_come_is_lost(mariadb: MariaDB) -> None:
    async with connected(mariadb, bounded) as ours, connected(mariadb, aiomysql.Connection) as its:
        [((number,),), *_] = (await told(ours, "SELECT CONNECTION_ID()"))[0]
        await told(its, f"KILL {number}")

        with pytest.raises(aiomysql.OperationalError) as caught:
            await told(ours, "SELECT 1")

        assert caught.value.args[0] in (2006, 2013, 1927)


@pytest.mark.mariadb
async def test_a_server_that_shuts_down_within_a_result_is_lost(mariadb: MariaDB) -> None:
    reader = asyncio.StreamReader()
    async with connected(mariadb, bounded) as ours:
        ours._reader = reader
        # One column is announced; then MySQL 8 begins to count anew, and says what it is about.
        error = b"\xff\x1d\x04#08S01Server shutdown in progress"
        reader.feed_data(b"\x01\0\0\x01\x01" + len(error).to_bytes(3, "little") + b"\0" + error)

        with pytest.raises(aiomysql.OperationalError) as caught:
            await told(ours, "SELECT 1")

        assert caught.value.args[0] == CR.CR_SERVER_LOST
        assert ours.closed
