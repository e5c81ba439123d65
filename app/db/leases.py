"""Connections that are handed from one read to the next without a detour through the pool."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import greenlet_spawn

# After that the pool has it back, to look whether it is still alive, or too old.
LONGEST_SECONDS = 60.0


class Lease:
    """A connection of the pool, held for one read after another."""

    __slots__ = ("proxied", "since")

    def __init__(self, proxied: PoolProxiedConnection) -> None:
        self.proxied = proxied
        self.since = time.monotonic()


class Leases:
    """The connections of an engine that reads hold on to, and lend each other.

    Whoever takes one from the pool itself goes before them.

    :param most: how many connections the pool has
    """

    def __init__(self, engine: AsyncEngine, *, most: int) -> None:
        self._engine = engine
        self._most = most
        self._held = 0
        self._idle: list[Lease] = []
        self._waiting: deque[asyncio.Future[Lease | None]] = deque()
        self._wanted = 0

    async def take(self) -> tuple[Lease, bool]:
        """A connection, and whether it was used before without a look at it since.

        :raises PoolTimeout: if there is none for as long as the pool would wait for one
        """
        while self._held >= self._most and not self._idle:
            # All are reading; the next that is done is handed over.
            lease = await self._next()
            if lease is not None:
                return lease, True
        if self._idle:
            return self._idle.pop(), True
        self._held += 1
        try:
            return Lease(await self._engine.raw_connection()), False
        except BaseException:
            self._lose()
            raise

    async def give(self, lease: Lease) -> None:
        """End the use of a connection that works."""
        if self._wanted or time.monotonic() - lease.since > LONGEST_SECONDS:
            await self._release(lease)
        elif not self._hand_over(lease):
            self._idle.append(lease)

    def drop(self, lease: Lease, error: BaseException) -> None:
        """Close a connection for good, at once: nobody knows what it is still waiting for."""
        self._lose()
        lease.proxied.invalidate(error)

    @asynccontextmanager
    async def others(self) -> AsyncIterator[None]:
        """A block in which somebody takes a connection from the pool itself."""
        self._wanted += 1
        try:
            if self._idle:
                await self._release(self._idle.pop(0))
            yield
        finally:
            self._wanted -= 1

    async def forget(self) -> None:
        """Give all idle connections back to the pool."""
        while self._idle:
            await self._release(self._idle.pop())

    async def _next(self) -> Lease | None:
        """The next that somebody is done with; None when there is room for another."""
        waiter: asyncio.Future[Lease | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._patience):
                return await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                await self._pass_on(waiter.result())
            if isinstance(error, TimeoutError):
                raise PoolTimeout("No connection for reading has become free.") from None
            raise

    @property
    def _patience(self) -> float | None:
        pool = self._engine.sync_engine.pool
        return pool.timeout() if isinstance(pool, QueuePool) else None

    async def _pass_on(self, lease: Lease | None) -> None:
        """Let somebody else have what was handed to whoever does not wait any more."""
        if lease is None:
            self._hand_over(None)
        else:
            await self.give(lease)

    def _hand_over(self, lease: Lease | None) -> bool:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(lease)
                return True
        return False

    def _lose(self) -> None:
        self._held -= 1
        self._hand_over(None)

    async def _release(self, lease: Lease) -> None:
        try:
            await greenlet_spawn(lease.proxied.close)
        finally:
            # Only now: whoever waits for the pool itself goes before the next reader.
            self._lose()
