"""Prepared statements on cursors of an engine's driver, and its errors in SQLAlchemy's words."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.kept import KeptStatements, Rows
from app.db.prepared import Prepared, Text


class Done(NamedTuple):
    """What a statement gave: its rows, how many it met, and the number that the server gave the
    row that it inserted.
    """

    rows: Rows
    row_count: int
    inserted_id: int


class Driver:
    """Runs prepared statements on the connections of an engine, past SQLAlchemy.

    :param most_kept: how many the server keeps for each connection, if the driver has a way for it
    """

    def __init__(self, engine: AsyncEngine, *, most_kept: int = 0) -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self._kept = KeptStatements(most_kept if engine.dialect.driver == "asyncmy" else 0)
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

    def text_of(self, prepared: Prepared) -> Text:
        text = self._texts.get(prepared)
        if text is None:
            is_kept = prepared.is_flat and self._kept.most > 0
            text = self._texts[prepared] = Text(prepared, self.dialect, is_kept=is_kept)
        return text

    async def run(
        self,
        proxied: PoolProxiedConnection,
        text: str,
        parameters: list[Any],
        *,
        for_many: bool = False,
        may_be_kept: bool = False,
    ) -> Done:
        """What a statement gives on a connection of the pool; rows are as the driver has them.

        :param may_be_kept: whether it is a SELECT that the server may keep
        :param for_many: whether these are the parameters of many rows, for an INSERT of all
        :raises DBAPIError: as SQLAlchemy would; the caller has to drop the connection if that
            is lost, and after any other exception
        """
        try:
            if may_be_kept and self._kept.most:
                work = self._run_kept(proxied, text, parameters)
            else:
                work = self._run(proxied.driver_connection, text, parameters, for_many=for_many)
            if self.timed is None:
                return await work
            with self.timed(text, self.dialect.name):
                return await work
        except self.dialect.loaded_dbapi.Error as error:
            is_lost = self.dialect.is_disconnect(error, proxied.dbapi_connection, None)
            raise self.told(error, text, parameters, is_lost=is_lost) from error

    async def _run_kept(
        self, proxied: PoolProxiedConnection, text: str, parameters: list[Any]
    ) -> Done:
        driver = proxied.driver_connection
        rows = await self._kept.rows(driver, proxied.info, text, parameters)
        if rows is None:
            return await self._run(driver, text, parameters, for_many=False)
        return Done(rows, len(rows), 0)

    async def _run(self, driver: Any, text: str, parameters: list[Any], *, for_many: bool) -> Done:
        # SQLAlchemy's own class for aiomysql asks for no warnings.
        own = getattr(self.dialect.loaded_dbapi, "Cursor", None)
        async with driver.cursor(*([own] if own else [])) as cursor:
            # The driver makes one statement of many rows.
            await (cursor.executemany if for_many else cursor.execute)(text, parameters)
            rows: Rows = await cursor.fetchall() if cursor.description else ()
            return Done(rows, cursor.rowcount, cursor.lastrowid)

    def told(
        self,
        error: Exception,
        text: str | None = None,
        parameters: list[Any] | None = None,
        *,
        is_lost: bool,
    ) -> Exception:
        """An error of the driver in SQLAlchemy's words."""
        return DBAPIError.instance(
            text,
            parameters,
            error,
            self.dialect.loaded_dbapi.Error,
            hide_parameters=self.engine.sync_engine.hide_parameters,
            connection_invalidated=is_lost,
            dialect=self.dialect,
        )
