"""People of the real site, whose passwords are known, on a database of the test's own."""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from app.config import Settings
from app.db import Database
from app.domain import options
from app.domain.options import Options
from app.main import create_app
from tests.auth import pool as pools
from tests.auth.pool import Pool, Pools
from tests.conftest import DATA, SERVERS, settings_for
from tests.mariadb import MariaDB


class Known(NamedTuple):
    """Somebody who has an account on the real site; `hash` is `bcrypt` or `legacy-sha1`."""

    userid: int
    handle: str
    email: str
    password: str
    hash: str
    level: int
    blocked: bool
    confirmed: bool
    deleted: bool


WHO = "{ viewer { user { handle } } }"
PEOPLE = [Known(**entry) for entry in json.loads((DATA / "credentials.json").read_text())["users"]]
# With the older kind of hash, with the newer, and blocked.
RYOU, KIN, WASP = PEOPLE[2], PEOPLE[1], PEOPLE[20]


@pytest.fixture
def real_file(golden_file: Path, tmp_path: Path) -> str:
    """The URL of a copy of the real site in a file."""
    return f"sqlite+aiosqlite:///{shutil.copy(golden_file, tmp_path / 'real.sqlite')}"


@pytest.fixture(params=SERVERS)
def real_url(request: pytest.FixtureRequest, golden_url: Callable[[str], str]) -> str:
    """The URL of a copy of the real site, on both kinds of server."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("real_file"))
    golden_url("mariadb")
    server: MariaDB = request.getfixturevalue("mariadb")
    return server.url(server.clone("golden"))


@pytest.fixture
async def real(real_url: str) -> AsyncIterator[Database]:
    """A copy of the real site."""
    db = Database(settings_for(real_url))
    yield db
    await db.close()


@pytest.fixture
async def real_options(real: Database) -> Options:
    async with real.read() as connection:
        return await options.load(connection)


class Door:
    """The endpoint as people come to it: by tokens, by cookies, from addresses."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.db: Database = self.app.state.db
        self.http = self.client()

    def client(self, address: str = "192.0.2.7") -> httpx.AsyncClient:
        """A client that the endpoint sees at this address."""
        transport = httpx.ASGITransport(
            self.app, client=(address, 5000), raise_app_exceptions=False
        )
        return httpx.AsyncClient(transport=transport, base_url="http://bees.example")

    async def post(
        self, document: str = WHO, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Ask with a token, and with headers, in whose names `_` stands for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        return await self.http.post("/graphql", json={"query": document}, headers=sent)

    async def handle(self, *, token: str | None = None, **headers: str) -> str | None:
        """The handle of whoever asks so; None for guests."""
        response = await self.post(token=token, **headers)
        assert response.status_code == 200, response.text
        viewer = response.json()["data"]["viewer"]
        return None if viewer is None else str(viewer["user"]["handle"])


OpenDoor = Callable[..., Door]


@pytest.fixture(scope="session")
def all_pools() -> Iterator[Pools]:
    with pools.serving() as served:
        yield served


@pytest.fixture
def pool(all_pools: Pools) -> Pool:
    """A user pool of the test's own."""
    return all_pools.make()


@pytest.fixture
async def open_door(pool: Pool) -> AsyncIterator[OpenDoor]:
    """Makes the API of a database that accepts the pool's tokens, under other settings."""
    made: list[Door] = []

    def make(url: str, **others: str) -> Door:
        # Tests look at what changed at once.
        defaults = {"VIEWER_CACHE_SECONDS": "0", **pool.settings}
        made.append(Door(settings_for(url, **defaults | others)))
        return made[-1]

    yield make
    for door in made:
        await door.http.aclose()
        await door.db.close()


@pytest.fixture
def door(open_door: OpenDoor, site_url: str) -> Door:
    """The API of an empty site, on both kinds of server."""
    return open_door(site_url)


@pytest.fixture
def small_url(empty_file: Path, tmp_path: Path) -> str:
    """An empty site where the kind of server does not matter."""
    return f"sqlite+aiosqlite:///{shutil.copy(empty_file, tmp_path / 'small.sqlite')}"


@pytest.fixture
def small_door(open_door: OpenDoor, small_url: str) -> Door:
    """The API of an empty site where the kind of server does not matter."""
    return open_door(small_url)


async def rows(db: Database, statement: Any) -> list[Any]:
    async with db.read() as connection:
        return list((await connection.execute(statement)).all())
