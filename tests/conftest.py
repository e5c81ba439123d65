"""What tests share: databases of both kinds, and the API as a client meets it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from sqlalchemy import Engine, event
from starlette.applications import Starlette
from starlette.requests import Request

from app import migrations
from app.api import Executor
from app.config import Settings
from app.db import Database
from app.domain.addresses import packed
from app.domain.viewers import Identity
from app.main import create_app
from app.models import Base
from tests import dump, scratch
from tests.mariadb import MariaDB
from tests.mariadb import mariadb as mariadb
from tests.s3 import s3_endpoint as s3_endpoint
from tests.s3 import s3_url as s3_url
from wingbeat import Limits

DATA = Path(__file__).parent / "data"
if directory := scratch.root():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", directory)
# Most tests send a document only once; they are to test compiled plans all the same.
Executor.plans.limits = Limits(at_once=True)
# The same examples in every run: what fails was broken by what was changed. With
# `--hypothesis-profile=default` pytest looks for others, and elsewhere each time.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")
SERVERS = ["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)]


class Api:
    """The endpoint as a client meets it: over HTTP, with a document and variables.

    `viewer` is the number of an account, `guest` that of a guest's cookie.
    """

    def __init__(self, app: Starlette) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.app = app
        self.http = httpx.AsyncClient(transport=transport, base_url="http://test")

    async def post(
        self,
        document: str,
        *,
        viewer: int | None = None,
        guest: int | None = None,
        address: str = "127.0.0.1",
        **variables: Any,
    ) -> httpx.Response:
        headers = {"x-address": address}
        headers |= {"x-viewer": str(viewer)} if viewer else {}
        headers |= {"x-guest": str(guest)} if guest else {}
        body = {"query": document, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=headers)

    async def ask(self, document: str, **options: Any) -> Any:
        """The data of an answer that has no errors."""
        body = (await self.post(document, **options)).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def refused(self, document: str, **options: Any) -> Any:
        """The only error of an answer."""
        body = (await self.post(document, **options)).json()
        [error] = body["errors"]
        return error


async def named_in_headers(request: Request) -> Identity:
    """Who a test says it is; real requests prove it with a token."""
    viewer, guest = request.headers.get("x-viewer"), request.headers.get("x-guest")
    return Identity(
        user_id=int(viewer) if viewer else None,
        cookie_id=int(guest) if guest else None,
        address=packed(request.headers.get("x-address", "127.0.0.1")),
    )


def settings_for(url: str, **others: str) -> Settings:
    chosen = {"COMPILED_EXECUTION": os.environ.get("COMPILED_EXECUTION", "")}
    return Settings.load({"DATABASE_URL": url, **chosen, **others})


MakeApi = Callable[[str], Api]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Api]]:
    """Makes the API of a database by its URL and other settings."""
    made: list[Api] = []

    def make(url: str, **others: str) -> Api:
        made.append(Api(create_app(settings_for(url, **others), identify=named_in_headers)))
        use_compiled_statements(database_of(made[-1]))
        return made[-1]

    yield make
    for api in made:
        await api.http.aclose()
        await api.app.state.events.over()
        await database_of(api).close()
        keep_compiled_statements(database_of(api))


def database_of(api: Api) -> Database:
    db: Database = api.app.state.db
    return db


_compiled: dict[tuple[str, str, str], tuple[Any, Any]] = {}


def use_compiled_statements(db: Database) -> None:
    """Let a site use the statements that were compiled for others: that is a third of a test.

    SQLAlchemy keeps them by dialect, which is an engine's own; sites on one kind of server and
    with the same prefixes can do with one.
    """
    for key, engine in _engines(db):
        if key in _compiled:
            engine.dialect, engine._compiled_cache = _compiled[key]
            if engine.dialect.name == "mysql":
                engine.dialect.default_schema_name = engine.url.database


def keep_compiled_statements(db: Database) -> None:
    """Keep a site's statements for the next. Its dialect knows the server once it has met it."""
    for key, engine in _engines(db):
        if hasattr(engine.dialect, "server_version_info"):
            _compiled.setdefault(key, (engine.dialect, engine._compiled_cache))


def _engines(db: Database) -> list[tuple[tuple[str, str, str], Engine]]:
    prefixes = db.settings.table_prefix, db.settings.users_table_prefix
    engines = {db.engine.sync_engine, db.read_engine.sync_engine}
    return [((engine.dialect.name, *prefixes), engine) for engine in engines]


@pytest.fixture(scope="session")
def golden_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site's dump as an SQLite file; nobody may write to it."""
    path = tmp_path_factory.mktemp("golden") / "golden.sqlite"

    async def make() -> None:
        db = Database(settings_for(f"sqlite+aiosqlite:///{path}"))
        await dump.load(db, DATA / "q2a-site.sql.gz")
        await db.close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def golden_url(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """The URL of the real site on a kind of server, loaded when it is first asked for."""
    loaded: set[str] = set()

    def url(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite+aiosqlite:///{request.getfixturevalue('golden_file')}"
        server: MariaDB = request.getfixturevalue("mariadb")
        if kind not in loaded:
            server.load("golden", DATA / "q2a-site.sql.gz")
            loaded.add(kind)
        return server.url("golden")

    return url


@pytest.fixture(params=SERVERS)
def golden(
    request: pytest.FixtureRequest, golden_url: Callable[[str], str], serve: Callable[..., Api]
) -> Api:
    """The API of the real site, to be read only."""
    return serve(golden_url(request.param))


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of which there are only the tables, as an SQLite file to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.sqlite"
    asyncio.run(_make_tables(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def empty_database(mariadb: MariaDB) -> str:
    """The same as a database of MariaDB's, to be cloned."""
    mariadb.create_database("empty")
    asyncio.run(_make_tables(mariadb.url("empty")))
    return "empty"


@pytest.fixture(params=SERVERS)
def site_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty site of the test's own, on both kinds of server."""
    if request.param == "sqlite":
        source = request.getfixturevalue("empty_file")
        return f"sqlite+aiosqlite:///{shutil.copy(source, tmp_path / 'site.sqlite')}"
    server: MariaDB = request.getfixturevalue("mariadb")
    return server.url(server.clone(request.getfixturevalue("empty_database")))


async def _make_tables(url: str) -> None:
    db = Database(settings_for(url))
    async with db.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await migrations.upgrade(db)
    await db.close()


@pytest.fixture
def api(site_url: str, serve: Callable[..., Api]) -> Api:
    """The API of an empty site of the test's own."""
    return serve(site_url)


@pytest.fixture
def db(api: Api) -> Database:
    """The database behind `api`."""
    return database_of(api)


def statements_of(api: Api) -> list[str]:
    """Every SQL statement that the API sends from here on."""
    sent: list[str] = []
    for engine in {database_of(api).engine, database_of(api).read_engine}:
        event.listen(
            engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
        )
    return sent
