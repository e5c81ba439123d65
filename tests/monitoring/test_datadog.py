"""What Datadog's agent receives: traces by HTTP and metrics by UDP, from a server of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.auth.issuer import LocalIssuer
from app.auth.local import LocalSignIn
from app.db import Database
from app.domain.sites import SiteCache
from tests.conftest import settings_for
from tests.meadow import add_post, add_user, set_option, settle
from tests.monitoring.agents import Agent, listening, unpacked

SECRET = "honeydew"
INFO = json.dumps({"version": "7.60.0", "endpoints": ["/v0.4/traces"]}).encode()
PROGRAM = "from app.cli import main; main(prog_name='waggle')"
READ = "query Read($id: Int!) { question(databaseId: $id) { id title author { handle } } }"
VOTE = """mutation Cast($id: ID!) { castVote(input: {id: $id, direction: UP}) { __typename } }"""


async def make_site(url: str, key: Path) -> tuple[str, int]:
    """A question, and the token of somebody who may vote on it."""
    db = Database(settings_for(url))
    async with db.begin() as connection:
        await set_option(connection, "db_version", 67)
        await set_option(connection, "voting_on_qs", 1)
        author = await add_user(connection)
        await add_user(connection, handle="voter")
        question = await add_post(connection, "Q", author_id=author, title=f"Where is {SECRET}?")
        await settle(connection)
    tokens = await LocalSignIn(db, SiteCache(db), LocalIssuer(key)).by_handle("voter")
    await db.close()
    return tokens.access_token, question


@contextmanager
def watched_server(agent: Agent, **settings: str) -> Iterator[httpx.Client]:
    """`waggle serve` that has an agent, asked to end at the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    datadog = {
        "MONITORING": "datadog",
        "DD_TRACE_AGENT_URL": agent.url,
        "DD_AGENT_HOST": "127.0.0.1",
        "DD_DOGSTATSD_PORT": str(agent.udp_port),
        "DD_TRACE_API_VERSION": "v0.4",
        "DD_ENV": "meadow",
    }
    command = [sys.executable, "-c", PROGRAM, "serve", f"--port={port}"]
    environment = {**os.environ, **datadog, **settings}
    with (
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        try:
            _wait_for(client, process)
            yield client
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        finally:
            process.kill()


def _wait_for(client: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            client.get("/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("The server has ended.")


def metrics_of(agent: Agent) -> dict[str, list[tuple[float, str]]]:
    found: dict[str, list[tuple[float, str]]] = {}
    for line in agent.lines():
        name, value, kind, tags = re.fullmatch(r"([^:]+):([^|]+)\|(\w+)\|#(.*)", line).groups()  # type: ignore[union-attr]
        found.setdefault(f"{name}|{kind}", []).append((float(value), tags))
    return found


@pytest.mark.parametrize("site_url", ["sqlite"], indirect=True)
async def test_the_agent_is_sent_traces_of_operations_and_statements_and_metrics(
    site_url: str, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    token, question = await make_site(site_url, key)
    settings = {"DATABASE_URL": site_url, "LOCAL_ISSUER_KEY": str(key)}
    with listening({"/info": INFO}) as agent:
        with watched_server(agent, **settings) as client:
            asked: dict[str, Any] = {"query": READ, "variables": {"id": question}}
            read = client.post("/graphql", json=asked).json()["data"]["question"]
            cast = {"query": VOTE, "variables": {"id": read["id"]}}
            client.post("/graphql", json=cast, headers={"authorization": f"Bearer {token}"})
            client.post("/graphql", json={"query": "{ nothing }"})
        spans = [
            span
            for body in agent.bodies("/v0.4/traces")
            for trace in unpacked(body)
            for span in trace
        ]
        metrics = metrics_of(agent)

    requests = {span["resource"]: span for span in spans if span["name"] == "waggle.request"}
    assert set(requests) == {"query Read", "mutation Cast", "POST /graphql"}
    assert requests["mutation Cast"]["meta"]["waggle.viewer"] == "2"
    assert requests["POST /graphql"]["meta"]["waggle.error_codes"] == "GRAPHQL_VALIDATION_FAILED"
    statements = [span for span in spans if span["name"] == "waggle.sql"]
    below = [s for s in statements if s["parent_id"] == requests["mutation Cast"]["span_id"]]
    assert any(re.match('INSERT INTO "?qa_uservotes', s["resource"]) for s in below), below
    assert all(s["duration"] > 0 for s in statements)
    assert SECRET not in str(spans)
    assert token not in str(spans)

    assert sum(value for value, _ in metrics["waggle.requests|c"]) == 3
    assert len(metrics["waggle.request.time|d"]) == 3
    assert metrics["waggle.votes|c"] == [(1, "env:meadow")]
    assert metrics["waggle.cold_starts|c"] == [(1, "env:meadow")]
    assert metrics["waggle.errors|c"] == [(1, "code:GRAPHQL_VALIDATION_FAILED,env:meadow")]
    assert sum(value for value, _ in metrics["waggle.statements|c"]) == len(statements)
