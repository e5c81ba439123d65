"""What watching costs a request: processor time of the same query with a log, metrics and traces.

Everything runs in this process, on a demo site in SQLite, without HTTP around it; agents are not
there, so that what is sent to them is lost. Run it from the root:
`.venv/bin/python -m benchmarks.watching`.
"""

import asyncio
import os
import subprocess
import sys
import time
from statistics import median

import httpx

from benchmarks.mariadb import FOLDER
from benchmarks.processes import WAGGLE

SITE = FOLDER / "watching.sqlite"
URL = f"sqlite+aiosqlite:///{SITE}"
ROUNDS, REPEATS = 9, 150
QUERY = {"query": "query Q { questions(first: 5) { nodes { title author { handle } } } }"}
WAYS = {
    "nothing": {},
    "log": {"LOG_REQUESTS": "true", "LOG_FORMAT": "json"},
    "datadog": {"MONITORING": "datadog"},
    "opentelemetry": {"MONITORING": "opentelemetry"},
}


async def measure(way: str) -> None:
    """Print the microseconds of processor time that a request takes."""
    from app.config import Settings
    from app.main import create_app

    app = create_app(Settings.load({"DATABASE_URL": URL, **WAYS[way]}))
    transport = httpx.ASGITransport(app)
    taken = []
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as http:
        for _ in range(ROUNDS):
            began = time.process_time()
            for _ in range(REPEATS):
                (await http.post("/graphql", json=QUERY)).raise_for_status()
            taken.append((time.process_time() - began) / REPEATS * 1e6)
    print(round(min(taken)), round(median(taken)), file=sys.stderr)
    # Threads of exporters would wait for agents that are not there.
    os._exit(0)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not SITE.exists():
        environment = {**os.environ, "DATABASE_URL": URL}
        subprocess.run([*WAGGLE, "demo", "--questions", "50"], env=environment, check=True)
    print(f"{'':<14} {'least':>8} {'median':>8}   CPU µs a request")
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.watching", way]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        least, middle = run.stderr.splitlines()[-1].split()
        print(f"{way:<14} {least:>8} {middle:>8}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(measure(sys.argv[1]))
    else:
        main()
