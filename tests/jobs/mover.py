"""A program that runs `blobs-to-storage` in processes that can be killed, made in milliseconds.

It reads a JSON object on each line: `url`, `storage`, `options`, and the `seconds` after which the
process is killed unless it has ended. It answers with the exit code and the seconds that it took.
"""

import asyncio
import json
import os
import signal
import sys
import time
from typing import Any

from app.db import Database
from tests.conftest import settings_for
from tests.jobs.site_files import move


async def _move(url: str, storage: str, options: dict[str, Any]) -> None:
    db = Database(settings_for(url, STORAGE_URL=storage))
    try:
        await move(db, **options)
    finally:
        await db.close()


def _run(order: dict[str, Any], seconds: float) -> tuple[int, float]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        asyncio.run(_move(**order))
        os._exit(0)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), time.monotonic() - began
        if time.monotonic() - began > seconds:
            # Not waited for yet, it is certainly still the child that has this number.
            os.kill(child, signal.SIGKILL)
        time.sleep(0.001)


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_run(order, order.pop("seconds"))), flush=True)


if __name__ == "__main__":
    main()
