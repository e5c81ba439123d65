"""Connections that are handed from one read to the next without a detour through the pool."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

# After that the pool has it back, to look whether it is still alive, or too old.
LONGEST_SECONDS = 60.0


class Lease:
    """A connection of the pool, held for one read after another; `driver` is the driver's own."""

    __slots__ = ("driver", "proxied", "since")

    def __init__(self, proxied: PoolProxiedConnection) -> None:
        self.proxied = proxied
        self.driver: Any = proxied.driver_connection
        self.since = time.monotonic()

    def end_broken(self, error: BaseException) -> None:
        """Close it for good, at once: nobody knows what it is still waiting for."""
        self.proxied.invalidate(error)


class Leases:
    """The connections of an engine that reads hold on to; whoever else wants one is let before."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._idle: list[Lease] = []
        self._wanted = 0

    async def take(self) -> tuple[Lease, bool]:
        """A connection, and whether it was used before without a look at it since."""
        if self._idle:
            return self._idle.pop(), True
        async with self.others():
            return Lease(await self._engine.raw_connection()), False

    async def give(self, lease: Lease) -> None:
        """End the use of a connection that works."""
        if self._wanted or time.monotonic() - lease.since > LONGEST_SECONDS:
            await self._release(lease)
        else:
            self._idle.append(lease)

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

    async def _release(self, lease: Lease) -> None:
        await greenlet_spawn(lease.proxied.close)
