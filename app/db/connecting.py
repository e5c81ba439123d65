"""Connections by aiomysql that wait for no server for ever, and say nothing in the open if TLS is
wanted; loaded where that driver is used.
"""

import asyncio
import ssl
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from aiomysql import Connection, OperationalError  # type: ignore[import-untyped]
from pymysql.constants import CLIENT, CR

from app.db.results import Result as ReadResult

Result = TypeVar("Result")
# A server that is alive greets, and answers that it is there, in milliseconds.
SECONDS_TO_CONNECT = 10.0
SECONDS_TO_PING = 5.0


def arguments(*, is_encrypted: bool, longest: float | None) -> dict[str, Any]:
    """What SQLAlchemy's dialect has to be told.

    :param is_encrypted: whether servers have to prove who they are, and nobody listens in
    :param longest: how many seconds a statement may take; None: any number
    """
    connect = partial(_connect, is_encrypted=is_encrypted, longest=longest)
    given: dict[str, Any] = {"async_creator_fn": connect}
    return given | ({"ssl": ssl.create_default_context()} if is_encrypted else {})


async def _connect(*, is_encrypted: bool, longest: float | None, **options: Any) -> "Bounded":
    kind = Encrypted if is_encrypted else Bounded
    connection = kind(longest=longest, **options)
    await connection.open()
    return connection


class Bounded(Connection):  # type: ignore[misc]
    """A connection that is closed when the server lets it wait for too long.

    A server whose disk stands still, or whose machine is gone, would otherwise keep everybody
    who has asked it, and all connections with them.
    """

    def __init__(self, *, longest: float | None, **options: Any) -> None:
        super().__init__(**options)
        self._longest = longest
        # What was read of the stream beyond the result that it was read for.
        self.ahead = b""

    async def open(self) -> None:
        await self._within(SECONDS_TO_CONNECT, self._connect())

    async def ping(self, reconnect: bool = True) -> None:
        if self.closed and not reconnect:
            # The driver's own words for that do not tell SQLAlchemy to replace it.
            raise OperationalError(CR.CR_SERVER_LOST, "The connection is closed.")
        await self._within(SECONDS_TO_PING, super().ping(reconnect))

    async def query(self, sql: str | bytes, unbuffered: bool = False) -> Any:
        return await self._within(self._longest, super().query(sql, unbuffered))

    async def commit(self) -> None:
        await self._within(self._longest, super().commit())

    async def rollback(self) -> None:
        await self._within(self._longest, super().rollback())

    async def autocommit(self, value: bool) -> None:
        await self._within(self._longest, super().autocommit(value))

    async def _read_query_result(self, unbuffered: bool = False) -> None:
        if unbuffered:
            await super()._read_query_result(unbuffered=True)
            return
        self._result = None
        result = ReadResult(self)
        await result.read()
        self._result = result
        self._affected_rows = result.affected_rows
        if result.server_status is not None:
            self.server_status = result.server_status

    async def _read_bytes(self, num_bytes: int) -> bytes:
        if not self.ahead:
            return bytes(await super()._read_bytes(num_bytes))
        taken, self.ahead = self.ahead[:num_bytes], self.ahead[num_bytes:]
        missing = num_bytes - len(taken)
        return taken + bytes(await super()._read_bytes(missing)) if missing else taken

    async def _within(self, seconds: float | None, work: Coroutine[Any, Any, Result]) -> Result:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            self.close()
            message = f"The database server has not answered for {seconds:g} seconds."
            raise OperationalError(CR.CR_SERVER_LOST, message) from None


class Encrypted(Bounded):
    """By itself aiomysql goes on in the open where the greeting, which anybody between may
    have changed, offers no encryption; the password would follow.
    """

    async def _request_authentication(self) -> None:
        if not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(
                CR.CR_SSL_CONNECTION_ERROR, "The database server offers no encryption."
            )
        await super()._request_authentication()
