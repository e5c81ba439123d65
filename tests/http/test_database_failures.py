"""What a client learns when the database server refuses, lacks something, or goes away."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from app.config import Settings
from app.db import Database
from app.db.failures import Failure
from app.models import Base, Option
from tests.http.conftest import Meadow
from tests.mariadb import MariaDB

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.parametrize("driver", ["mysql+aiomysql", "mysql+asyncmy"]),
]
AWAY = "The database cannot be reached."
REFUSED = "The database refuses its user what the site needs."
FOREIGN = "The database does not hold the tables of a q2a site."


@pytest.fixture(scope="module")
def site(mariadb: MariaDB) -> Iterator[str]:
    """The name of an empty site, and two users: one may read posts only, one may read nothing."""
    name = "endpoint_site"
    mariadb.create_database(name)

    async def create() -> None:
        db = Database(Settings(database_url=mariadb.url(name)))
        async with db.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(insert(Option).values(name="db_version", value="67"))
        await db.close()

    asyncio.run(create())
    mariadb.execute(
        "CREATE USER reader@localhost IDENTIFIED BY 'right';"
        f"GRANT SELECT ON `{name}`.qa_posts TO reader@localhost;"
        "CREATE USER nobody@localhost IDENTIFIED BY 'right'"
    )
    yield name
    mariadb.execute("DROP USER reader@localhost, nobody@localhost")
    mariadb.drop_database(name)


def url_of(mariadb: MariaDB, site: str, driver: str, **parts: Any) -> str:
    """The URL of the site, or one that differs from it in some parts."""
    url = make_url(mariadb.url(site, driver)).set(**parts)
    return url.render_as_string(hide_password=False)


async def message_of(client: httpx.AsyncClient, query: str = "{ options }") -> str:
    """The message of the only error, after which the server goes on answering."""
    response = await client.post("/graphql", json={"query": query})
    [error] = response.json()["errors"]
    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    extensions = error["extensions"]
    assert (extensions["code"], extensions["retryAfter"]) == ("INTERNAL", 10)
    assert Failure[extensions["unavailable"]].value == error["message"]
    hello = await client.post("/graphql", json={"query": "{ hello }"})
    assert hello.json() == {"data": {"hello": "hello bee"}}
    message: str = error["message"]
    return message


async def test_a_working_site_is_ready(
    mariadb: MariaDB, site: str, meadow: Meadow, driver: str
) -> None:
    client = await meadow(database_url=url_of(mariadb, site, driver))

    assert (await client.get("/readyz")).json() == {"status": "ready", "databaseVersion": 67}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"username": "reader", "password": "wrong"}, REFUSED),
        ({"username": "reader", "password": "right"}, REFUSED),
        ({"username": "nobody", "password": "right"}, REFUSED),
        ({"database": "no_such_database"}, FOREIGN),
        ({"database": "information_schema"}, FOREIGN),
        ({"query": {"unix_socket": "/nowhere/socket"}}, AWAY),
    ],
)
async def test_what_is_wrong_with_the_database_is_said(
    mariadb: MariaDB, site: str, meadow: Meadow, driver: str, parts: dict[str, Any], message: str
) -> None:
    client = await meadow(database_url=url_of(mariadb, site, driver, **parts))

    ready = await client.get("/readyz")

    assert (ready.status_code, ready.json()["reason"]) == (503, message)
    assert await message_of(client) == message


async def test_a_connection_that_was_closed_while_idle_is_replaced(
    mariadb: MariaDB, site: str, meadow: Meadow, driver: str
) -> None:
    client = await meadow(database_url=url_of(mariadb, site, driver))
    before = await client.post("/graphql", json={"query": "{ options }"})

    kill_connections(mariadb, site)
    after = await client.post("/graphql", json={"query": "{ options }"})

    assert before.json() == after.json() == {"data": {"options": 1}}


async def test_a_connection_that_breaks_in_the_middle_costs_one_request(
    mariadb: MariaDB, site: str, meadow: Meadow, driver: str
) -> None:
    client = await meadow(database_url=url_of(mariadb, site, driver))
    waiting = asyncio.create_task(message_of(client, "{ slow }"))
    while not kill_connections(mariadb, site, "SELECT SLEEP%"):  # noqa: ASYNC110
        await asyncio.sleep(0.05)  # the server tells nobody when a statement begins

    assert await waiting == AWAY
    after = await client.post("/graphql", json={"query": "{ options }"})
    assert after.json() == {"data": {"options": 1}}


def kill_connections(mariadb: MariaDB, site: str, statement: str | None = None) -> int:
    """End the connections to a site, or those that run `statement`; how many there were."""
    running = f" AND info LIKE '{statement}'" if statement else ""
    found = mariadb.execute(
        f"SELECT id FROM information_schema.processlist WHERE db = '{site}'{running}"
        " AND id <> CONNECTION_ID()"
    )
    for (id_,) in found:
        mariadb.execute(f"KILL {id_}")
    return len(found)
