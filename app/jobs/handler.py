"""The Lambda function for jobs: the same functions that `waggle job` runs, with a log in JSON.

A function is of one job, named by the variable `JOB`; one without it takes the name from its
event: `{"job": "recount", "options": {"fix": true}}`.
"""

import asyncio
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.config import Settings
from app.db import Database
from app.jobs import JOBS
from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.locks import AlreadyDone, Held
from app.jobs.logs import JsonFormatter, Log, write_to
from app.jobs.running import database_for_jobs, run

# What a job needs to end after it is asked to, in milliseconds.
TIME_TO_END = 20_000
SCHEDULED = "Scheduled Event"


class PartlyFailed(Exception):
    """Some of the work failed. Lambda counts it as an error, so that an alarm can tell of it."""


class _Process:
    """The loop and the connections of a Lambda process, which outlive its events."""

    def __init__(self) -> None:
        write_to(logging.StreamHandler(sys.stdout), JsonFormatter())
        self.loop = _loop()
        self.db = database_for_jobs(Settings.load())


def _loop() -> asyncio.AbstractEventLoop:
    """The process's own loop: connections made on one are of no use on another."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return asyncio.get_event_loop()
        except (RuntimeError, DeprecationWarning):
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            return loop


_process: _Process | None = None


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Run a job.

    :returns: `{"job", "outcome", "counts"}`; the outcome is `done`, `held` if somebody else is at
        it, `already done`, or `stopped` if the function's time was over before the work was
    :raises PartlyFailed: if some of the work failed
    :raises KeyError: if no job is named, or one that does not exist
    :raises WrongOptions: if it cannot be run with such options
    """
    global _process
    if _process is None:
        _process = _Process()
    return _process.loop.run_until_complete(_handle(_process.db, event, context))


async def _handle(db: Database, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    job = JOBS[os.environ.get("JOB") or event["job"]]
    is_scheduled = event.get("detail-type") == SCHEDULED
    given = job.scheduled_options if is_scheduled else event.get("options", {})
    log = Log(job.name)
    work = Work(
        db,
        log,
        options={} if job.takes_event else given,
        event=event if job.takes_event else {},
        say=log.info,
        must_stop=_soon_over(context),
    )
    try:
        slot = _slot(job, event) if is_scheduled else None
        outcome = await run(job, work, slot=slot, is_on_time=True)
    except (Held, AlreadyDone, Stopped) as error:
        said = {Held: "held", AlreadyDone: "already done", Stopped: "stopped"}[type(error)]
        log.info(said)
        return {"job": job.name, "outcome": said, "counts": {}}
    return _answer(job, outcome)


def _answer(job: Job, outcome: Outcome) -> dict[str, Any]:
    if outcome.failed:
        raise PartlyFailed(f"{job.name}: {outcome}")
    return {"job": job.name, "outcome": "done", "counts": dict(outcome.counts)}


def _slot(job: Job, event: Mapping[str, Any]) -> datetime | None:
    """What a scheduled event is for: EventBridge may deliver it twice."""
    if job.schedule is None:
        return None
    at = datetime.fromisoformat(str(event["time"])).astimezone(UTC)
    return job.schedule.slot_before(at)


def _soon_over(context: Any) -> Callable[[], bool]:
    ends = time.monotonic() + (context.get_remaining_time_in_millis() - TIME_TO_END) / 1000
    return lambda: time.monotonic() > ends
