"""`blobs-to-storage` killed at random points: nothing is lost, nothing is there twice."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import IO

import pytest

from app import migrations
from tests.conftest import Api, database_of
from tests.jobs.site_files import add_files, copies, expire_lease, move, rows, some_files

ROOT = Path(__file__).parent.parent.parent
KILLS = 6
# Many runs have nothing left to do, and end before they are killed.
MOST_RUNS = 80
RANDOM = Random(5)
# In which order runs follow each other is up to chance as well.
WAYS: tuple[dict[str, bool], ...] = ({}, {"release": True}, {"release": True}, {"back": True})


class Mover:
    """Runs the job in processes of their own."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self.orders, self.answers = orders, answers

    async def run(
        self, url: str, store: Path, options: dict[str, bool], *, seconds: float = 60
    ) -> tuple[int, float]:
        """Run the job, and kill it after so many seconds unless it has ended.

        :returns: its exit code, and how many seconds it was there
        """
        order = {"url": url, "storage": str(store), "options": options, "seconds": seconds}
        print(json.dumps(order), file=self.orders, flush=True)
        code, took = json.loads(await asyncio.to_thread(self.answers.readline))
        return code, took


@pytest.fixture(scope="module")
def mover() -> Iterator[Mover]:
    command = [sys.executable, "-m", "tests.jobs.mover"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as program:  # type: ignore[call-overload]
        assert program.stdin
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
        yield Mover(program.stdin, program.stdout)
        program.stdin.close()


async def test_killed_at_random_points_it_loses_and_doubles_nothing(
    site_url: str, tmp_path: Path, serve: Callable[..., Api], mover: Mover
) -> None:
    store = tmp_path / "store"
    api = serve(site_url, STORAGE_URL=str(store))
    db = database_of(api)
    await migrations.upgrade(db)
    files = some_files(30, largest=700_000)
    await add_files(db, files, "png")
    before = await rows(db)

    def objects() -> list[str]:
        return sorted(path.name for path in (store / "blobs").rglob("*.png"))

    code, out = await mover.run(site_url, store, {"release": True})
    assert code == 0
    assert objects() == sorted(f"{id}.png" for id in files)
    code, back = await mover.run(site_url, store, {"back": True})
    assert code == 0
    assert await rows(db) == before
    killed = 0
    for _ in range(MOST_RUNS):
        options = RANDOM.choice(WAYS)
        seconds = RANDOM.uniform(0, back if "back" in options else out)
        code, _ = await mover.run(site_url, store, options, seconds=seconds)
        killed += code == -signal.SIGKILL
        await expire_lease(db)
        # Whatever it was at: who looks at the site does not notice.
        for id, content in files.items():
            response = await api.http.get(f"/?qa=blob&qa_blobid={id}")
            assert (response.status_code, response.content) == (200, content), options
        if killed == KILLS:
            break
    assert killed == KILLS

    # What was killed as it took files back left copies half removed: a run finds them damaged, and
    # keeps the files; the next one makes them again.
    for _ in range(2):
        await move(db, release=True)
    assert [row.content for row in await rows(db)] == [None] * len(files)
    assert objects() == sorted(f"{id}.png" for id in files)
    assert (await copies(db)).keys() == files.keys()
    assert (await move(db, back=True)).counts == {"returned": len(files)}
    assert await rows(db) == before
    assert objects() == []
    assert await copies(db) == {}
