"""A small site, and requests as API Gateway hands them to the function `api`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.db import Database
from tests.conftest import settings_for
from tests.meadow import add_post, add_user, settle

TITLES = "{ questions(first: 5) { nodes { title score } } }"
VOTE = """
    mutation ($id: ID!) {
        castVote(input: { id: $id, direction: UP }) {
            ... on CastVoteSuccess { post { score } }
            ... on Error { message }
        }
    }
"""


def fill(url: str, *, digest: bytes = b"") -> int:
    """An author, their question, and somebody else; the question's number."""

    async def fill() -> int:
        async with closing(Database(settings_for(url))) as db, db.begin() as connection:
            author = await add_user(connection)
            await add_user(connection, password_hash=digest.decode() or None)
            question = await add_post(connection, "Q", author_id=author)
            await settle(connection)
        return question

    return asyncio.run(fill())


def asked(document: str, *, token: str = "", **variables: Any) -> dict[str, Any]:
    """What API Gateway sends for a request, in the second version of its events."""
    headers = {"host": "api.example.org", "content-type": "application/json"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    http = {"method": "POST", "path": "/graphql", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "routeKey": "ANY /graphql",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "domainName": "api.example.org",
            "http": {**http, "sourceIp": "192.0.2.44", "userAgent": "bee"},
            "requestId": "id",
            "stage": "$default",
            "timeEpoch": 1,
        },
        "body": json.dumps({"query": document, "variables": variables}),
        "isBase64Encoded": False,
    }


def data(answer: Any) -> Any:
    body = json.loads(answer["body"])
    assert answer["statusCode"] == 200, body
    assert "errors" not in body, body
    return body["data"]


@asynccontextmanager
async def closing(db: Database) -> AsyncIterator[Database]:
    """A connection that an error leaves open would be told of in some other test."""
    try:
        yield db
    finally:
        await db.close()
