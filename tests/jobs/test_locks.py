"""Leases of jobs: two at once do the work once, and who was killed keeps nobody out for long."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.db.dialects import utc_now
from app.jobs.job import Job, Outcome, Work
from app.jobs.locks import AlreadyDone, Held, Lease, LeaseLost, alone
from app.jobs.logs import Log
from app.jobs.running import database_for_jobs, run
from app.jobs.schedules import hourly, weekly
from app.models.waggle import JobRun
from tests.conftest import settings_for
from tests.mariadb import MariaDB

SLOT = datetime(2026, 11, 26, 10, tzinfo=UTC)
LATER = SLOT + timedelta(hours=1)


class Counting:
    """A job that counts its runs, and can be held up or made to fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.runs = 0
        self.fails = fails
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def run(self, work: Work) -> Outcome:
        self.runs += 1
        await self.may_end.wait()
        if self.fails:
            raise RuntimeError("no nectar")
        return Outcome({"flowers": self.runs})

    def job(self) -> Job:
        return Job("counting", "Count flowers.", self.run, schedule=hourly(minute=0))


async def stored(db: Database) -> Any:
    async with db.read() as connection:
        return (await connection.execute(select(JobRun.__table__))).one()


async def outlive(db: Database) -> None:
    """Let the lease be over, as if its owner had not been heard of for a while."""
    async with db.begin() as connection:
        past = {JobRun.lease_until: datetime(2026, 1, 1)}  # noqa: DTZ001 - ours are in UTC
        await connection.execute(update(JobRun).values(past))


async def test_of_many_at_once_one_does_the_work(db: Database) -> None:
    counting = Counting()
    counting.may_end.clear()
    work = Work(db, Log("counting"))

    many = [asyncio.create_task(run(counting.job(), work)) for _ in range(5)]
    waiting = set(many)
    while len(waiting) > 1:
        _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    counting.may_end.set()
    results = await asyncio.gather(*many, return_exceptions=True)

    assert counting.runs == 1
    assert sum(isinstance(result, Held) for result in results) == 4
    assert Outcome({"flowers": 1}) in results
    row = await stored(db)
    assert (row.owner, row.summary) == (None, "done: flowers 1")


async def test_a_slot_is_run_once_and_noted_only_when_its_run_is_over(db: Database) -> None:
    counting, work = Counting(fails=True), Work(db, Log("counting"))
    with pytest.raises(RuntimeError):
        await run(counting.job(), work, slot=SLOT)
    assert (await stored(db)).summary == "failed: RuntimeError"

    counting.fails = False
    await run(counting.job(), work, slot=SLOT)
    with pytest.raises(AlreadyDone):
        await run(counting.job(), work, slot=SLOT)
    assert counting.runs == 2

    # Asked for by somebody, and due again.
    await run(counting.job(), work)
    await run(counting.job(), work, slot=LATER)
    assert counting.runs == 4


async def test_what_comes_seldom_waits_for_its_time_at_first(db: Database) -> None:
    counting, work = Counting(), Work(db, Log("counting"))
    job = Job("counting", "Count.", counting.run, schedule=weekly("THU", hour=10))

    with pytest.raises(AlreadyDone):
        await run(job, work, slot=SLOT)
    await run(job, work, slot=SLOT + timedelta(days=7))

    assert counting.runs == 1


async def test_the_lease_of_one_that_was_killed_ends_by_itself(db: Database) -> None:
    killed, heir = Lease(db, "counting", 60), Lease(db, "counting", 60)
    await killed.take(slot=SLOT, starts_at_once=True)
    with pytest.raises(Held):
        await heir.take(slot=SLOT, starts_at_once=True)

    await outlive(db)
    await heir.take(slot=SLOT, starts_at_once=True)

    with pytest.raises(LeaseLost):
        await killed.renew()
    await killed.end(slot=SLOT, summary="late")
    row = await stored(db)
    assert (row.owner, row.done_slot, row.summary) == (heir.owner, None, None)


async def test_a_lease_is_renewed_while_the_work_goes_on(db: Database) -> None:
    lease, rival = Lease(db, "counting", 60), Lease(db, "counting", 60)
    await lease.take(slot=None, starts_at_once=True)

    async def work() -> str:
        await outlive(db)
        await _until_renewed(db)
        with pytest.raises(Held):
            await rival.take(slot=None, starts_at_once=True)
        return "done"

    assert await alone(lease, work, renew=0.01) == "done"


@pytest.mark.mariadb
async def test_work_that_keeps_all_connections_for_a_while_goes_on(
    mariadb: MariaDB, empty_database: str
) -> None:
    url = mariadb.url(mariadb.clone(empty_database))
    db = Database(settings_for(url, DATABASE_POOL_SIZE="1"))
    # Else it is half a minute, and who renews the lease is refused after that.
    db.engine.sync_engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    lease = Lease(db, "counting", 60)
    await lease.take(slot=None, starts_at_once=True)

    async def work() -> str:
        async with db.connect():
            await asyncio.sleep(0.5)
        return "done"

    assert await alone(lease, work, renew=0.05) == "done"
    await db.close()


@pytest.mark.mariadb
async def test_a_process_that_runs_jobs_has_a_connection_for_their_leases(
    mariadb: MariaDB, empty_database: str
) -> None:
    url = mariadb.url(mariadb.clone(empty_database))
    db = database_for_jobs(settings_for(url, DATABASE_POOL_SIZE="1"))
    lease = Lease(db, "counting", 60)
    await lease.take(slot=None, starts_at_once=True)

    async def work() -> str:
        async with db.connect():
            await outlive(db)
            await asyncio.wait_for(_until_renewed(db), 20)
        return "done"

    assert await alone(lease, work, renew=0.05) == "done"
    await db.close()


async def test_who_has_lost_the_lease_is_broken_off(db: Database) -> None:
    lease, rival = Lease(db, "counting", 60), Lease(db, "counting", 60)
    broken_off = asyncio.Event()

    async def work() -> None:
        await outlive(db)
        await rival.take(slot=None, starts_at_once=True)
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.set()

    await lease.take(slot=None, starts_at_once=True)
    with pytest.raises(LeaseLost):
        await alone(lease, work, renew=0.2)

    assert broken_off.is_set()
    assert (await stored(db)).owner == rival.owner


async def _until_renewed(db: Database) -> None:
    query = select(JobRun.lease_until > utc_now(0))
    is_renewed = False
    while not is_renewed:
        async with db.read() as connection:
            is_renewed = bool((await connection.execute(query)).scalar_one())
