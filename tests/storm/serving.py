"""The real server: `waggle serve` with its worker processes, which may be killed at any moment."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import Random

import httpx

PROGRAM = "from app.cli import main; main(prog_name='waggle')"
START_SECONDS = 60.0
# The shell ends the server and its workers when its standard input closes, also because the tests
# were killed.
KEEPER = '"$@" & cat >/dev/null; kill -9 0'


class Server:
    """Worker processes behind one port."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    def workers(self) -> list[int]:
        """The ids of the processes that answer requests just now."""
        # The other child keeps account of what the workers share.
        listed = ["pgrep", "-f", "-g", str(self.process.pid), "spawn_main"]
        found = subprocess.run(listed, capture_output=True, text=True, check=False)
        return [int(line) for line in found.stdout.split()]

    async def kill_every(self, seconds: float, *, seed: int) -> int:
        """Kill one of the workers again and again, until this is cancelled.

        The oldest is spared: on a slow machine the others may not be ready again by then.
        """
        chance, killed = Random(seed), 0
        try:
            while True:
                await asyncio.sleep(seconds)
                if workers := sorted(self.workers())[1:]:
                    os.kill(chance.choice(workers), signal.SIGKILL)
                    killed += 1
        except asyncio.CancelledError:
            return killed


@asynccontextmanager
async def serving(*, workers: int, port: int, settings: Mapping[str, str]) -> AsyncIterator[Server]:
    """Serve a site until the end of the block.

    :param settings: by their names, as `docs/settings.md` has them
    """
    command = [sys.executable, "-c", PROGRAM, "serve", f"--workers={workers}", f"--port={port}"]
    process = _start(command, {**os.environ, **settings, "HOST": "127.0.0.1"})
    server = Server(process, port)
    try:
        await _until_all_answer(server, workers)
        yield server
    finally:
        process.communicate()


def _start(command: list[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "sh", *command],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


async def _until_all_answer(server: Server, workers: int) -> None:
    """:raises TimeoutError: if there are not as many workers, or nobody answers"""
    async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(trust_env=False) as http:
        # Nothing tells when it is so.
        while len(server.workers()) < workers or not await _answers(http, server.url):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        answer = await http.get(f"{url}/readyz")
    except httpx.TransportError:
        return False
    return bool(re.match("2..", str(answer.status_code)))
