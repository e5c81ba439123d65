"""What every answer carries, and the addresses beside the endpoint."""

import httpx
import pytest
from sqlalchemy import update

from app.db import Database
from app.models import Option
from tests.http.conftest import Meadow

PREFLIGHT = {
    "origin": "https://bees.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,authorization",
}


async def test_the_process_says_that_it_lives(client: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD"):
        response = await client.request(method, "/healthz")

        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"


async def test_a_q2a_site_is_ready(client: httpx.AsyncClient) -> None:
    response = await client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ready", "databaseVersion": 67}


async def test_a_site_of_another_version_is_not_ready(
    client: httpx.AsyncClient, db: Database
) -> None:
    async with db.begin() as connection:
        await connection.execute(update(Option).values(value="59"))

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert "59" in response.json()["reason"]
    assert "67" in response.json()["reason"]


async def test_another_prefix_is_not_ready(meadow: Meadow) -> None:
    client = await meadow(table_prefix="forum_")

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["reason"] == "The database does not hold the tables of a q2a site."


async def test_a_site_whose_database_is_away_lives_but_is_not_ready(
    meadow: Meadow, unused_tcp_port: int
) -> None:
    url = f"mysql+aiomysql://user:secret@127.0.0.1:{unused_tcp_port}/site"
    client = await meadow(database_url=url)

    alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.json()["reason"] == "The database cannot be reached."


async def test_an_origin_on_the_list_may_call_the_api(meadow: Meadow) -> None:
    client = await meadow(cors_origins=("https://bees.example",))

    preflight = await client.options("/graphql", headers=PREFLIGHT)
    answer = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"origin": "https://bees.example"}
    )

    assert preflight.status_code == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]
    for response in (preflight, answer):
        assert response.headers["access-control-allow-origin"] == "https://bees.example"
        assert response.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in response.headers["vary"]
    assert answer.headers["vary"].count("Origin") == 1
    assert answer.json() == {"data": {"hello": "hello bee"}}


async def test_clients_may_send_headers_of_their_own_from_an_origin_on_the_list(
    meadow: Meadow,
) -> None:
    client = await meadow(cors_origins=("https://bees.example",))
    # Apollo Client says who it is, and tracers in browsers where they come from.
    headers = "apollographql-client-name,traceparent"

    preflight = await client.options(
        "/graphql", headers={**PREFLIGHT, "access-control-request-headers": headers}
    )

    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-headers"] == headers


async def test_an_origin_that_is_not_on_the_list_may_not(meadow: Meadow) -> None:
    client = await meadow(cors_origins=("https://wasps.example",))

    preflight = await client.options("/graphql", headers=PREFLIGHT)
    answer = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"origin": "https://bees.example"}
    )

    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


async def test_any_origin_may_where_the_list_says_so_but_without_cookies(meadow: Meadow) -> None:
    client = await meadow(cors_origins=("*",))

    response = await client.options("/graphql", headers=PREFLIGHT)

    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


async def test_no_origin_may_by_default(client: httpx.AsyncClient) -> None:
    response = await client.options("/graphql", headers=PREFLIGHT)

    assert "access-control-allow-origin" not in response.headers


async def test_a_long_answer_is_compressed_for_those_who_can_read_it(
    client: httpx.AsyncClient,
) -> None:
    asked = {"query": "{ many(count: 500) }"}

    zipped = await client.post("/graphql", json=asked, headers={"accept-encoding": "gzip"})
    plain = await client.post("/graphql", json=asked, headers={"accept-encoding": "identity"})

    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 10
    assert "content-encoding" not in plain.headers
    for response in (zipped, plain):
        assert "Accept-Encoding" in response.headers["vary"]
        assert response.json() == {"data": {"many": ["clover"] * 500}}


async def test_a_short_answer_is_sent_as_it_is(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"accept-encoding": "gzip"}
    )

    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/readyz", "/", "/nowhere"])
async def test_no_browser_guesses_a_media_type(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)

    assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_root_leads_to_the_explorer(meadow: Meadow) -> None:
    shown, hidden = await meadow(), await meadow(graphiql=False)

    there, nowhere = await shown.get("/"), await hidden.get("/")

    assert (there.status_code, there.headers["location"]) == (307, "/graphql")
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/?qa=123/some-question", 404),
        ("POST", "/healthz", 405),
        ("POST", "/nowhere", 405),
    ],
)
async def test_an_address_that_is_none_gets_a_json_error(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)

    assert response.status_code == status
    assert response.json()["errors"][0]["message"]


async def test_the_client_is_known_by_its_address(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ address }"})

    assert response.json() == {"data": {"address": "192.0.2.7"}}


async def test_the_explorer_is_shown_to_browsers_only(client: httpx.AsyncClient) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

    page = await client.get("/graphql", headers=browser)
    program = await client.get("/graphql", headers={"accept": "*/*"})
    posted = await client.post("/graphql", json={"query": "{hello}"}, headers=browser)

    assert page.headers["content-type"].startswith("text/html")
    assert "Accept" in page.headers["vary"]
    assert program.status_code == 400
    assert posted.json() == {"data": {"hello": "hello bee"}}


async def test_the_explorer_can_be_switched_off(meadow: Meadow) -> None:
    client = await meadow(graphiql=False)

    page = await client.get("/graphql", headers={"accept": "text/html"})
    asset = await client.get("/graphql/assets/graphiql.js")

    assert (page.status_code, asset.status_code) == (400, 404)
    assert page.json()["errors"]
