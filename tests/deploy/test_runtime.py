"""The archives under Lambda's own runtime client: events over HTTP, rows in MariaDB."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from sqlalchemy import make_url

from app.aws.storage import storage_of
from app.config import Settings
from app.domain.storage import blob_key
from schema import nodes
from tests import pictures
from tests.auth.pool import Pool
from tests.deploy.conftest import Start
from tests.deploy.lambdas import FunctionFailed, layer_in
from tests.deploy.requests import TITLES, VOTE, asked, data, fill
from tests.mariadb import MariaDB
from tests.monitoring.agents import listening, unpacked

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.parametrize("site_url", ["mariadb"], indirect=True),
    pytest.mark.skipif(sys.platform != "linux", reason="Lambda's client is made for Linux"),
]

# What Datadog's layer has of which `app.monitoring` uses something, and what that needs.
OF_THE_LAYER = (
    "bytecode",
    "datadog",
    "ddtrace",
    "ddtrace-internal",
    "envier",
    "opentelemetry-api",
    "wrapt",
)
MANY = 200
SECONDS_TO_CLOSE = 30.0


def connections_to(server: MariaDB, url: str) -> list[int]:
    ours = f"db = '{make_url(url).database}' AND id <> CONNECTION_ID()"
    query = f"SELECT id FROM information_schema.processlist WHERE {ours}"
    return [number for (number,) in server.execute(query)]


def connections_ever(server: MariaDB) -> int:
    [(_, count)] = server.execute("SHOW GLOBAL STATUS LIKE 'Connections'")
    return int(count)


def test_api_keeps_one_connection_loses_it_and_finds_another(
    site_url: str, mariadb: MariaDB, start: Start, pool: Pool
) -> None:
    """Queries, a mutation, a connection that is killed, and one that ends while all is frozen."""
    question = fill(site_url)
    [(timeout,)] = mariadb.execute("SELECT @@global.wait_timeout")
    settings = {"DATABASE_URL": site_url, "DATABASE_POOL_SIZE": "2", **pool.settings}
    with start("api", "app.main.handler", **settings) as function:
        [first] = data(function.invoke(asked(TITLES)))["questions"]["nodes"]
        assert first == {"title": "How do bees fly?", "score": 0}

        [connection], before = connections_to(mariadb, site_url), connections_ever(mariadb)
        for _ in range(MANY):
            assert data(function.invoke(asked(TITLES)))["questions"]["nodes"] == [first]
        assert connections_to(mariadb, site_url) == [connection]
        assert connections_ever(mariadb) == before

        id = nodes.encode("Question", question)
        vote = function.invoke(asked(VOTE, token=pool.token(), id=id))
        assert data(vote) == {"castVote": {"post": {"score": 1}}}

        mariadb.execute("SET GLOBAL wait_timeout = 1")
        try:
            for number in connections_to(mariadb, site_url):
                mariadb.execute(f"KILL {number}")
            assert data(function.invoke(asked(TITLES)))["questions"]["nodes"][0]["score"] == 1
            assert connection not in connections_to(mariadb, site_url)

            function.freeze()
            wait_until_closed(mariadb, site_url)
            function.thaw()
            assert data(function.invoke(asked(TITLES)))["questions"]["nodes"][0]["score"] == 1
        finally:
            mariadb.execute(f"SET GLOBAL wait_timeout = {timeout}")


def wait_until_closed(server: MariaDB, url: str) -> None:
    """The server ends connections that are silent for longer than it waits."""
    give_up_at = time.monotonic() + SECONDS_TO_CLOSE
    while connections_to(server, url):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def test_api_tells_the_agent_beside_it_with_libraries_of_a_layer(
    site_url: str, start: Start, tmp_path: Path
) -> None:
    """Nothing waits for the next event: a function may stand still for ever."""
    fill(site_url)
    (tmp_path / "layer").mkdir()
    layer = layer_in(tmp_path / "layer", OF_THE_LAYER)
    with listening() as agent:
        settings = {
            "DATABASE_URL": site_url,
            "MONITORING": "datadog",
            "DD_TRACE_AGENT_URL": agent.url,
            "DD_DOGSTATSD_PORT": str(agent.udp_port),
            "DD_TRACE_API_VERSION": "v0.4",
            "DD_ENV": "prod",
        }
        with start("api", "app.main.handler", layer, **settings) as function:
            data(function.invoke(asked(TITLES)))
        # The process was killed: it had no time to send what waited.
        traces = [t for body in agent.bodies("/v0.4/traces") for t in unpacked(body)]
        lines = agent.lines()

    assert [span["name"] for trace in traces for span in trace].count("waggle.request") == 1
    assert any(span["name"] == "waggle.sql" for trace in traces for span in trace)
    assert [line for line in lines if line.startswith("waggle.cold_starts:1|c|#env:prod")]


def test_identity_answers_the_user_pool(site_url: str, start: Start) -> None:
    fill(site_url, digest=bcrypt.hashpw(b"honey and wax", bcrypt.gensalt(4)))

    def event(source: str, **request: Any) -> dict[str, Any]:
        who = {"userName": "bee2@example.org", "callerContext": {"clientId": "app"}}
        return {"version": "1", "triggerSource": source, **who, "request": request, "response": {}}

    with start("identity", "app.auth.triggers.handler", DATABASE_URL=site_url) as function:
        moved = function.invoke(event("UserMigration_Authentication", password="honey and wax"))
        with pytest.raises(FunctionFailed, match="TriggerFailed: The request was refused"):
            function.invoke(event("UserMigration_Authentication", password="wax and honey"))
        attributes = {"sub": "sub-1", "email": "bee2@example.org", "email_verified": "true"}
        confirmation = event("PostConfirmation_ConfirmSignUp", userAttributes=attributes)
        confirmed = function.invoke(confirmation)

    assert moved["response"]["finalUserStatus"] == "CONFIRMED"
    assert moved["response"]["userAttributes"]["preferred_username"] == "bee2"
    assert confirmed == confirmation


def test_an_event_of_s3_makes_thumbnails_with_the_runtimes_own_boto3(
    site_url: str, start: Start, s3_url: str
) -> None:
    key = blob_key(17, "jpg")
    storage = storage_of(Settings(storage_url=s3_url))

    async def keys() -> list[str]:
        return [entry.key async for entry in storage.list("thumbnails/")]

    asyncio.run(storage.put(key, pictures.photo(900, 700), content_type="image/jpeg"))
    record = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": f"site/{key}"}}}
    credentials = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    settings = {"DATABASE_URL": site_url, "STORAGE_URL": s3_url, "JOB": "thumbnails"}
    with start("images", "app.jobs.handler.handler", **settings, **credentials) as function:
        made = function.invoke({"Records": [record]})

    assert made["counts"]["made"] == len(asyncio.run(keys())) > 0


def test_a_timer_runs_a_job_once(site_url: str, start: Start) -> None:
    fill(site_url)
    timer = {"detail-type": "Scheduled Event", "source": "aws.events"}
    timer["time"] = "2026-11-23T09:10:00Z"
    settings = {"DATABASE_URL": site_url, "JOB": "ranking"}
    with start("jobs", "app.jobs.handler.handler", **settings) as function:
        outcomes = [function.invoke(timer)["outcome"] for _ in range(2)]

    assert outcomes == ["done", "already done"]
