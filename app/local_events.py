"""The twin of S3's events: where the storage is a folder, the process itself runs the jobs."""

import asyncio

from app.aws.events import created_event
from app.db import Database


class LocalEvents:
    """Runs jobs beside the requests. One that fails is logged, and waits for `waggle job`."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._running: set[asyncio.Task[None]] = set()

    def created(self, key: str) -> None:
        """An object was put into the storage."""
        if not self.db.settings.storage_is_folder:
            # S3 tells of it itself.
            return
        task = asyncio.create_task(self._make_thumbnails(key))
        # The event loop itself would let go of it.
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def over(self) -> None:
        """Wait for what is running."""
        await asyncio.gather(*self._running)

    async def _make_thumbnails(self, key: str) -> None:
        # The jobs take a while to load, all together; requests need none of them.
        from app.jobs import thumbnails
        from app.jobs.job import Work
        from app.jobs.logs import LOGGER, Log
        from app.jobs.running import run

        work = Work(self.db, Log(thumbnails.JOB.name), event=created_event(key))
        try:
            await run(thumbnails.JOB, work)
        except Exception:
            LOGGER.exception("The thumbnails of %s could not be made.", key)
