"""A way to MariaDB that can stand still: bytes are taken, and no more of them passed on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class StillServer:
    """Passes on what connections say, both ways, while `flows` is set."""

    def __init__(self, server: Path) -> None:
        self.server = server
        self.flows = asyncio.Event()
        self.flows.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_unix_connection(str(self.server))
        for source, target in ((reader, asks), (answers, writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(65536):
                await self.flows.wait()
                target.write(piece)
                await target.drain()
        except ConnectionError:
            pass
        finally:
            target.close()

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def standing_still(server: Path, address: Path) -> AsyncIterator[StillServer]:
    """One that listens at `address`, a socket of the file system as `server` is."""
    still = StillServer(server)
    async with await asyncio.start_unix_server(still.meet, str(address)):
        yield still
        await still.end()
