"""The application as API Gateway calls it on AWS Lambda."""

import asyncio
import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.config import Settings
from app.db import Database
from app.main import create_handler
from tests.http.conftest import meadow_app

Call = Any
MODERN = "application/graphql-response+json"


@pytest.fixture
def call(database_url: str) -> Iterator[Call]:
    """Calls the handler with an API Gateway event of version 2, one after another."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    db = Database(Settings(database_url=database_url))
    handler = create_handler(meadow_app(db))

    def call(
        method: str = "POST",
        path: str = "/graphql",
        *,
        body: str | None = None,
        query: str = "",
        encoded: bool = False,
        **headers: str,
    ) -> dict[str, Any]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"host": "api.example", "content-type": "application/json", **sent},
            "requestContext": {
                "domainName": "api.example",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.44",
                    "userAgent": "test",
                },
                "requestId": "id",
                "stage": "$default",
                "timeEpoch": 1,
            },
            "body": body,
            "isBase64Encoded": encoded,
        }
        context: Any = SimpleNamespace(aws_request_id="id", function_name="graphql")
        return handler(event, context)

    yield call
    loop.run_until_complete(db.close())
    loop.close()
    asyncio.set_event_loop(None)


def test_a_query_is_answered(call: Call) -> None:
    answer = call(body='{"query": "{ hello }"}')

    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"] is False
    assert json.loads(answer["body"]) == {"data": {"hello": "hello bee"}}


def test_a_query_is_answered_by_get(call: Call) -> None:
    answer = call("GET", query="query=%7B%20hello%20%7D")

    assert json.loads(answer["body"]) == {"data": {"hello": "hello bee"}}


def test_a_body_in_base64_is_read(call: Call) -> None:
    body = base64.b64encode('{"query": "{ hello(name: \\"蜂\\") }"}'.encode()).decode()

    answer = call(body=body, encoded=True)

    assert json.loads(answer["body"]) == {"data": {"hello": "hello 蜂"}}


def test_the_newer_media_type_is_sent_as_text(call: Call) -> None:
    answer = call(body='{"query": "{ nothing }"}', accept=MODERN)

    assert answer["statusCode"] == 400
    assert answer["headers"]["content-type"].startswith(MODERN)
    assert answer["isBase64Encoded"] is False
    [error] = json.loads(answer["body"])["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_broken_body_is_refused(call: Call) -> None:
    answer = call(body="{")

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_compressed_answer_is_sent_as_bytes(call: Call) -> None:
    answer = call(body='{"query": "{ many(count: 500) }"}', accept_encoding="gzip")

    assert answer["headers"]["content-encoding"] == "gzip"
    assert answer["isBase64Encoded"] is True
    body = json.loads(gzip.decompress(base64.b64decode(answer["body"])))
    assert body == {"data": {"many": ["clover"] * 500}}


def test_the_client_has_the_address_that_api_gateway_saw(call: Call) -> None:
    answer = call(body='{"query": "{ address }"}')

    assert json.loads(answer["body"]) == {"data": {"address": "192.0.2.44"}}


def test_the_database_is_asked_again_and_again(call: Call) -> None:
    answers = [call(body='{"query": "{ options }"}') for _ in range(3)]

    assert [json.loads(answer["body"]) for answer in answers] == [{"data": {"options": 1}}] * 3


def test_the_handler_is_made_when_lambda_looks_for_it(database_url: str, tmp_path: Path) -> None:
    program = """
import sys
import app.main
heavy = {"boto3", "mangum", "smtplib", "PIL", "aiosqlite", "aiomysql"}
# Nor what the first token and the first text need.
heavy |= {"jose", "cryptography", "markdown_it", "dotenv", "sqlalchemy.orm"}
heavy |= {"strawberry.federation.schema_directives"}
assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
handler = app.main.handler
assert handler is app.main.handler and callable(handler)
assert app.main.app is app.main.app
unused = heavy - {"mangum", "aiosqlite", "aiomysql"} | {"app.jobs", "app.aws.local_storage"}
assert not unused & sys.modules.keys(), unused & sys.modules.keys()
"""
    environment = {"DATABASE_URL": database_url, "STORAGE_URL": "s3://bees"}

    # Where there is no `.env`, as on Lambda.
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.stderr == ""
    assert done.returncode == 0
