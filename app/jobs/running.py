"""Running a job once: alone, timed, and with its outcome in the log and in the database."""

import asyncio
import time
import traceback
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app import spare_the_collector
from app.config import Settings
from app.db import Database
from app.jobs.job import Job, Outcome, Stopped, Work, WrongOptions
from app.jobs.locks import LEASE_SECONDS, RENEW_SECONDS, Lease, alone
from app.monitoring import metrics, monitoring_of

HERE = Path(__file__).parents[1]
# A job may keep one for as long as it takes, and its lease needs another to be renewed.
LEAST_CONNECTIONS = 4


def database_for_jobs(settings: Settings) -> Database:
    """The database of a process that runs jobs, told of to whom the settings say."""
    size = max(settings.database_pool_size, LEAST_CONNECTIONS)
    spare_the_collector()
    db = Database(replace(settings, database_pool_size=size))
    monitoring = monitoring_of(settings, logs_requests=False)
    if monitoring is not None:
        db.tell(monitoring)
    return db


async def run(
    job: Job, work: Work, *, slot: datetime | None = None, is_on_time: bool = False
) -> Outcome:
    """Run a job to its end, unless somebody else is at it.

    :param slot: the scheduled time that the run is for, with a zone; it is noted as done unless
        the job raises. None: the run was asked for
    :param is_on_time: whether the slot has only just begun; otherwise a job that comes seldom, and
        never ran, waits for its next
    :raises WrongOptions: if the job cannot be run with such options; nothing is noted of that
    :raises Held: if somebody else is at it
    :raises AlreadyDone: if the slot's run is over
    :raises LeaseLost: if the database was away for so long that somebody else may have begun
    :raises Stopped: if the job ended before it was done because it was asked to
    """
    # What a job removes or mends must not depend on what a replica has not heard of.
    work = replace(work, db=work.db.primary, options=job.complete(work.options))
    if refusal := job.refusal(work.settings, work.options):
        raise WrongOptions(refusal)
    try:
        if job.takes_event:
            return await _timed(job, work)
        return await _leased(job, work, slot, is_on_time=is_on_time)
    finally:
        await _tell_all(work)


async def _leased(job: Job, work: Work, slot: datetime | None, *, is_on_time: bool) -> Outcome:
    lease = Lease(work.db, job.name, LEASE_SECONDS)
    at_once = is_on_time or job.schedule is None or job.schedule.starts_at_once
    await lease.take(slot=slot, starts_at_once=at_once)
    summary, done = None, None
    try:
        outcome = await alone(lease, lambda: _timed(job, work), renew=RENEW_SECONDS)
        summary, done = _summary(outcome), slot
    except Stopped:
        summary = "stopped"
        raise
    except Exception as error:
        # Its text may quote what was sent to the database.
        summary = f"failed: {type(error).__qualname__}"
        raise
    finally:
        await lease.end(slot=done, summary=summary)
    return outcome


async def _timed(job: Job, work: Work) -> Outcome:
    began = time.monotonic()
    try:
        outcome = await job.run(work)
    except Stopped:
        _measure(job, work, "stopped", began)
        work.log.info("stopped", seconds=_since(began))
        raise
    except Exception as error:
        name = type(error).__qualname__
        _measure(job, work, "broken", began)
        work.log.error("broke off", error=name, at=_place(error), seconds=_since(began))
        raise
    _measure(job, work, "partly failed" if outcome.failed else "done", began)
    tell = work.log.warning if outcome.failed else work.log.info
    ending = "ended, not all is well" if outcome.failed else "ended"
    tell(ending, **outcome.counts, seconds=_since(began))
    return outcome


def _measure(job: Job, work: Work, outcome: str, began: float) -> None:
    monitoring = work.db.monitoring
    if monitoring is not None:
        monitoring.measure(metrics.JOBS, 1, job=job.name, outcome=outcome.replace(" ", "_"))
        monitoring.measure(metrics.JOB_TIME, time.monotonic() - began, job=job.name)


async def _tell_all(work: Work) -> None:
    """Send what was measured: after its last job a process may end, or stand still."""
    if work.db.monitoring is not None:
        await asyncio.to_thread(work.db.monitoring.flush)


def _place(error: Exception) -> str:
    """The last of our own lines that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(HERE))]
    return f"{Path(own[-1].filename).relative_to(HERE)}:{own[-1].lineno}" if own else ""


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _summary(outcome: Outcome) -> str:
    return f"not all is well: {outcome}" if outcome.failed else f"done: {outcome}"
