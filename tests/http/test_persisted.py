"""Requests that name their document by a hash."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import SettingError, Settings
from app.endpoint.persisted import PersistedDocuments
from tests.http.conftest import Meadow

HELLO = "query($n: String!) { hello(name: $n) }"
HASH = sha256(HELLO.encode()).hexdigest()
NAMED = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}}
MAJA = {"variables": {"n": "Maja"}}
ANSWER = {"data": {"hello": "hello Maja"}}


def code_of(response: httpx.Response) -> Any:
    [error] = response.json()["errors"]
    return error["extensions"]["code"]


async def test_a_document_sent_once_with_its_hash_is_known_by_it(client: httpx.AsyncClient) -> None:
    unknown = await client.post("/graphql", json={**NAMED, **MAJA})
    newer = await client.get(
        "/graphql",
        params={"extensions": json.dumps(NAMED["extensions"])},
        headers={"accept": "application/graphql-response+json"},
    )
    first = await client.post("/graphql", json={"query": HELLO, **NAMED, **MAJA})
    again = await client.post("/graphql", json={**NAMED, **MAJA})
    by_get = await client.get(
        "/graphql",
        params={"variables": '{"n": "Maja"}', "extensions": json.dumps(NAMED["extensions"])},
    )
    by_draft = await client.post("/graphql", json={"documentId": f"sha256:{HASH}", **MAJA})

    assert (unknown.status_code, newer.status_code) == (200, 200)
    assert unknown.json() == newer.json()
    # Apollo's clients look for these very words.
    assert unknown.json()["errors"] == [
        {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
    ]
    assert [r.json() for r in (first, again, by_get, by_draft)] == [ANSWER] * 4


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"query": "{ hello }", **NAMED}, "is not the SHA-256"),
        ({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": HASH}}}, "version 1"),
        ({"extensions": {"persistedQuery": "abc"}}, "version 1"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "64 hexadecimal"),
        ({"documentId": "hello"}, "64 hexadecimal"),
        ({"documentId": 5}, "documentId"),
        ({"documentId": ""}, "64 hexadecimal"),
    ],
)
async def test_a_hash_that_cannot_be_one_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any], says: str
) -> None:
    response = await client.post("/graphql", json=body)

    assert response.status_code == 400
    assert says in response.json()["errors"][0]["message"]


async def test_a_document_that_is_refused_is_not_remembered(client: httpx.AsyncClient) -> None:
    broken = "{ nothing }"
    named = {"documentId": sha256(broken.encode()).hexdigest()}

    await client.post("/graphql", json={"query": broken, **named})

    assert code_of(await client.post("/graphql", json=named)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "listed",
    [
        {f"sha256:{HASH}": HELLO},
        {"format": "apollo-persisted-query-manifest", "operations": [{"id": HASH, "body": HELLO}]},
    ],
)
async def test_documents_of_the_list_are_known_and_others_can_be_refused(
    meadow: Meadow, tmp_path: Path, listed: Any
) -> None:
    file = tmp_path / "documents.json"
    file.write_text(json.dumps(listed))
    open_ = await meadow(trusted_documents=file)
    closed = await meadow(trusted_documents=file, trusted_documents_only=True)
    other = {"query": "{ hello }", "documentId": sha256(b"{ hello }").hexdigest()}

    for client in open_, closed:
        assert (await client.post("/graphql", json={**NAMED, **MAJA})).json() == ANSWER
        assert (await client.post("/graphql", json={"query": HELLO, **MAJA})).json() == ANSWER
    assert (await open_.post("/graphql", json=other)).json() == {"data": {"hello": "hello bee"}}
    refused = await closed.post("/graphql", json=other)
    assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN")
    named = await closed.post("/graphql", json={"documentId": other["documentId"]})
    assert code_of(named) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("text", ["[", "[]", '{"a": 5}', '{"operations": [{}]}'])
def test_a_list_that_cannot_be_read_stops_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "documents.json"
    file.write_text(text)

    with pytest.raises(SettingError, match="TRUSTED_DOCUMENTS"):
        PersistedDocuments(Settings(trusted_documents=file))
