"""Resident memory over many requests of many different documents, in one process.

Run it from the repository's root: `.venv/bin/python -m benchmarks.memory`.
"""

import asyncio
import gc
import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

import click

from app.config import Settings
from app.main import create_app
from benchmarks import mariadb
from benchmarks.cases import HOME, TINY
from benchmarks.processes import memory_megabytes

AT_ONCE = 16
STEPS = 20
# Clients ask for the same page again before they go on to another.
IN_A_ROW = 8


def bodies(documents: int) -> Iterator[bytes]:
    """Requests without end; each document differs from the others by an alias."""
    for number in itertools.cycle(range(documents)):
        short = number % 10
        document = TINY.replace("handle", f"handle alias{number}: points")
        if not short:
            document = HOME.replace("title excerpt", f"title alias{number}: excerpt")
        body = {"query": document, "variables": {} if short else {"first": 2}}
        yield from [json.dumps(body).encode()] * IN_A_ROW


async def ask(app: Any, body: bytes) -> None:
    """One request to the application itself.

    :raises RuntimeError: if it is not answered with data
    """
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": "/graphql", "raw_path": b"/graphql", "root_path": "",
        "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    if b'"errors"' in sent[-1].get("body", b"") or sent[0]["status"] != 200:
        raise RuntimeError(f"{body!r} was answered by {sent!r}")


async def measure(url: str, *, requests: int, documents: int) -> None:
    """Print the memory of this process after every twentieth part of the requests."""
    app = create_app(Settings.load({"DATABASE_URL": url, "GRAPHIQL": "false"}))
    waiting = bodies(documents)

    async def client(count: int) -> None:
        for _ in range(count):
            await ask(app, next(waiting))

    print("| requests | resident MB |\n|--:|--:|")
    for step in range(STEPS + 1):
        gc.collect()
        print(f"| {requests // STEPS * step:,} | {memory_megabytes(os.getpid()):.1f} |", flush=True)
        if step < STEPS:
            await asyncio.gather(*(client(requests // STEPS // AT_ONCE) for _ in range(AT_ONCE)))
    await app.state.db.close()


@click.command()
@click.option("--requests", default=200_000, show_default=True)
@click.option("--documents", default=5_000, show_default=True)
@click.option("--questions", default=1_000, show_default=True, help="The size of the site.")
@click.option("--driver", default="asyncmy", show_default=True)
def main(requests: int, documents: int, questions: int, driver: str) -> None:
    """Ask many different documents, and print the memory that the process takes meanwhile."""
    with mariadb.server() as database:
        site = database.site(questions)
        url = mariadb.url(site, driver)
        asyncio.run(measure(url, requests=requests, documents=documents))


if __name__ == "__main__":
    main()
