"""Connections for reading, which run prepared statements on the driver's own cursor."""

from typing import Any, Self

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError

from app.db.drivers import Done, Driver
from app.db.leases import Lease, Leases
from app.db.prepared import Prepared
from app.db.running import PreparingConnection, Values


class Reader:
    """Runs prepared statements on an engine's connections, of which it keeps `most`."""

    def __init__(self, driver: Driver, *, most: int) -> None:
        self.driver = driver
        self.leases = Leases(driver.engine, most=most)

    async def run(self, prepared: Prepared, values: Values) -> Done | None:
        """What a SELECT gives; None if it has to be run by SQLAlchemy.

        :raises DBAPIError: as SQLAlchemy would
        """
        text = self.driver.text_of(prepared)
        filled = text.filled(values)
        if filled is None:
            return None
        lease, is_used = await self._lease()
        try:
            done = await self._run(lease, *filled, is_flat=prepared.is_flat)
        except DBAPIError as error:
            if not (is_used and error.connection_invalidated):
                raise
            # The server has closed it meanwhile, and the others as well. Nothing was changed.
            await self.leases.forget()
            lease, _ = await self._lease()
            done = await self._run(lease, *filled, is_flat=prepared.is_flat)
        return done._replace(rows=text.read(done.rows))

    async def _lease(self) -> tuple[Lease, bool]:
        dialect = self.driver.dialect
        try:
            return await self.leases.take()
        except dialect.loaded_dbapi.Error as error:
            # None can be made. The pool itself does not say so in SQLAlchemy's words.
            is_lost = dialect.is_disconnect(error, None, None)
            raise self.driver.told(error, is_lost=is_lost) from error

    async def _run(self, lease: Lease, text: str, parameters: list[Any], *, is_flat: bool) -> Done:
        """What the driver gives; the lease is over, whatever comes of it."""
        try:
            done = await self.driver.run(lease.proxied, text, parameters, may_be_kept=is_flat)
        except DBAPIError as error:
            if error.connection_invalidated:
                self.leases.drop(lease, error)
            else:
                await self.leases.give(lease)
            raise
        except BaseException as error:
            self.leases.drop(lease, error)
            raise
        await self.leases.give(lease)
        return done


class ReadConnection(PreparingConnection):
    """A connection for reading, in autocommit mode. It is opened when something needs it: until
    then prepared statements have connections of their own, each for as long as it takes.
    """

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.driver.engine)
        self._reader = reader

    async def run(self, prepared: Prepared, values: Values) -> Done:
        done = None
        # Whoever holds a connection and waits for another may wait for ever.
        may_wait = prepared.is_select and self.sync_connection is None
        if may_wait and self._reader.driver.is_direct:
            done = await self._reader.run(prepared, values)
        return await super().run(prepared, values) if done is None else done

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
