"""Running a job once: alone, timed, and with its outcome in the log and in the database."""

import time
from dataclasses import replace
from datetime import datetime

from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.locks import LEASE_SECONDS, RENEW_SECONDS, Lease, alone


async def run(job: Job, work: Work, *, slot: datetime | None = None) -> Outcome:
    """Run a job to its end, unless somebody else is at it.

    :param slot: the scheduled time that the run is for, with a zone; it is noted as done unless
        the job raises. None: the run was asked for
    :raises ValueError: if the job has no such options
    :raises Held: if somebody else is at it
    :raises AlreadyDone: if the slot's run is over
    :raises LeaseLost: if the database was away for so long that somebody else may have begun
    :raises Stopped: if the job ended before it was done because it was asked to
    """
    work = replace(work, options=job.complete(work.options))
    if job.takes_event:
        return await _timed(job, work)
    lease = Lease(work.db, job.name, LEASE_SECONDS)
    at_once = job.schedule is None or job.schedule.starts_at_once
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
        work.log.info("stopped", seconds=_since(began))
        raise
    except Exception as error:
        work.log.error("broke off", error=type(error).__qualname__, seconds=_since(began))
        raise
    tell = work.log.warning if outcome.failed else work.log.info
    ending = "ended, some of it failed" if outcome.failed else "ended"
    tell(ending, **outcome.counts, seconds=_since(began))
    return outcome


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _summary(outcome: Outcome) -> str:
    return f"some of it failed: {outcome}" if outcome.failed else f"done: {outcome}"
