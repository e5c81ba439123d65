"""Connections for writing, which run prepared statements on the driver's cursor as well."""

from sqlalchemy.exc import DBAPIError

from app.db.drivers import Done, Driver
from app.db.prepared import Prepared
from app.db.running import PreparingConnection, Values


class WriteConnection(PreparingConnection):
    """A connection that may write; what it runs is part of the transaction that it is in."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver.engine)
        self._driver = driver

    async def run(self, prepared: Prepared, values: Values) -> Done:
        if not self._driver.is_direct:
            return await super().run(prepared, values)
        text = self._driver.text_of(prepared)
        filled = text.filled(values)
        if filled is None:
            return await super().run(prepared, values)
        assert self.sync_connection is not None
        proxied = self.sync_connection.connection
        try:
            done = await self._driver.run(proxied, *filled)
        except DBAPIError as error:
            if error.connection_invalidated:
                self.sync_connection.invalidate(error)
            raise
        except BaseException as error:
            # Nobody knows what the connection is still waiting for.
            self.sync_connection.invalidate(error)
            raise
        return done._replace(rows=text.read(done.rows)) if done.rows else done
