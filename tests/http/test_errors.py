"""What a client, and the log, are told when something goes wrong."""

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from strawberry.extensions import SchemaExtension

from app.aws.storage import storage_of
from app.db import Database
from app.domain.errors import Denial, NotAllowed, RateLimited
from app.endpoint.schemas import Schema
from app.endpoint.server import build
from tests.http.conftest import Meadow, client_of
from tests.http.meadow import MISSING, Query, schema
from wingbeat import CompilingExecutor, Plans

MODERN = {"accept": "application/graphql-response+json"}


async def errors_of(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    return response.json()["errors"]


@pytest.mark.parametrize(
    ("how", "message", "extensions"),
    [
        ("missing", MISSING, {"code": "NOT_FOUND"}),
        ("guest", "Sign in first.", {"code": "UNAUTHENTICATED", "reason": "SIGNED_OUT"}),
        ("level", "Your level does not allow this.", {"code": "FORBIDDEN", "reason": "LEVEL"}),
        ("invalid", "A name has letters.", {"code": "BAD_USER_INPUT", "field": "name"}),
        ("often", "Wait a little.", {"code": "RATE_LIMITED", "retryAfter": 60}),
        ("conflict", "Somebody was faster.", {"code": "CONFLICT"}),
    ],
)
async def test_a_domain_error_keeps_its_message_and_gets_a_code(
    client: httpx.AsyncClient, how: str, message: str, extensions: dict[str, Any]
) -> None:
    asked = {"query": "query($how: String!) { hello fails(how: $how) }", "variables": {"how": how}}

    response = await client.post("/graphql", json=asked, headers=MODERN)

    assert response.status_code == 200
    body = response.json()
    assert body["data"] == {"hello": "hello bee", "fails": None}
    [error] = body["errors"]
    assert (error["message"], error["extensions"]) == (message, extensions)
    assert (error["path"], error["locations"]) == (["fails"], [{"line": 1, "column": 30}])


async def test_an_error_in_a_field_that_may_not_be_null_takes_the_data_with_it(
    client: httpx.AsyncClient,
) -> None:
    asked = {"query": '{ hello failsWhole(how: "missing") }'}

    response = await client.post("/graphql", json=asked, headers=MODERN)

    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_a_bug_is_masked_and_logged_under_the_id_that_the_client_gets(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        [error] = await errors_of(client, '{ fails(how: "bug") # a secret remark\n }')

    id_ = error["extensions"]["id"]
    assert error["message"] == "Internal error."
    assert error["extensions"] == {"code": "INTERNAL", "id": id_}
    [record] = caplog.records
    assert id_ in record.getMessage()
    assert "hunter2" in caplog.text
    assert "secret remark" not in caplog.text
    assert "fails(how" not in caplog.text


async def test_a_value_that_the_schema_does_not_allow_is_a_bug_as_well(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    [error] = await errors_of(client, "{ huge }")

    assert (error["message"], error["extensions"]["code"]) == ("Internal error.", "INTERNAL")
    assert error["extensions"]["id"] in caplog.text
    assert "{ huge }" not in caplog.text


async def test_a_refused_connection_is_said_to_be_one(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    [error] = await errors_of(client, '{ fails(how: "refused") }')

    assert error["message"] == "The database cannot be reached."
    assert error["extensions"]["code"] == "INTERNAL"
    assert "10.0.0.7" in caplog.text


async def test_a_database_without_q2as_tables_is_named_and_the_next_request_is_answered(
    meadow: Meadow, tmp_path: Any
) -> None:
    client = await meadow(database_url=f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}")

    [error] = await errors_of(client, "{ options }")
    next_answer = await client.post("/graphql", json={"query": "{ hello }"})

    assert error["message"] == "The database does not hold the tables of a q2a site."
    assert next_answer.json() == {"data": {"hello": "hello bee"}}


async def test_a_database_that_cannot_be_reached_does_not_stop_the_server(
    meadow: Meadow, unused_tcp_port: int
) -> None:
    url = f"mysql+aiomysql://user:secret@127.0.0.1:{unused_tcp_port}/site"
    client = await meadow(database_url=url)

    [error] = await errors_of(client, "{ options }")
    next_answer = await client.post("/graphql", json={"query": "{ hello }"})

    assert error["message"] == "The database cannot be reached."
    assert next_answer.json() == {"data": {"hello": "hello bee"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ fails }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment A on Query { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("type A { b: Int }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "BAD_USER_INPUT"),
        ("query($n: Int!) { many(count: $n) }", "BAD_USER_INPUT"),
        ("query($n: Int) { many(count: 1) hello(name: $n) }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { hello }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_document_that_cannot_be_executed_gets_a_code(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    response = await client.post("/graphql", json={"query": query}, headers=MODERN)

    assert response.status_code == 400
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_an_unknown_operation_is_named(client: httpx.AsyncClient) -> None:
    asked = {"query": "query A { hello }", "operationName": "B"}

    response = await client.post("/graphql", json=asked, headers=MODERN)

    assert response.status_code == 400
    assert "'B'" in response.json()["errors"][0]["message"]


async def test_a_variable_of_the_wrong_type_is_named(client: httpx.AsyncClient) -> None:
    query = "query($n: Int!) { many(count: $n) }"

    [error] = await errors_of(client, query, n="many")

    assert "$n" in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_null_where_none_is_accepted_is_the_clients_mistake(
    client: httpx.AsyncClient,
) -> None:
    query = 'query($name: String = "bee") { hello(name: $name) }'

    [error] = await errors_of(client, query, name=None)

    assert "name" in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_value_that_json_has_no_form_for_is_a_bug(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ halfALetter }"})

    assert response.status_code == 500
    assert set(response.json()) == {"errors"}
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAllowed(Denial.SIGNED_OUT), 401, "UNAUTHENTICATED"),
        (RateLimited("Wait a little.", retry_after=60), 429, "RATE_LIMITED"),
        (ConnectionResetError(104, "reset"), 503, "INTERNAL"),
        (KeyError("a bug"), 500, "INTERNAL"),
    ],
)
async def test_a_request_that_gets_no_context_gets_an_error(
    db: Database, error: Exception, status: int, code: str
) -> None:
    async def make_context(request: Request) -> None:
        raise error

    app = build(
        schema,
        make_context=make_context,
        db=db,
        settings=db.settings,
        storage=storage_of(db.settings),
    )
    async with client_of(app) as client:
        response = await client.post("/graphql", json={"query": "{hello}"}, headers=MODERN)

    assert response.status_code == status
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert ("retry-after" in response.headers) == (status == 503)


async def test_extensions_of_a_schema_see_its_operations(db: Database) -> None:
    seen: list[object] = []

    class Watching(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            seen.append(self.execution_context.operation_name)
            yield

    async def make_context(request: Request) -> None:
        pass

    app = build(
        Schema(query=Query, extensions=[Watching]),
        make_context=make_context,
        db=db,
        settings=db.settings,
        storage=storage_of(db.settings),
    )
    async with client_of(app) as client:
        response = await client.post("/graphql", json={"query": "query Greeting { hello }"})

    assert response.json() == {"data": {"hello": "hello bee"}}
    assert seen == ["Greeting"]


async def test_a_bug_of_the_executor_is_told_like_any_other(db: Database) -> None:
    class Failing(CompilingExecutor):
        plans = Plans()

        def execute_operation(self, serially: bool | None = None) -> Any:
            raise KeyError("a bug")

    async def make_context(request: Request) -> None:
        pass

    app = build(
        Schema(query=Query, execution_context_class=Failing),
        make_context=make_context,
        db=db,
        settings=db.settings,
        storage=storage_of(db.settings),
    )
    async with client_of(app) as client:
        response = await client.post("/graphql", json={"query": "{ hello }"}, headers=MODERN)

    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
