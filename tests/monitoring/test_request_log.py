"""The log of requests: a line each, with figures and names, and nothing that anybody wrote."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.db import Database
from app.main import create_app, create_handler
from tests.conftest import Api, database_of, settings_for
from tests.meadow import add_post, add_user, set_option, settle

SECRET = "honeydew"
QUESTION = "query Read($id: Int!) { question(databaseId: $id) { title author { handle } } }"
VOTE = """mutation Cast($id: ID!) { castVote(input: {id: $id, direction: UP}) { __typename } }"""
LOGGED = {"LOG_REQUESTS": "true", "LOG_FORMAT": "json"}
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def keep_loggers() -> Iterator[None]:
    """Give the loggers back what they had."""
    loggers = [logging.getLogger(name) for name in ("app", "app.requests")]
    before = [(logger.handlers, logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """The lines since the last call."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def make_question(db: Database) -> tuple[int, int]:
    async with db.begin() as connection:
        await set_option(connection, "voting_on_qs", 1)
        author, voter = await add_user(connection), await add_user(connection)
        question = await add_post(connection, "Q", author_id=author, title=f"Where is {SECRET}?")
        await settle(connection)
    return voter, question


async def test_a_line_says_what_was_asked_by_whom_and_what_it_took(
    serve: Callable[..., Api], site_url: str, lines: Lines
) -> None:
    logged = serve(site_url, **LOGGED)
    voter, question = await make_question(database_of(logged))
    lines()

    response = await logged.post(QUESTION, id=question, note=SECRET)
    [read] = lines()
    node = await logged.ask("query ($id: Int!) { question(databaseId: $id) { id } }", id=question)
    [_] = lines()
    await logged.ask(VOTE, viewer=voter, id=node["question"]["id"])
    [vote] = lines()

    assert response.json()["data"]["question"]["title"] == f"Where is {SECRET}?"
    assert read.pop("request") == response.headers["x-request-id"]
    assert read.pop("sql_ms") > 0
    assert read.pop("ms") > 0
    assert 2 <= read.pop("statements") <= 12
    assert read == {
        "level": "INFO",
        "message": "answered",
        "method": "POST",
        "route": "/graphql",
        "status": 200,
        "operation": "Read",
        "type": "query",
        "cost": 4,
        "viewer": "guest",
        "cold": True,
    }
    assert (vote["operation"], vote["type"], vote["viewer"]) == ("Cast", "mutation", voter)
    assert vote["statements"] > 5
    assert "cold" not in vote
    assert SECRET not in json.dumps([read, vote])


async def test_errors_are_named_by_their_codes_and_found_by_the_requests_id(
    serve: Callable[..., Api], site_url: str, lines: Lines
) -> None:
    logged = serve(site_url, **LOGGED)
    await logged.post("{ nothing }")
    await logged.http.post("/graphql", content=SECRET)
    await logged.http.get("/?qa=blob&qa_blobid=5")
    await logged.http.get(f"/{SECRET}/{SECRET}", headers={"x-request-id": "from-the-proxy"})
    await logged.http.get("/healthz")
    said = lines()

    assert [(line["status"], line.get("errors")) for line in said] == [
        (200, ["GRAPHQL_VALIDATION_FAILED"]),
        (415, ["BAD_USER_INPUT"]),
        (404, None),
        (404, None),
    ]
    assert [line["viewer"] for line in said] == [None] * 4
    assert said[3]["request"] == "from-the-proxy"
    assert said[3]["route"] == "/{path:path}"
    assert SECRET not in json.dumps(said)


async def test_what_broke_is_told_with_its_place_and_without_its_text(
    serve: Callable[..., Api], site_url: str, lines: Lines
) -> None:
    logged = serve(site_url, **LOGGED)
    db = database_of(logged)
    async with db.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE qa_posts RENAME TO gone")
    lines()
    await logged.post(QUESTION, id=1)
    broken, line = lines()

    assert broken["message"].startswith("Internal error ")
    assert broken["request"] == line["request"]
    assert (line["level"], line["errors"]) == ("ERROR", ["INTERNAL"])
    assert line["statements"] > 0


async def test_people_read_text(
    serve: Callable[..., Api], golden_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = serve(f"sqlite+aiosqlite:///{golden_file}", LOG_REQUESTS="true")
    await api.ask("{ site { title } }")
    assert " app.requests: answered, request " in capsys.readouterr().out


async def test_nothing_is_said_and_nothing_hangs_on_the_engine_by_default(
    serve: Callable[..., Api], golden_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = serve(f"sqlite+aiosqlite:///{golden_file}")
    response = await api.post("{ site { title } }")

    assert "x-request-id" not in response.headers
    assert capsys.readouterr().out == ""
    engine = database_of(api).engine.sync_engine
    assert not engine.dispatch.before_cursor_execute
    assert not engine.dispatch.after_cursor_execute


def test_on_lambda_the_invocation_gives_the_id(
    golden_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = create_app(settings_for(f"sqlite+aiosqlite:///{golden_file}", **LOGGED))
    event = {
        "version": "2.0",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "x-request-id": "of-a-client"},
        "requestContext": {"http": {"method": "POST", "path": "/graphql", "sourceIp": "192.0.2.1"}},
        "body": '{"query": "{ site { title } }"}',
        "isBase64Encoded": False,
    }
    context: Any = SimpleNamespace(aws_request_id="8f507cfc-5a8a-4b6d-9e7e-4d8e3f5a0c11")

    answer = create_handler(app)(event, context)
    loop.run_until_complete(app.state.db.close())
    loop.close()
    asyncio.set_event_loop(None)

    assert answer["headers"]["x-request-id"] == context.aws_request_id
    assert json.loads(capsys.readouterr().out)["request"] == context.aws_request_id
