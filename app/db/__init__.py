"""The database: its engines, the connections it hands out, and what is known of the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from functools import cached_property
from typing import Any, Self

from sqlalchemy import URL, make_url

from app.config import Settings
from app.db.asynchronous import AsyncConnection, AsyncEngine, create_async_engine
from app.db.dialects import WRITING, prepare_sqlite
from app.db.drivers import Driver
from app.db.iam import sign_in_with_tokens
from app.db.prefixes import use_prefixes
from app.db.reading import ReadConnection, Reader
from app.db.writing import WriteConnection
from app.db.zones import Zone, zone_of
from app.monitoring.monitoring import Monitoring


class Database:
    """One site's database. Make one per process and `close` it at the end.

    :param longest: how many seconds a statement may take before its connection is given up;
        None: any number, for jobs
    """

    def __init__(self, settings: Settings, *, longest: float | None = None) -> None:
        self.settings = settings
        self.engine = _engine(settings, settings.database_url, longest=longest)
        replica = settings.database_read_url
        self.read_engine = _engine(settings, replica, longest=longest) if replica else self.engine
        most, most_kept = settings.database_pool_size, settings.database_prepared_statements
        self._driver = Driver(self.engine, most_kept=most_kept)
        self._own_reader = self._reader = Reader(self._driver, most=most)
        if replica:
            self._reader = Reader(Driver(self.read_engine, most_kept=most_kept), most=most)
        # Who is told of statements, and by whoever has the database of other things.
        self.monitoring: Monitoring | None = None
        self._zone: Zone | None = None
        self._lock = asyncio.Lock()

    def read(self) -> ReadConnection:
        """A connection for reading, in autocommit mode: no statement opens a transaction.

        For a `with` block; nothing is opened before something is read.
        """
        return ReadConnection(self._reader)

    @cached_property
    def primary(self) -> Self:
        """The same database, read where it is written: a replica may lag behind."""
        if self._reader is self._own_reader:
            return self
        view = copy(self)
        view._reader = self._own_reader
        return view

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection that may write, in autocommit mode: each statement is a transaction."""
        async with AsyncExitStack() as stack:
            # What reads hold on to is in the same pool, and nobody else would give it back.
            async with self._own_reader.leases.others():
                connection = await stack.enter_async_context(WriteConnection(self._driver))
            yield connection

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, rolled back if the block raises."""
        async with self.connect() as connection:
            await connection.execution_options(isolation_level=isolation_of(connection))
            async with connection.begin():
                yield connection

    async def zone(self) -> Zone:
        """The zone of the tables' DATETIMEs, asked of the server once."""
        if self._zone is None:
            async with self._lock, self.primary.read() as connection:
                configured = self.settings.database_time_zone
                self._zone = self._zone or await zone_of(connection, configured=configured)
        return self._zone

    def tell(self, monitoring: Monitoring) -> None:
        """Tell of every statement from here on; to be called once."""
        self.monitoring = monitoring
        monitoring.watch(self.engine.sync_engine, self.read_engine.sync_engine)
        self._driver.timed = self._reader.driver.timed = monitoring.timed

    async def close(self) -> None:
        await self._own_reader.leases.forget()
        await self._reader.leases.forget()
        await self.engine.dispose()
        if self.read_engine is not self.engine:
            await self.read_engine.dispose()


def isolation_of(connection: AsyncConnection) -> str:
    """The isolation level of a writing transaction on this connection's server."""
    # Recounts must see what others have committed since the transaction began.
    return WRITING[connection.dialect.name]


def _engine(settings: Settings, url: str, *, longest: float | None) -> AsyncEngine:
    parsed = make_url(url)
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    # Errors are logged; what people wrote, and who they are, is not.
    options |= {"hide_parameters": True}
    if parsed.get_backend_name() == "mysql":
        parsed = _with_charset(parsed)
        size = settings.database_pool_size
        options |= {"pool_size": size, "max_overflow": 0, "pool_recycle": 1500}
        options |= {"pool_pre_ping": True}
        if parsed.get_driver_name() == "aiomysql":
            from app.db.connecting import arguments

            options["connect_args"] = arguments(is_encrypted=settings.uses_tls, longest=longest)
    engine = create_async_engine(parsed, **options)
    if parsed.get_backend_name() == "sqlite":
        prepare_sqlite(engine.sync_engine)
    elif settings.database_iam_region:
        sign_in_with_tokens(engine.sync_engine, region=settings.database_iam_region)
    prefix = settings.table_prefix
    users_prefix = settings.users_table_prefix or prefix
    use_prefixes(engine.sync_engine, site=prefix, users=users_prefix)
    return engine


def _with_charset(url: URL) -> URL:
    # Four-byte characters must reach the server whole, even to be found missing (FACTS 1).
    return url if "charset" in url.query else url.update_query_dict({"charset": "utf8mb4"})
