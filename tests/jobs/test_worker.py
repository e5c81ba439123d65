"""The worker: several share the work, and none repeats what is done or dies of what fails."""

import asyncio
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.db import Database
from app.jobs import worker
from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.schedules import Schedule, hourly
from app.models.waggle import JobRun
from tests.conftest import settings_for
from tests.forking import Forker, forker
from tests.letterbox import add_mail, make_site, rows
from tests.smtp import mail_server


def not_soon() -> Schedule:
    """Hourly, but not while the test runs."""
    return hourly(minute=(datetime.now(UTC).minute + 30) % 60)


async def summaries(db: Database) -> dict[str, str | None]:
    async with db.read() as connection:
        return dict((await connection.execute(select(JobRun.name, JobRun.summary))).all())


async def test_several_do_each_run_once_and_a_restart_repeats_nothing(
    site_url: str, db: Database
) -> None:
    runs: list[str] = []
    everybody_asked = asyncio.Event()

    async def count(work: Work) -> Outcome:
        runs.append("counting")
        await everybody_asked.wait()
        return Outcome({"flowers": 3})

    async def fail(work: Work) -> Outcome:
        runs.append("failing")
        raise RuntimeError("no nectar")

    async def witness(work: Work) -> Outcome:
        everybody_asked.set()
        return Outcome()

    schedule = not_soon()
    jobs = [
        Job("counting", "Count.", count, schedule=schedule),
        Job("failing", "Fail.", fail, schedule=schedule),
        Job("by hand", "Never.", fail),
        # Takes a slot that the others, whose lists do not have it, leave alone.
        Job("witness", "Tell.", witness, schedule=schedule),
    ]
    stop, dbs = asyncio.Event(), [Database(settings_for(site_url)) for _ in range(3)]
    lists = [jobs[:3], jobs[:3], jobs]
    workers = [
        asyncio.create_task(worker.work(each, chosen, stop=stop))
        for each, chosen in zip(dbs, lists, strict=True)
    ]
    await everybody_asked.wait()
    while (await summaries(db)).get("counting") is None:
        await asyncio.wait(workers, timeout=0.02)
    again = asyncio.create_task(worker.work(dbs[0], jobs[:1], stop=stop))
    await asyncio.wait([again], timeout=0.5)
    stop.set()
    await asyncio.gather(*workers, again)
    for each in dbs:
        await each.close()

    assert runs.count("counting") == 1
    # It was tried, told of, and is to be tried again, which takes longer than this test.
    assert 1 <= runs.count("failing") <= 3
    told = {"counting": "done: flowers 3", "failing": "failed: RuntimeError", "witness": "done: "}
    assert await summaries(db) == told


async def test_it_asks_its_jobs_to_stop_and_waits_only_so_long(db: Database) -> None:
    began = [asyncio.Event(), asyncio.Event()]
    ended: list[str] = []
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def obedient(work: Work) -> Outcome:
        began[0].set()
        while not work.must_stop():
            await asyncio.wait([never], timeout=0.01)
        ended.append("obedient")
        raise Stopped

    async def deaf(work: Work) -> Outcome:
        began[1].set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("deaf")
        return Outcome()

    jobs = [
        Job("obedient", "Stop.", obedient, schedule=not_soon()),
        Job("deaf", "Go on.", deaf, schedule=not_soon()),
    ]
    stop = asyncio.Event()
    running = asyncio.create_task(worker.work(db, jobs, stop=stop, grace=0.5))
    for each in began:
        await each.wait()
    stop.set()
    await running

    assert ended == ["obedient", "deaf"]
    # Nobody has to wait for the leases, and what was not done is not noted as done.
    async with db.read() as connection:
        columns = JobRun.name, JobRun.owner, JobRun.done_slot
        found = (await connection.execute(select(*columns))).all()
    assert {owner for _, owner, _ in found} == {None}
    assert {done_slot for name, _, done_slot in found if name == "deaf"} == {None}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    with forker(tmp_path_factory.mktemp("processes")) as process:
        yield process


async def test_the_program_sends_what_waits_and_ends_when_it_is_told_to(
    site_url: str, db: Database, process: Forker
) -> None:
    await make_site(db)
    await add_mail(db, "bee@b.example")
    with mail_server() as server:
        came = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(step: str) -> None:
            if step == "QUIT":
                loop.call_soon_threadsafe(came.set)

        server.on_step = tell
        process.start("worker", DATABASE_URL=site_url, MAIL_URL=f"smtp://{server.address}")
        await came.wait()
        process.signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait) == 0

    assert len(server.taken) == 1
    assert (await rows(db))["bee@b.example"].status == "sent"
    assert "outbox: ended, sent 1" in process.said()
