"""Digests: wanted in the profile, ended by a link, and queued to everybody once a week."""

import asyncio
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.db import Database
from app.db.bulk import insert_rows
from app.domain import digesting, digests, suppressing, unsubscribing
from app.domain.sites import SiteCache
from app.domain.suppressing import MailStopReason
from app.domain.unsubscribing import MailTopic
from app.domain.viewers import Flag
from app.jobs import JOBS
from app.jobs.job import Outcome, Stopped, Work
from app.jobs.logs import Log
from app.jobs.running import run
from app.models import User, UserPoints
from app.models.waggle import Digest, Mail
from tests.conftest import Api
from tests.jobs.test_locks import outlive
from tests.meadow import BEGINNING, HERE, add_post, add_user, set_option, settle

UPDATE = """
    mutation ($wants: Boolean) {
        updateProfile(input: { wantsDigest: $wants }) {
            ... on UpdateProfileSuccess { viewer { wantsDigest acceptsMailings } }
            ... on Error { message }
        }
    }
"""
WANTS = "{ viewer { wantsDigest } }"
ROOT = Path(__file__).parents[2]


async def add_questions(db: Database, **options: Any) -> None:
    """Questions of the last week, and others that belong into no digest."""
    week = digests.last_week(datetime.now(UTC), (await SiteCache(db).get()).zone)
    options = {
        "site_title": "Meadow",
        "site_url": "https://bees.example/",
        "neat_urls": 1,
        "block_bad_words": "hornet",
        **options,
    }
    second = timedelta(seconds=1)
    asked = [
        ("Q", "How do hornet nests end?", week.begin, 2, 0),
        ("Q", "Why do bees dance?", week.end - second, 2, 1),
        ("Q", "Which flowers come first?", week.begin + second, 5, 2),
        ("Q_HIDDEN", "Is this hidden?", week.begin, 9, 0),
        ("Q", "Is this bad?", week.begin, -1, 0),
        ("Q", "Is this too old?", week.begin - second, 9, 0),
        ("Q", "Is this too new?", week.end, 9, 0),
    ]
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        for type, title, at, score, answers in asked:
            figures = {"score": score, "answer_count": answers}
            await add_post(connection, type, title=title, created_at=at, **figures)


async def want(db: Database, *ids: int) -> None:
    async with db.begin() as connection:
        for id in ids:
            await digesting.choose(connection, user_id=id, wants_it=True)


def run_job(db: Database, **options: Any) -> Any:
    return run(JOBS["digests"], Work(db, Log("digests"), **options))


async def queued(db: Database) -> list[tuple[int | None, str]]:
    """Who has got mails, and where."""
    query = select(Mail.user_id, Mail.recipient).where(Mail.kind == "digest")
    async with db.read() as connection:
        rows = await connection.execute(query.order_by(Mail.user_id, Mail.id))
        return [(user_id, address) for user_id, address in rows]


async def test_a_digest_tells_of_the_best_questions_of_the_week(api: Api, db: Database) -> None:
    await add_questions(db)
    async with db.begin() as connection:
        reader = await add_user(connection)
    assert (await api.ask(WANTS, viewer=reader))["viewer"] == {"wantsDigest": False}
    answer = await api.ask(UPDATE, viewer=reader, wants=True)
    assert answer["updateProfile"]["viewer"] == {"wantsDigest": True, "acceptsMailings": True}

    assert await run_job(db) == Outcome({"queued": 1})

    async with db.read() as connection:
        [(subject, body, name)] = await connection.execute(
            select(Mail.subject, Mail.body, Mail.recipient_name)
        )
    assert subject == "[Meadow] The best questions of the week"
    assert name == f"bee{reader}"
    assert body == (
        "New questions: 4. The best of them:\n\n"
        "Which flowers come first?\nscore 5, 2 answers\n"
        "https://bees.example/3/which-flowers-come-first\n\n"
        "Why do bees dance?\nscore 2, 1 answer\nhttps://bees.example/2/why-do-bees-dance\n\n"
        "How do ****** nests end?\nscore 2, 0 answers\nhttps://bees.example/1/how-do-nests-end"
    )


