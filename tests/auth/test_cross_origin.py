"""Pages of other origins that the owner has named: guests read and write there by their cookies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from app.db import Database
from app.main import create_app
from schema import nodes
from tests.conftest import settings_for
from tests.thread import add_thread

NAMED, STRANGER = "https://www.example.org", "https://wasps.example"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}
ANSWER = """
    mutation ($input: AnswerQuestionInput!) {
        answerQuestion(input: $input) {
            ... on AnswerQuestionSuccess { answer { id } }
            ... on Error { message }
        }
    }
"""
MINE = "query ($id: ID!) { node(id: $id) { ... on Answer { viewerIsAuthor } } }"


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies as browsers do, of an API that is watched and has replicas."""
    settings = {"CORS_ORIGINS": NAMED, "LOG_REQUESTS": "true", "DATABASE_READ_URL": url}
    settings["SITE_URL"] = "https://bees.example.org/"
    app = create_app(settings_for(url, **settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example.org") as client:
        yield client
    await app.state.events.over()
    await app.state.db.close()


@pytest.mark.parametrize("site_url", ["sqlite"], indirect=True)
async def test_guests_of_a_named_origin_write_and_come_back_by_their_cookies(
    site_url: str, db: Database
) -> None:
    thread = await add_thread(db)
    input = {"questionId": nodes.encode("Question", thread.question), "content": "By dancing. " * 5}
    body = {"query": ANSWER, "variables": {"input": input}}
    async with browser(site_url) as client:
        preflight = await client.options("/graphql", headers=PREFLIGHT | {"origin": NAMED})
        wrote = await client.post("/graphql", json=body, headers={"origin": NAMED})
        answer = wrote.json()["data"]["answerQuestion"]["answer"]
        asked = {"query": MINE, "variables": {"id": answer["id"]}}
        back = await client.post("/graphql", json=asked, headers={"origin": NAMED})
        strange = await client.post("/graphql", json=asked, headers={"origin": STRANGER})

    assert preflight.status_code == 200
    allowed = preflight.headers["access-control-allow-headers"].lower().split(",")
    assert {"authorization", "content-type"} <= {name.strip() for name in allowed}
    for response in (preflight, wrote, back):
        assert response.headers["access-control-allow-origin"] == NAMED
        assert response.headers["access-control-allow-credentials"] == "true"
    for response in (wrote, back):
        # A page may tell the owner which request it was.
        assert response.headers["access-control-expose-headers"] == "x-request-id"
        assert response.headers["x-request-id"]
    flags = dict(cookie.split("=", 1) for cookie in wrote.headers.get_list("set-cookie"))
    assert flags.keys() == {"qa_id", "waggle_wrote"}
    assert all("HttpOnly" in text for text in flags.values())
    # Also where the page is of another domain altogether.
    assert flags["waggle_wrote"].endswith("; Secure; SameSite=None")
    assert back.json()["data"] == {"node": {"viewerIsAuthor": True}}
    assert "access-control-allow-origin" not in strange.headers
    assert strange.json()["data"] == {"node": {"viewerIsAuthor": False}}
