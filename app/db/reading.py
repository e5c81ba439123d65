"""Connections for reading, which run prepared statements on the driver's own cursor."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Self
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.db.leases import Lease, Leases
from app.db.prepared import Prepared, Text

Rows = Sequence[tuple[Any, ...]]
NOTHING: Mapping[str, Any] = {}


class Reader:
    """Runs prepared statements on an engine's connections, of which it keeps `most`."""

    def __init__(self, engine: AsyncEngine, *, most: int) -> None:
        self.engine = engine
        self.leases = Leases(engine, most=most)
        # What times a statement by its text and its dialect, if anything does.
        self.timed: Callable[[str, str], AbstractContextManager[None]] | None = None
        self._texts: WeakKeyDictionary[Prepared, Text] = WeakKeyDictionary()
        # SQLite's driver speaks to a thread, beside which nothing else matters.
        self._is_direct = engine.dialect.name == "mysql"

    @property
    def is_direct(self) -> bool:
        """Whether SQLAlchemy is passed by: not where somebody listens to what it executes."""
        if not self._is_direct:
            return False
        # Who times the statements is told of these as well.
        return self.timed is not None or not self.engine.sync_engine.dispatch.before_cursor_execute

    async def rows(self, prepared: Prepared, values: Mapping[str, Any]) -> Rows | None:
        """The rows of a statement; None if it has to be run by SQLAlchemy.

        :raises DBAPIError: as SQLAlchemy would
        """
        text = self._texts.get(prepared)
        if text is None:
            text = self._texts[prepared] = Text(prepared, self.engine.dialect)
        filled = text.filled(values)
        if filled is None:
            return None
        lease, is_used = await self._lease()
        try:
            rows = await self._execute(lease, *filled)
        except DBAPIError as error:
            if not (is_used and error.connection_invalidated):
                raise
            # The server has closed it meanwhile, and the others as well. Nothing was changed.
            await self.leases.forget()
            lease, _ = await self._lease()
            rows = await self._execute(lease, *filled)
        return text.read(rows)

    async def _lease(self) -> tuple[Lease, bool]:
        try:
            return await self.leases.take()
        except self.engine.dialect.loaded_dbapi.Error as error:
            # None can be made. The pool itself does not say so in SQLAlchemy's words.
            is_lost = self.engine.dialect.is_disconnect(error, None, None)
            raise self._told(error, is_lost=is_lost) from error

    def _told(
        self,
        error: Exception,
        text: str | None = None,
        parameters: list[Any] | None = None,
        *,
        is_lost: bool,
    ) -> Exception:
        """An error of the driver in SQLAlchemy's words."""
        dialect = self.engine.dialect
        return DBAPIError.instance(
            text,
            parameters,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=self.engine.sync_engine.hide_parameters,
            connection_invalidated=is_lost,
            dialect=dialect,
        )

    async def _execute(self, lease: Lease, text: str, parameters: list[Any]) -> Rows:
        """The rows as the driver gives them; the lease is over, whatever comes of it."""
        if self.timed is None:
            return await self._run(lease, text, parameters)
        with self.timed(text, self.engine.dialect.name):
            return await self._run(lease, text, parameters)

    async def _run(self, lease: Lease, text: str, parameters: list[Any]) -> Rows:
        dialect = self.engine.dialect
        try:
            async with lease.driver.cursor(*_cursor_classes(dialect)) as cursor:
                await cursor.execute(text, parameters)
                rows: Rows = await cursor.fetchall()
        except dialect.loaded_dbapi.Error as error:
            is_lost = dialect.is_disconnect(error, lease.proxied.dbapi_connection, None)
            if is_lost:
                self.leases.drop(lease, error)
            else:
                await self.leases.give(lease)
            raise self._told(error, text, parameters, is_lost=is_lost) from error
        except BaseException as error:
            self.leases.drop(lease, error)
            raise
        await self.leases.give(lease)
        return rows


def _cursor_classes(dialect: Dialect) -> list[Any]:
    # SQLAlchemy's own for aiomysql asks for no warnings.
    own = getattr(dialect.loaded_dbapi, "Cursor", None)
    return [own] if own else []


class ReadConnection(AsyncConnection):
    """A connection for reading, in autocommit mode. It is opened when something needs it: until
    then prepared statements have connections of their own, each for as long as it takes.
    """

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.engine)
        self._reader = reader

    async def rows(self, prepared: Prepared, values: Mapping[str, Any]) -> Rows:
        """The rows of a prepared statement."""
        rows = None
        # Whoever holds a connection and waits for another may wait for ever.
        if self.sync_connection is None and self._reader.is_direct:
            rows = await self._reader.rows(prepared, values)
        return await execute(self, prepared, values) if rows is None else rows

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: Any) -> None:
        if self.sync_connection is not None:
            await super().__aexit__(*exception)

    @property  # type: ignore[misc]
    def dialect(self) -> Dialect:
        return self.engine.dialect

    async def open(self) -> None:
        """Take a connection from the pool, if there is none yet."""
        if self.sync_connection is None:
            async with self._reader.leases.others():
                await self.start()

    async def execute(self, *args: Any, **options: Any) -> Any:
        await self.open()
        return await super().execute(*args, **options)

    async def scalar(self, *args: Any, **options: Any) -> Any:
        await self.open()
        return await super().scalar(*args, **options)

    async def run_sync(self, *args: Any, **options: Any) -> Any:
        await self.open()
        return await super().run_sync(*args, **options)


async def rows_of(
    connection: AsyncConnection, prepared: Prepared, values: Mapping[str, Any] = NOTHING
) -> Rows:
    """The rows of a prepared statement, by the shortest way that the connection has.

    :param values: by the names of bound parameters; lists for `many`
    """
    if isinstance(connection, ReadConnection):
        return await connection.rows(prepared, values)
    return await execute(connection, prepared, values)


async def execute(
    connection: AsyncConnection, prepared: Prepared, values: Mapping[str, Any]
) -> Rows:
    """The rows of a prepared statement by SQLAlchemy's own way."""
    rows: Rows = (await connection.execute(prepared.statement, values)).all()
    return rows
