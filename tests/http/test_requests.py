"""How a request may come: methods, media types, sizes, parameters."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.endpoint import requests
from tests.http.conftest import Meadow

JSON = {"content-type": "application/json"}
MODERN = "application/graphql-response+json"


def code_of(response: httpx.Response) -> Any:
    assert response.headers["content-type"].startswith("application/json")
    body = response.json()
    assert set(body) == {"errors"}
    assert body["errors"][0]["message"]
    return body["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("address", ["/graphql", "/graphql/"])
async def test_a_query_is_answered_by_post(client: httpx.AsyncClient, address: str) -> None:
    asked = {"query": "query($n: String!) { hello(name: $n) }", "variables": {"n": "Maja"}}

    response = await client.post(address, json=asked)

    assert response.status_code == 200
    assert response.json() == {"data": {"hello": "hello Maja"}}


async def test_a_query_is_answered_by_get(client: httpx.AsyncClient) -> None:
    asked = {
        "query": "query A { hello } query B($n: String) { hello(name: $n) }",
        "variables": '{"n": "Maja"}',
        "operationName": "B",
    }

    response = await client.get("/graphql", params=asked)

    assert response.json() == {"data": {"hello": "hello Maja"}}


async def test_a_mutation_is_refused_by_get(client: httpx.AsyncClient) -> None:
    asked = {"query": 'mutation { plant(name: "sage") }'}

    refused = await client.get("/graphql", params=asked)
    done = await client.post("/graphql", json=asked)

    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert code_of(refused) == "BAD_USER_INPUT"
    assert done.json() == {"data": {"plant": "sage"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods_are_told_which_are_spoken(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/graphql")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "body",
    ["5", '"x"', "null", "[1]", "[]", "true", "{}", "", "{", "\ufeff{}", '{"query": NaN}'],
)
async def test_a_body_that_is_no_request_gets_a_graphql_error(
    client: httpx.AsyncClient, body: str
) -> None:
    response = await client.post("/graphql", content=body, headers=JSON)

    assert response.status_code == 400
    assert code_of(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "asked",
    [
        {"query": 5},
        {"query": None},
        {"query": " "},
        {"query": "{hello}", "variables": [1]},
        {"query": "{hello}", "variables": "{}"},
        {"query": "{hello}", "operationName": 5},
        {"query": "{hello}", "extensions": 0},
        [{"query": "{hello}"}],
    ],
)
async def test_a_parameter_of_the_wrong_type_is_named(
    client: httpx.AsyncClient, asked: Any
) -> None:
    response = await client.post("/graphql", json=asked)

    assert response.status_code == 400
    assert code_of(response) == "BAD_USER_INPUT"


async def test_broken_variables_are_refused_by_get(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": "{hello}", "variables": "{"})

    assert response.status_code == 400
    assert "variables" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "xapplication/jsonp",
        "application/json+ld",
        "application/json; charset=utf-16",
    ],
)
async def test_other_media_types_are_refused(client: httpx.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type}

    response = await client.post("/graphql", content='{"query":"{hello}"}', headers=headers)

    assert response.status_code == 415
    assert code_of(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON ; charset=UTF-8", "application/json;a=b"]
)
async def test_json_is_known_in_every_spelling(
    client: httpx.AsyncClient, content_type: str
) -> None:
    headers = {"content-type": content_type}

    response = await client.post("/graphql", content='{"query":"{hello}"}', headers=headers)

    assert response.json() == {"data": {"hello": "hello bee"}}


async def test_a_body_above_the_limit_is_refused_unread(meadow: Meadow) -> None:
    client = await meadow(max_request_bytes=100)

    response = await client.post("/graphql", json={"query": "{hello}" + " " * 100})

    assert response.status_code == 413
    assert code_of(response) == "BAD_USER_INPUT"
    assert "100 bytes" in response.json()["errors"][0]["message"]


async def test_a_body_of_unknown_length_is_cut_off_at_the_limit(meadow: Meadow) -> None:
    client = await meadow(max_request_bytes=100)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 30

    response = await client.post("/graphql", content=endless(), headers=JSON)

    assert response.status_code == 413
    assert sent <= 5


async def test_a_body_that_never_ends_is_not_waited_for(
    meadow: Meadow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "SECONDS_OF_BODY", 0.05)
    client = await meadow()

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    response = await client.post("/graphql", content=slow(), headers=JSON)

    assert (response.status_code, code_of(response)) == (408, "BAD_USER_INPUT")


async def test_a_query_string_above_the_limit_is_refused(meadow: Meadow) -> None:
    client = await meadow(max_request_bytes=100)

    response = await client.get("/graphql", params={"query": "{hello}" + "," * 100})

    assert response.status_code == 414


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (MODERN, MODERN),
        (f"{MODERN}, application/json;q=0.9", MODERN),
        (f"{MODERN};q=0.5, application/json", "application/json"),
        (f"{MODERN};q=0", "application/json"),
        ("image/png", "application/json"),
    ],
)
async def test_the_answer_has_the_media_type_that_is_asked_for(
    client: httpx.AsyncClient, accept: str, media_type: str
) -> None:
    response = await client.post("/graphql", json={"query": "{hello}"}, headers={"accept": accept})

    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert "Accept" in response.headers["vary"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query A {hello} query B {hello}"])
async def test_only_the_newer_media_type_has_a_status_for_faulty_documents(
    client: httpx.AsyncClient, query: str
) -> None:
    older = await client.post("/graphql", json={"query": query})
    newer = await client.post("/graphql", json={"query": query}, headers={"accept": MODERN})

    assert (older.status_code, newer.status_code) == (200, 400)
    assert older.json() == newer.json()
    assert "data" not in newer.json()