async def test_a_week_without_questions_has_no_digest(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        reader = await add_user(connection)
        await add_post(connection, "Q", created_at=BEGINNING)
    await want(db, reader)

    assert await run_job(db) == Outcome({"queued": 0})


async def test_only_who_wants_it_and_may_read_it_gets_it(api: Api, db: Database) -> None:
    await add_questions(db, permit_view_q_page=106, permit_view_q_page_points=50)
    async with db.begin() as connection:
        given: dict[str, dict[str, Any]] = {
            "unasked": {},
            "unconfirmed": {"flags": 0},
            "blocked": {"flags": Flag.CONFIRMED | Flag.BLOCKED},
            "no mailings": {"flags": Flag.CONFIRMED | Flag.NO_MAILINGS},
            "suppressed": {"email": "Gone@example.org"},
            "no address": {"email": ""},
            "ended": {},
            "too few points": {},
            "reader": {},
        }
        people = {name: await add_user(connection, **v) for name, v in given.items()}
        await settle(connection)
        await suppressing.suppress(
            connection,
            address="gone@example.org",
            reason=MailStopReason.BOUNCE,
            detail="no such bee",
        )
        poor = update(UserPoints).where(UserPoints.user_id == people["too few points"])
        await connection.execute(poor.values({UserPoints.points: 49}))
    await want(db, *(id for name, id in people.items() if name != "unasked"))
    async with db.begin() as connection:
        await connection.execute(insert(Digest).values({Digest.user_id: 99, Digest.is_wanted: 1}))
        ended = people["ended"]
        key = await unsubscribing.secret(connection)
    link = unsubscribing.link("", key, user_id=ended, topic=MailTopic.DIGESTS)
    body = unsubscribing.ONE_CLICK
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await api.http.post(link, content=body, headers=form)).status_code == 200
    assert (await api.ask(WANTS, viewer=ended))["viewer"] == {"wantsDigest": False}

    assert await run_job(db) == Outcome({"queued": 1})

    reader = people["reader"]
    assert await queued(db) == [(reader, f"bee{reader}@example.org")]
    # Who changes their mind is asked no more than once a week.
    await api.ask(UPDATE, viewer=ended, wants=True)
    assert (await api.ask(WANTS, viewer=ended))["viewer"] == {"wantsDigest": True}
    for wants in (False, True):
        await api.ask(UPDATE, viewer=reader, wants=wants)
    assert await run_job(db) == Outcome({"queued": 0})


async def test_two_at_once_and_interruptions_queue_it_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "PEOPLE_AT_ONCE", 2)
    await add_questions(db)
    async with db.begin() as connection:
        people = [await add_user(connection) for _ in range(7)]
    await want(db, *people)
    once = [(id, f"bee{id}@example.org") for id in people]
    stop = iter([False, False, True])
    with pytest.raises(Stopped):
        await run_job(db, must_stop=lambda: next(stop))
    assert await queued(db) == once[:4]

    # Past the lease: even two that know nothing of each other.
    work = Work(db, Log("digests"))
    outcomes = await asyncio.gather(*(JOBS["digests"].run(work) for _ in range(3)))

    assert sum(outcome.counts["queued"] for outcome in outcomes) == 3
    assert await queued(db) == once
    assert await run_job(db) == Outcome({"queued": 0})


async def test_whoever_is_killed_leaves_the_rest_to_the_next(site_url: str, db: Database) -> None:
    await add_questions(db)
    ids = range(1, 901)
    same = {"created_at": BEGINNING, "signed_in_at": BEGINNING, "level": 0, "flags": 1}
    same |= {"created_from": HERE, "signed_in_from": HERE}
    people = [same | {"id": n, "handle": f"b{n}", "email": f"b{n}@example.org"} for n in ids]
    async with db.begin() as connection:
        await insert_rows(connection, User, people)
        await insert_rows(connection, Digest, [{"user_id": n, "is_wanted": 1} for n in ids])

    killed_at = random.Random().randint(1, 7) * 100
    command = [sys.executable, "-c", "from app.cli import main; main()", "job", "digests"]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "DATABASE_URL": site_url},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.returncode is None:
        if len(await queued(db)) >= killed_at:
            break
        await asyncio.sleep(0.02)
    process.kill()
    await process.wait()

    before = len(await queued(db))
    assert before % 100 == 0
    assert before >= killed_at
    await outlive(db)
    assert await run_job(db) == Outcome({"queued": len(ids) - before})
    assert await queued(db) == [(n, f"b{n}@example.org") for n in ids]
