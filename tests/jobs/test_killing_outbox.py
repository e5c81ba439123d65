"""Sending mail while processes are killed and meet: no mail is lost, and none is sent twice."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from app.db import Database
from app.jobs import JOBS
from app.jobs.job import Work
from app.jobs.locks import Lease
from app.jobs.logs import Log
from app.models.waggle import JobRun, Mail
from tests.conftest import settings_for
from tests.forking import Forker, forker
from tests.letterbox import add_mail, make_site
from tests.smtp import MailServer, mail_server

MAILS = 40
# A mail takes six steps; about so many mails are sent before the process is killed.
MOST_STEPS = 24
LONG_AGO = datetime(2026, 1, 1)  # noqa: DTZ001 - ours are in UTC


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    with forker(tmp_path_factory.mktemp("processes")) as process:
        yield process


async def statuses(db: Database) -> dict[str, str]:
    """What became of each mail, by its recipient."""
    async with db.read() as connection:
        found = await connection.execute(select(Mail.recipient, Mail.status))
        return dict(found.all())


async def let_leases_end(db: Database) -> None:
    """As if a minute had passed."""
    async with db.begin() as connection:
        await connection.execute(update(JobRun).values({JobRun.lease_until: LONG_AGO}))


async def test_killed_at_any_point_it_loses_no_mail_and_sends_none_twice(
    site_url: str, db: Database, server: MailServer, process: Forker
) -> None:
    await make_site(db)
    for number in range(MAILS):
        await add_mail(db, f"bee{number}@b.example")
    settings = {
        "DATABASE_URL": site_url,
        "MAIL_URL": f"smtp://{server.address}",
        "MAILS_PER_SECOND": "100000",
    }
    seed = random.randrange(10**6)
    chance, kills = random.Random(seed), 0

    while "waiting" in (await statuses(db)).values():
        await let_leases_end(db)
        killing = _by_step if chance.random() < 0.7 else _by_clock
        killing(chance, server, process, settings)
        kills += process.wait() == -9

    found, counts = await statuses(db), server.counts()
    taken = {mail.recipient for mail in server.taken}
    assert kills >= 5, seed
    assert set(counts.values()) == {1}, seed
    # What was noted as sent has arrived; what arrived or not is what the process was killed over.
    sent = {recipient for recipient, status in found.items() if status == "sent"}
    in_doubt = {recipient for recipient, status in found.items() if status == "claimed"}
    assert sent <= taken <= sent | in_doubt, seed
    assert len(sent) + len(in_doubt) == MAILS, seed
    assert len(in_doubt) <= kills, seed

    # It is told once, and then left alone.
    await let_leases_end(db)
    async with db.begin() as connection:
        await connection.execute(update(Mail).values({Mail.claimed_at: LONG_AGO}))
    server.on_step = lambda _step: None
    for expected in (int(bool(in_doubt)), 0):
        process.start("job", "outbox", **settings)
        assert process.wait() == expected, seed
    assert list((await statuses(db)).values()).count("unknown") == len(in_doubt)
    assert server.counts() == counts


def _by_step(
    chance: random.Random, server: MailServer, process: Forker, settings: dict[str, str]
) -> None:
    """Kill the process at a step of its talk with the server, before that is answered."""
    left = chance.randint(1, MOST_STEPS)

    def count_down(_step: str) -> None:
        nonlocal left
        left -= 1
        if not left:
            process.kill()

    server.on_step = count_down
    process.start("job", "outbox", **settings)


def _by_clock(
    chance: random.Random, server: MailServer, process: Forker, settings: dict[str, str]
) -> None:
    server.on_step = lambda _step: None
    process.start("job", "outbox", "--limit", "12", **settings)
    time.sleep(chance.uniform(0.02, 0.15))
    process.kill()


async def test_runs_that_meet_in_spite_of_the_lease_send_every_mail_once(
    site_url: str, db: Database, server: MailServer
) -> None:
    await make_site(db)
    for number in range(20):
        await add_mail(db, f"bee{number}@b.example")
    chosen = {"MAIL_URL": f"smtp://{server.address}", "MAILS_PER_SECOND": "100000"}
    job = JOBS["outbox"]

    async def run() -> None:
        own = Database(settings_for(site_url, **chosen))
        await job.run(Work(own, Log("outbox"), options=job.complete({})))
        await own.close()

    await asyncio.gather(*(run() for _ in range(3)))

    assert len(server.taken) == 20
    assert set(server.counts().values()) == {1}
    async with db.read() as connection:
        query = select(func.count()).where(Mail.status == "sent", Mail.attempts == 1)
        assert (await connection.execute(query)).scalar_one() == 20


async def test_whoever_comes_while_a_run_is_at_it_is_told_so(
    site_url: str, db: Database, process: Forker
) -> None:
    await make_site(db)
    await add_mail(db, "bee@b.example")
    lease = Lease(db, "outbox", 60)
    await lease.take(slot=None, starts_at_once=True)

    process.start("job", "outbox", DATABASE_URL=site_url, MAIL_URL="smtp://127.0.0.1:1")

    assert process.wait() == 3
    assert "being run by somebody else" in process.said()
    assert await statuses(db) == {"bee@b.example": "waiting"}
