"""The worker: one process that runs every scheduled job, where there is neither Lambda nor cron.

Several of them may run at once: whoever takes the lease first does a slot's run. What was missed
while none ran is made up for once. What is done is kept in the database, so that a restart
repeats nothing.
"""

import asyncio
import random
from collections.abc import Iterable
from datetime import UTC, datetime

from app.db import Database
from app.jobs.job import Job, Stopped, Work
from app.jobs.locks import AlreadyDone, Held
from app.jobs.logs import Log
from app.jobs.running import run
from app.jobs.schedules import Schedule

# Several workers do not ask in the same instant.
LONGEST_JITTER = 5.0
# Whoever has the lease may be dead; a job that failed may succeed soon.
ASK_AGAIN, TRY_AGAIN = 20.0, 120.0
# How long jobs may go on after they were asked to stop; container platforms kill after 30 seconds.
GRACE_SECONDS = 20.0


async def work(
    db: Database, jobs: Iterable[Job], *, stop: asyncio.Event, grace: float = GRACE_SECONDS
) -> None:
    """Run the scheduled ones among the jobs whenever they are due, until `stop` is set.

    Jobs that run by then are asked to stop, and cancelled after `grace` seconds.
    """
    keepers = [
        asyncio.create_task(_keep(db, job, job.schedule, stop)) for job in jobs if job.schedule
    ]
    try:
        await stop.wait()
        await asyncio.wait(keepers, timeout=grace)
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(db: Database, job: Job, schedule: Schedule, stop: asyncio.Event) -> None:
    while not stop.is_set():
        slot = schedule.slot_before(_now())
        again = await _try(db, job, slot, stop)
        until_next = (schedule.slot_after(slot) - _now()).total_seconds()
        pause = until_next if again is None else min(again, until_next)
        jitter = random.uniform(0, min(LONGEST_JITTER, schedule.period * 2))  # noqa: S311
        await _wait(stop, max(0, pause) + jitter)


async def _try(db: Database, job: Job, slot: datetime, stop: asyncio.Event) -> float | None:
    """Run the job for a slot; returns after how many seconds to ask again, None: at the next."""
    log = Log(job.name)
    given = Work(
        db,
        log,
        options=job.scheduled_options,
        say=log.info,
        must_stop=stop.is_set,
    )
    try:
        await run(job, given, slot=slot)
    except (AlreadyDone, Stopped):
        return None
    except Held:
        return ASK_AGAIN
    except Exception as error:
        # The worker outlives every job, and a database that is away for a while.
        log.error("will be tried again", error=type(error).__qualname__, in_seconds=TRY_AGAIN)
        return TRY_AGAIN
    return None


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _now() -> datetime:
    return datetime.now(UTC)
