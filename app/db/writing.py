"""Connections for writing, which run prepared statements on the driver's cursor as well."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.db.drivers import Done, Driver
from app.db.prepared import Prepared
from app.db.running import PreparingConnection, Values


class WriteConnection(PreparingConnection):
    """A connection that may write; what it runs is part of the transaction that it is in."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver.engine)
        self._driver = driver

    @property
    def _is_direct(self) -> bool:
        # What was lost, SQLAlchemy replaces, unless that was in the middle of a transaction.
        is_there = self.sync_connection is not None and not self.sync_connection.invalidated
        return is_there and self._driver.is_direct

    async def run(self, prepared: Prepared, values: Values) -> Done:
        if not self._is_direct:
            return await super().run(prepared, values)
        text = self._driver.text_of(prepared)
        filled = text.filled(values)
        if filled is None:
            return await super().run(prepared, values)
        done = await self._run(*filled)
        return done._replace(rows=text.read(done.rows)) if done.rows else done

    async def insert(self, prepared: Prepared, rows: Sequence[Values]) -> None:
        if self._is_direct:
            text = self._driver.text_of(prepared)
            filled = [one for row in rows if (one := text.filled(row))]
            await self._run(filled[0][0], [given for _, given in filled], for_many=True)
        else:
            await super().insert(prepared, rows)

    async def _run(self, text: str, parameters: list[Any], *, for_many: bool = False) -> Done:
        assert self.sync_connection is not None
        proxied = self.sync_connection.connection
        try:
            return await self._driver.run(proxied, text, parameters, for_many=for_many)
        except DBAPIError as error:
            if error.connection_invalidated:
                self.sync_connection.invalidate(error)
            raise
        except BaseException as error:
            # Nobody knows what the connection is still waiting for.
            self.sync_connection.invalidate(error)
            raise
