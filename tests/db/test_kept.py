"""Statements that the server keeps for connections of asyncmy: the same rows as from text."""

import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, func, literal, select, text
from sqlalchemy.exc import ProgrammingError

from app.db import Database
from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.models import Post
from tests.conftest import settings_for
from tests.mariadb import MariaDB

pytestmark = pytest.mark.mariadb
POSTS = """
    INSERT INTO qa_posts
        (postid, type, cookieid, createip, hotness, created, updated, title, content, format)
    VALUES
        (1, 'Q', 18446744073709551615, x'7f000001', 24.5123, '2026-11-20 09:30:00', NULL,
            'Bees 🐝', '100%s ? %', ''),
        (2, 'Q', 3, NULL, -0.1, '2026-11-20 09:30:01', '2026-11-20 23:59:59', NULL, '', 'html'),
        (3, 'Q', 3, NULL, 0, '0000-00-00 00:00:00', NULL, NULL, '', ''),
        (4, 'Q', 3, NULL, 0, '2026-00-11 00:00:00', NULL, NULL, '', '')
"""


@prepared
def posts(name: str) -> Select[Any]:
    ids: Select[Any] = select(*Post.__table__.columns).where(Post.id.in_(many("ids")))
    return ids.where(Post.content != "?%s%", Post.format != name).order_by(Post.id)


@prepared
def since() -> Select[Any]:
    given = (Post.created_at >= bindparam("since"), Post.cookie_id >= bindparam("cookie_id"))
    found: Select[Any] = select(Post.id).where(*given, Post.hotness > bindparam("hotness"))
    return found


@prepared
def nested() -> Select[Any]:
    newest = select(func.max(Post.id)).scalar_subquery()
    return select(Post.id).where(Post.id == newest)


@prepared
def numbered() -> Select[Any]:
    columns: Any = (Post.id, literal(7))
    given: Select[Any] = select(*columns).where(Post.id == bindparam("id"))
    return given


@pytest.fixture
def site_url(mariadb: MariaDB, empty_database: str) -> str:
    name = mariadb.clone(empty_database)
    mariadb.execute(f"SET SESSION sql_mode = ''; USE {name}; {POSTS}")
    return mariadb.url(name, "mysql+asyncmy")


@contextmanager
def room_for(mariadb: MariaDB, most: int) -> Iterator[None]:
    """A server that keeps no more statements than this, of all connections."""
    mariadb.execute(f"SET GLOBAL max_prepared_stmt_count = {most}")
    try:
        yield
    finally:
        mariadb.execute("SET GLOBAL max_prepared_stmt_count = DEFAULT")


@pytest.fixture
async def db(site_url: str) -> AsyncIterator[Database]:
    db = Database(settings_for(site_url, DATABASE_POOL_SIZE="1"))
    yield db
    await db.close()


async def found(db: Database, statement: Any, **values: Any) -> list[tuple[Any, ...]]:
    async with db.read() as connection:
        return [tuple(row) for row in await rows_of(connection, statement, values)]


async def count_of(db: Database, status: str) -> int:
    async with db.read() as connection:
        shown = await connection.execute(text(f"SHOW SESSION STATUS LIKE '{status}'"))
        return int(shown.one()[1])


async def test_rows_are_those_of_text(site_url: str, db: Database) -> None:
    as_text = Database(settings_for(site_url, DATABASE_PREPARED_STATEMENTS="0"))
    kept = [await found(db, posts("none"), ids=[1, 2]) for _ in range(3)]
    sent = await found(as_text, posts("none"), ids=[1, 2])

    assert await count_of(db, "Com_stmt_execute") == 3
    assert await count_of(as_text, "Com_stmt_execute") == 0
    await as_text.close()
    assert kept[0] == kept[1] == kept[2]
    assert len(sent) == 2
    for row, other in zip(kept[0], sent, strict=True):
        assert [type(value) for value in row] == [type(value) for value in other]
        assert [v for v in row if not isinstance(v, float)] == [
            v for v in other if not isinstance(v, float)
        ]
        # As text a FLOAT has six digits, however many it is stored with.
        floats = [value for value in row if isinstance(value, float)]
        assert floats == pytest.approx([value for value in other if isinstance(value, float)])


