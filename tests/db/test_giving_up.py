"""Connections of those who give up: nobody else has to wait for them, and none is lost."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert, literal, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.db import Database, connecting
from app.db.leases import Leases
from app.db.running import insert_rows, rows_of
from app.db.transactions import after_commit, transact
from app.models import Option
from tests.conftest import settings_for
from tests.db.still import standing_still
from tests.db.test_reading import connections, fill, found, sleeping
from tests.db.test_transactions import set_value, values
from tests.mariadb import MariaDB

pytestmark = pytest.mark.mariadb
# Any number will do; the same one shows the same again.
SEED = 5


@pytest.fixture
async def make(mariadb: MariaDB, empty_database: str) -> AsyncIterator[Callable[..., Database]]:
    """Makes the database of one empty site with so many connections."""
    name = mariadb.clone(empty_database)
    made: list[Database] = []

    def make(size: int, *, socket: Path | None = None, longest: float | None = None) -> Database:
        url = mariadb.url(name)
        if socket is not None:
            url = url.replace(quote(str(mariadb.socket)), quote(str(socket)))
        settings = settings_for(url, DATABASE_POOL_SIZE=str(size))
        made.append(Database(settings, longest=longest))
        return made[-1]

    yield make
    for db in made:
        await db.close()


@pytest.fixture
async def leases(mariadb: MariaDB) -> AsyncIterator[Leases]:
    """Those of an engine with one connection, for which nobody waits long."""
    engine = create_async_engine(
        mariadb.url(""), pool_size=1, max_overflow=0, pool_timeout=0.5, pool_reset_on_return=None
    )
    leases = Leases(engine, most=1)
    yield leases
    await leases.forget()
    await engine.dispose()


async def test_who_gives_up_passes_on_the_room_that_another_has_left(leases: Leases) -> None:
    lease, _ = await leases.take()
    first, second = asyncio.create_task(leases.take()), asyncio.create_task(leases.take())
    await asyncio.sleep(0)

    leases.drop(lease, RuntimeError("lost"))
    # It was told that there is room, and goes before it has heard of it.
    first.cancel()

    taken, _ = await second
    await leases.give(taken)
    assert first.cancelled()


async def test_who_gives_up_passes_on_the_connection_that_was_handed_over(leases: Leases) -> None:
    lease, _ = await leases.take()
    first, second = asyncio.create_task(leases.take()), asyncio.create_task(leases.take())
    await asyncio.sleep(0)

    await leases.give(lease)
    first.cancel()

    assert await second == (lease, True)
    await leases.give(lease)


async def test_readers_wait_no_longer_than_the_pool_does(leases: Leases) -> None:
    lease, _ = await leases.take()

    with pytest.raises(PoolTimeout):
        await leases.take()

    await leases.give(lease)
    assert await leases.take() == (lease, True)
    await leases.give(lease)


async def test_one_connection_is_enough_for_statements_of_both_kinds(
    make: Callable[..., Database],
) -> None:
    db = make(1)
    await fill(db)

    async with asyncio.timeout(10), db.read() as connection:
        names = list(await connection.scalars(select(Option.name).order_by(Option.name)))
        [(slept,)] = await rows_of(connection, sleeping(), {"seconds": 0})

    assert (names, slept) == (["a", "b", "c", "x"], 0)


@pytest.mark.parametrize("size", [1, 2, 10])
async def test_the_pool_is_whole_after_a_crowd_of_which_many_give_up(
    mariadb: MariaDB, make: Callable[..., Database], size: int
) -> None:
    db = make(size)
    await fill(db)
    chance = random.Random(SEED)
    crowd = [asyncio.create_task(work) for n in range(40) for work in _mixed(db, n, chance)]

    leaving = chance.sample(crowd, k=len(crowd) // 2)
    for task in leaving:
        await asyncio.sleep(chance.random() / 100)
        task.cancel()
    ends = await asyncio.gather(*crowd, return_exceptions=True)

    assert not [end for end in ends if isinstance(end, Exception)]
    # All connections at once, for readers and for writers.
    await asyncio.wait_for(asyncio.gather(*(_sleep(db, 0.2) for _ in range(size))), 10)
    await asyncio.wait_for(asyncio.gather(*(_hold(db, 0.2) for _ in range(size))), 10)
    assert len(connections(mariadb, db)) <= size


def _mixed(db: Database, n: int, chance: random.Random) -> list[Coroutine[Any, Any, Any]]:
    """Readers of both kinds and a writer."""
    return [
        found(db, "a"),
        _sleep(db, chance.random() / 50),
        _hold(db, chance.random() / 50),
        _write(db, f"w{n}"),
    ]


async def _sleep(db: Database, seconds: float) -> None:
    async with db.read() as connection:
        await rows_of(connection, sleeping(), {"seconds": seconds})


async def _hold(db: Database, seconds: float) -> None:
    async with db.connect() as connection:
        await connection.scalar(select(Option.name))
        await asyncio.sleep(seconds)


async def _write(db: Database, name: str) -> None:
    async with db.begin() as connection:
        await connection.execute(insert(Option).values(name=name, value="1"))


async def test_a_server_that_stands_still_keeps_nobody(
    mariadb: MariaDB, make: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(make(1))
    monkeypatch.setattr(connecting, "SECONDS_TO_CONNECT", 1.0)
    monkeypatch.setattr(connecting, "SECONDS_TO_PING", 1.0)
    address = mariadb.directory / "still"
    async with standing_still(mariadb.socket, address) as server:
        db = make(2, socket=address, longest=1.0)
        await asyncio.gather(found(db, "a"), _hold(db, 0.1))

        server.flows.clear()
        ends = await asyncio.wait_for(
            asyncio.gather(found(db, "a"), _write(db, "w"), found(db, "b"), return_exceptions=True),
            60,
        )
        server.flows.set()

        assert all(isinstance(end, OperationalError) for end in ends), ends
        assert await found(db, "a") == ["a"]
        await asyncio.gather(_hold(db, 0.1), _write(db, "v"))
        await db.close()


async def test_what_is_committed_is_told_even_if_nothing_can_be_done_after_it(
    make: Callable[..., Database],
) -> None:
    db = make(1)
    # Else it is half a minute.
    db.engine.sync_engine.pool._timeout = 0.3  # type: ignore[attr-defined]
    others: list[asyncio.Task[None]] = []

    async def late(connection: AsyncConnection) -> None:
        await connection.execute(insert(Option).values(name="late", value="1"))

    async def work(connection: AsyncConnection) -> str:
        await connection.execute(insert(Option).values(name="w", value="1"))
        await after_commit(connection, late)
        # Who waits now comes first, and stays for longer than anybody else waits.
        others.append(asyncio.create_task(_hold(db, 1.0)))
        await asyncio.sleep(0.01)
        return "committed"

    assert await transact(db, work) == "committed"

    await asyncio.gather(*others)
    async with db.connect() as connection:
        assert list(await connection.scalars(select(Option.name))) == ["w"]


async def test_a_connection_that_was_lost_between_two_statements_is_replaced(
    mariadb: MariaDB, make: Callable[..., Database]
) -> None:
    db = make(1)
    await fill(db)
    async with db.connect() as connection:
        await set_value(connection, "a", "1")
        [number] = connections(mariadb, db)
        mariadb.execute(f"KILL {number}")
        with pytest.raises(OperationalError):
            await set_value(connection, "a", "2")

        await set_value(connection, "a", "3")
        await insert_rows(connection, Option, [{Option.name: "new", Option.value: "4"}])

    stored = await values(db)
    assert (stored["a"], stored["new"]) == ("3", "4")


async def test_a_result_that_cannot_be_read_leaves_nothing_for_the_next_statement(
    make: Callable[..., Database],
) -> None:
    db = make(1)
    unreadable = text("SELECT 'é', REPEAT('b', 300000) UNION ALL SELECT 'x', 'y'")
    async with db.connect() as connection:
        await connection.execute(text("SET character_set_results = latin1"))
        with pytest.raises(UnicodeDecodeError):
            await connection.execute(unreadable)

    async with db.connect() as connection:
        assert (await connection.execute(select(literal("é")))).scalar_one() == "é"
