"""One storm from beginning to end: the site, the servers, the clients, and what is left of it."""

import asyncio
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import migrations
from app.db import Database
from app.domain import audit
from app.domain.audit import Difference
from app.models import Base, Option, Post, Vote
from tests.conftest import settings_for
from tests.mariadb import MariaDB
from tests.storm import crowd as crowds
from tests.storm.crowd import Crowd
from tests.storm.sending import Told, storm
from tests.storm.serving import serving

WORKERS = 4
MARK = re.compile("m[0-9]+x[0-9]+y")


@dataclass(frozen=True)
class Weather:
    """How hard it blows.

    :param kill_every: seconds between the deaths of worker processes; 0: none dies
    :param beside_q2a: whether q2a writes the same posts at the same time
    """

    actions: int
    seed: int = 1
    kill_every: float = 0.0
    beside_q2a: bool = False


@dataclass(frozen=True)
class Report:
    """What came of a storm; `lost_votes` and `wrong_posts` are texts for people.

    `drift` are the differences that q2a leaves by what it does (decision 52), `differences` the
    others.
    """

    told: Told
    took: float
    deadlocks: int
    timeouts: int
    killed: int
    acts_of_q2a: int
    drift: list[Difference]
    differences: list[Difference]
    lost_votes: list[str]
    wrong_posts: list[str]

    def __str__(self) -> str:
        seconds = sorted(self.told.seconds)
        answered, writes = len(seconds), self.told.writes or 1
        return "\n".join(
            [
                f"{answered} requests in {self.took:.1f} s: {answered / self.took:.0f} a second,"
                f" {writes / self.took:.0f} of them writes that were granted",
                f"half of them within {seconds[answered // 2] * 1000:.0f} ms,"
                f" 99 of 100 within {seconds[answered * 99 // 100] * 1000:.0f} ms,"
                f" all within {seconds[-1] * 1000:.0f} ms",
                f"{self.deadlocks} deadlocks, {self.deadlocks / writes:.4f} for a write;"
                f" {self.timeouts} locks waited for in vain",
                f"{self.acts_of_q2a} actions of q2a; {self.killed} workers killed,"
                f" {self.told.broken} requests cut off and repeated",
                "answers: " + ", ".join(f"{n} {k}" for k, n in self.told.answers.most_common()),
                f"unexpected answers: {self.told.unexpected or 'none'}",
                f"drift of q2a: {[str(found) for found in self.drift] or 'none'}",
                f"differences: {[str(found) for found in self.differences] or 'none'}",
                f"lost votes: {self.lost_votes or 'none'}",
                f"posts lost or made twice: {self.wrong_posts or 'none'}",
            ]
        )


async def make_site(server: MariaDB, database: str) -> None:
    """Make an empty site: all tables, and no rows."""
    server.create_database(database)
    db = Database(settings_for(server.url(database)))
    async with db.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await migrations.upgrade(db)
    await db.close()


async def run(server: MariaDB, database: str, weather: Weather, directory: Path) -> Report:
    """Let it blow over an empty site.

    :param directory: for the key of the issuer
    """
    url, key_file = server.url(database), directory / "issuer.pem"
    db = Database(settings_for(url))
    crowd = await crowds.gather(db, key_file=key_file)
    settings = {
        "DATABASE_URL": url,
        # While workers die, the one that is spared serves the clients of all of them.
        **({"DATABASE_POOL_SIZE": "30"} if weather.kill_every else {}),
        "LOCAL_ISSUER_KEY": str(key_file),
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    before = _counted(server)
    async with serving(workers=WORKERS, port=_free_port(), settings=settings) as servers:
        killing = asyncio.create_task(_kill(servers, weather))
        begun = time.monotonic()
        async with _neighbor(server, database, crowd, weather) as acts:
            told = await storm(servers.url, crowd, actions=weather.actions, seed=weather.seed)
        took = time.monotonic() - begun
        killing.cancel()
        killed = await killing
    after = _counted(server)
    differences = await _differences(db)
    drift = await _drift(db, differences, crowd) if weather.beside_q2a else []
    report = Report(
        told=told,
        took=took,
        deadlocks=after["Innodb_deadlocks"] - before["Innodb_deadlocks"],
        timeouts=_timeouts(server),
        killed=killed,
        acts_of_q2a=sum(acts),
        drift=drift,
        differences=[found for found in differences if found not in drift],
        lost_votes=await _lost_votes(db, told),
        wrong_posts=await _wrong_posts(db, told),
    )
    await db.close()
    return report


async def _kill(servers: Any, weather: Weather) -> int:
    if not weather.kill_every:
        return 0
    killed: int = await servers.kill_every(weather.kill_every, seed=weather.seed)
    return killed


@asynccontextmanager
async def _neighbor(
    server: MariaDB, database: str, crowd: Crowd, weather: Weather
) -> AsyncIterator[list[int]]:
    """q2a as another process, for as long as the block lasts; then how much it has done."""
    acts: list[int] = []
    if not weather.beside_q2a:
        yield acts
        return
    people = ",".join(map(str, crowd.neighbors))
    module = [sys.executable, "-m", "tests.storm.neighbor"]
    process = await asyncio.create_subprocess_exec(
        *module,
        str(server.socket),
        database,
        people,
        str(weather.seed),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield acts
    finally:
        # It finishes what it is about.
        output, _ = await process.communicate(b"stop\n")
    assert process.returncode == 0
    acts.append(int(output))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _counted(server: MariaDB) -> Counter[str]:
    rows = server.execute("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
    return Counter({name: int(value) for name, value in rows})


def _timeouts(server: MariaDB) -> int:
    query = "SELECT count FROM information_schema.innodb_metrics WHERE name = 'lock_timeouts'"
    [(count,)] = server.execute(query)
    return int(count)


async def _differences(db: Database) -> list[Difference]:
    async with db.read() as connection:
        return [found async for found in audit.differences(connection)]


async def _drift(db: Database, differences: list[Difference], crowd: Crowd) -> list[Difference]:
    """What q2a leaves wrong: counters, and the category of an answer to a question that was put
    into another one after q2a had read it.
    """
    theirs = select(Post.id).where(Post.type.like("A%"), Post.author_id.in_(crowd.neighbors))
    async with db.read() as connection:
        answers = set((await connection.execute(theirs)).scalars())
    return [
        found
        for found in differences
        if found.model is Option
        or (found.column == "category_id" and found.keys.get("id") in answers)
    ]


async def _lost_votes(db: Database, told: Told) -> list[str]:
    """Votes that are not what those who cast them were told last."""
    async with db.read() as connection:
        rows = await connection.execute(select(Vote.user_id, Vote.post_id, Vote.direction))
        stored = {(user_id, post_id): direction for user_id, post_id, direction in rows}
    return [
        f"{key}: told {direction}, stored {stored.get(key, 0)}"
        for key, direction in told.votes.items()
        if stored.get(key, 0) != direction
    ]


async def _wrong_posts(db: Database, told: Told) -> list[str]:
    """Marks of posts that were told of and are not there once, or were not told of and are."""
    async with db.read() as connection:
        contents = (await connection.execute(select(Post.content))).scalars()
        last_words = [(content or "").rpartition(" ")[2] for content in contents]
    stored = Counter(word for word in last_words if MARK.fullmatch(word))
    return [
        f"{text}: {told.made[text]} told, {stored[text]} stored"
        for text in sorted({*told.made, *stored})
        if (told.made[text], stored[text]) != (1, 1)
    ]
