"""The twin of S3's events: where the storage is a folder, the process itself runs the jobs."""

import asyncio

from app.aws.events import created_event
from app.aws.local_storage import LocalStorage
from app.db import Database
from app.domain.storage import Storage
from app.jobs import thumbnails
from app.jobs.job import Work
from app.jobs.logs import LOGGER, Log
from app.jobs.running import run


class LocalEvents:
    """Runs jobs beside the requests. One that fails is logged, and waits for `waggle job`."""

    def __init__(self, db: Database, storage: Storage) -> None:
        self.db = db
        self.tells_itself = not isinstance(storage, LocalStorage)
        self._running: set[asyncio.Task[None]] = set()

    def created(self, key: str) -> None:
        """An object was put into the storage."""
        if self.tells_itself:
            return
        task = asyncio.create_task(self._make_thumbnails(key))
        # The event loop itself would let go of it.
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def over(self) -> None:
        """Wait for what is running."""
        await asyncio.gather(*self._running)

    async def _make_thumbnails(self, key: str) -> None:
        work = Work(self.db, Log(thumbnails.JOB.name), event=created_event(key))
        try:
            await run(thumbnails.JOB, work)
        except Exception:
            LOGGER.exception("The thumbnails of %s could not be made.", key)