@pytest.mark.parametrize("id", [3, 4])
async def test_dates_that_do_not_exist_are_those_of_text(
    site_url: str, db: Database, id: int
) -> None:
    as_text = Database(settings_for(site_url, DATABASE_PREPARED_STATEMENTS="0"))
    [sent] = await found(as_text, posts("none"), ids=[id])
    await as_text.close()

    for _ in range(2):
        assert await found(db, posts("none"), ids=[id]) == [sent]
    assert [value for value in sent if isinstance(value, str) and "-00" in value]


async def test_values_are_compared_as_they_are(db: Database) -> None:
    values = {"since": "2026-11-20 09:30:00", "cookie_id": 2**64 - 1, "hotness": 24.5}

    assert await found(db, since(), **values) == [(1,)]
    assert await found(db, since(), **{**values, "hotness": 24.6}) == []
    assert await found(db, since(), **{**values, "since": "2026-11-20 09:30:01"}) == []


async def test_a_statement_is_prepared_once_for_lists_of_similar_lengths(db: Database) -> None:
    for ids in ([1, 2, 8], [2, 7, 8, 9], [9, 2, 7]):
        rows = await found(db, posts("none"), ids=ids)
        assert [row[0] for row in rows] == [id for id in (1, 2) if id in ids]

    assert await count_of(db, "Com_stmt_prepare") == 1
    assert await count_of(db, "Com_stmt_execute") == 3


async def test_only_so_many_are_kept(site_url: str) -> None:
    settings = {"DATABASE_PREPARED_STATEMENTS": "2", "DATABASE_POOL_SIZE": "1"}
    db = Database(settings_for(site_url, **settings))
    for length in (1, 2, 4, 8, 1, 2):
        assert await found(db, posts("none"), ids=range(1000, 1000 + length)) == []

    assert await count_of(db, "Com_stmt_prepare") == 6
    assert await count_of(db, "Com_stmt_close") == 4
    await db.close()


async def test_what_is_given_up_is_forgotten_by_the_server_too(site_url: str) -> None:
    settings = {"DATABASE_PREPARED_STATEMENTS": "2", "DATABASE_POOL_SIZE": "1"}
    db = Database(settings_for(site_url, **settings))
    for length in (1, 2, 4, 8, 1, 2):
        assert len(await found(db, posts("none"), ids=[3, *range(1000, 999 + length)])) == 1

    assert await count_of(db, "Com_stmt_prepare") == 6
    assert await count_of(db, "Com_stmt_close") == 6
    await db.close()


async def test_connections_that_are_closed_are_forgotten(db: Database) -> None:
    assert len(await found(db, posts("none"), ids=[1])) == 1
    async with db.read() as connection:
        await connection.open()
        raw = await connection.get_raw_connection()
        remembered = weakref.ref(raw.driver_connection)
        del raw
    assert await count_of(db, "Com_stmt_prepare") == 1
    assert remembered() is not None
    del connection
    await db.close()
    gc.collect()

    assert remembered() is None


async def test_what_has_queries_within_or_gives_parameters_goes_as_text(db: Database) -> None:
    assert await found(db, nested()) == [(4,)]
    assert await found(db, numbered(), id=4) == [(4, 7)]
    assert await count_of(db, "Com_stmt_prepare") == 0


async def test_what_the_server_has_no_room_for_goes_as_text(mariadb: MariaDB, db: Database) -> None:
    with room_for(mariadb, 0):
        for _ in range(3):
            assert len(await found(db, posts("none"), ids=[1, 2])) == 2

    assert await count_of(db, "Com_stmt_execute") == 0


async def test_a_table_may_change_meanwhile(mariadb: MariaDB, db: Database) -> None:
    database = db.engine.url.database
    [before, _] = await found(db, posts("none"), ids=[1, 2])
    mariadb.execute(
        f"ALTER TABLE {database}.qa_posts MODIFY title VARCHAR(1000) CHARACTER SET utf8mb4,"
        " MODIFY views BIGINT NOT NULL DEFAULT 0"
    )

    assert (await found(db, posts("none"), ids=[1, 2]))[0] == before


async def test_a_statement_that_fails_spoils_nothing(mariadb: MariaDB, db: Database) -> None:
    database = db.engine.url.database
    assert len(await found(db, posts("none"), ids=[1])) == 1
    mariadb.execute(f"RENAME TABLE {database}.qa_posts TO {database}.qa_hidden")
    with pytest.raises(ProgrammingError, match="qa_posts"):
        await found(db, posts("none"), ids=[1])
    mariadb.execute(f"RENAME TABLE {database}.qa_hidden TO {database}.qa_posts")

    assert len(await found(db, posts("none"), ids=[1])) == 1
