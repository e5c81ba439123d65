"""The job `cleanup`: what is old goes, what is new or may still be asked for stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from app.db import Database
from app.domain import cleaning
from app.domain.limits import hour_of
from app.jobs import JOBS
from app.jobs.job import Outcome, Stopped, Work
from app.jobs.logs import Log
from app.jobs.running import run
from app.models import AddressLimit, CachedImage, UserLimit
from app.models.waggle import Digest, DoneRequest, Mail, Ranking, RankingGeneration, Unsubscription
from tests.meadow import HERE, add_user


def ago(**span: float) -> datetime:
    """A time of Waggle's own tables."""
    return (datetime.now(UTC) - timedelta(**span)).replace(tzinfo=None, microsecond=0)


async def add(db: Database, model: Any, *rows: dict[str, Any]) -> None:
    async with db.begin() as connection:
        for row in rows:
            values = {getattr(model, name): value for name, value in row.items()}
            await connection.execute(insert(model).values(values))


def mail(id: int, status: str, days: int) -> dict[str, Any]:
    texts = dict.fromkeys(("kind", "recipient", "recipient_name", "subject", "body"), "bees")
    at = ago(days=days)
    return {"id": id, "status": status, "created_at": at, "not_before": at, **texts}


async def fill(db: Database) -> None:
    """Of everything something old and something new."""
    async with db.begin() as connection:
        user = await add_user(connection)
    # As if written in the hour after this: that is right too should the hour end meanwhile.
    hour = hour_of(datetime.now(UTC)) + 1
    request: dict[str, Any] = {"sender": "user 1", "input_hash": b"i" * 32}
    requests = [
        {"key": bytes([n]) * 32, "created_at": ago(days=5 + n, seconds=2)} for n in range(6)
    ]
    await add(db, DoneRequest, *(request | row for row in requests))
    mails = [("sent", 31), ("sent", 29), ("skipped", 31), ("failed", 31), ("unknown", 91)]
    mails += [("waiting", 400), ("claimed", 400)]
    await add(db, Mail, *(mail(n, *row) for n, row in enumerate(mails, start=1)))
    for action, hours in {"Q": 0, "A": 1, "C": 3, "V": 4}.items():
        counted: dict[str, Any] = {"action": action, "period": hour - hours, "count": 3}
        await add(db, UserLimit, {"user_id": user, **counted})
        await add(db, AddressLimit, {"address": HERE, **counted})
    zone = await db.zone()
    now = datetime.now(UTC)
    picture = {"type": "i_100", "content": b"jpeg", "created_at": zone.to_local(now)}
    for hours in (1, 23, 25):
        read_at = zone.to_local(now - timedelta(hours=hours))
        await add(db, CachedImage, {"blob_id": hours, "read_at": read_at, **picture})
    wish: dict[str, Any] = {"topic": "wall", "created_at": ago(days=900)}
    await add(db, Unsubscription, wish | {"user_id": user}, wish | {"user_id": user + 1})
    for id in (user, user + 1):
        await add(db, Digest, {"user_id": id, "is_wanted": 1})
    making = {"started_at": ago(days=1)}
    finished = {"finished_at": ago(days=1)}
    generations = [finished, finished, {}]
    for n, row in enumerate(generations, start=1):
        await add(db, RankingGeneration, {"id": n, **making, **row})
    place: dict[str, Any] = {
        "scope": "-",
        "group_id": 0,
        "days": 0,
        "place": 1,
        "standing": 1,
        "points": 1,
    }
    await add(db, Ranking, *(place | {"generation_id": n, "user_id": user} for n in (1, 2, 3)))


KEPT = {
    DoneRequest: 2,
    Mail: 4,
    UserLimit: 2,
    AddressLimit: 2,
    CachedImage: 2,
    Unsubscription: 1,
    Digest: 1,
    Ranking: 2,
    RankingGeneration: 2,
}


async def left(db: Database) -> dict[Any, int]:
    async with db.read() as connection:
        return {
            model: (await connection.execute(select(func.count()).select_from(model))).scalar_one()
            for model in KEPT
        }


async def is_stopped(db: Database, *, after: int) -> bool:
    """Whether the job ends early when it is asked to so many steps after its start."""
    asked = iter(range(after))
    work = Work(db, Log("cleanup"), must_stop=lambda: next(asked, None) is None)
    try:
        await run(JOBS["cleanup"], work)
    except Stopped:
        return True
    return False


async def test_only_what_is_old_goes_however_often_it_is_stopped(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "AT_ONCE", 2)
    await fill(db)
    stops = 0
    while await is_stopped(db, after=stops):
        stops += 1
    assert stops > 5
    assert await left(db) == KEPT

    again = await run(JOBS["cleanup"], Work(db, Log("cleanup")))

    assert set(again.counts.values()) == {0}
    assert await left(db) == KEPT


async def test_what_went_is_counted(db: Database) -> None:
    await fill(db)

    outcome = await run(JOBS["cleanup"], Work(db, Log("cleanup")))

    assert outcome == Outcome(
        {
            "requests": 4,
            "mails": 2,
            "failed mails": 1,
            "counters of users": 2,
            "counters of addresses": 2,
            "scaled pictures": 1,
            "wishes of deleted accounts": 1,
            "digests of deleted accounts": 1,
            "places in rankings": 1,
            "uploads": 0,
        }
    )
