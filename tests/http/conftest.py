"""A small site served in the process, spoken to by HTTP."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.requests import Request

from app.aws.storage import storage_of
from app.config import Settings
from app.db import Database
from app.endpoint.server import build
from app.models import Base, Option
from app.models.waggle import WaggleBase
from tests.http.meadow import schema

Meadow = Callable[..., Awaitable[httpx.AsyncClient]]


def meadow_app(db: Database) -> Starlette:
    """The small schema, served from `db` by its settings."""

    async def make_context(request: Request) -> dict[str, Any]:
        return {"request": request, "db": db}

    return build(
        schema,
        make_context=make_context,
        db=db,
        settings=db.settings,
        storage=storage_of(db.settings),
    )


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with q2a's tables and next to nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("site") / "empty.sqlite"

    async def create() -> None:
        db = Database(Settings(database_url=f"sqlite+aiosqlite:///{path}"))
        async with db.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.run_sync(WaggleBase.metadata.create_all)
            await connection.execute(insert(Option).values(name="db_version", value="67"))
        await db.close()

    asyncio.run(create())
    return path


@pytest.fixture
def database_url(empty_site: Path, tmp_path: Path) -> str:
    """A site of the test's own."""
    return f"sqlite+aiosqlite:///{shutil.copy(empty_site, tmp_path / 'site.sqlite')}"


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    db = Database(Settings(database_url=database_url))
    yield db
    await db.close()


@pytest.fixture
async def client(db: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the small schema with the default settings."""
    async with client_of(meadow_app(db)) as client:
        yield client


@pytest.fixture
async def meadow(database_url: str) -> AsyncIterator[Meadow]:
    """Makes clients of the small schema under other settings than the default."""
    async with AsyncExitStack() as stack:

        async def make(**settings: Any) -> httpx.AsyncClient:
            chosen = Settings(**{"database_url": database_url, **settings})
            other = Database(chosen)
            stack.push_async_callback(other.close)
            return await stack.enter_async_context(client_of(meadow_app(other)))

        yield make
