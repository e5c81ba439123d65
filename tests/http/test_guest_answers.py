"""What browsers, CDNs and the process itself may keep of answers to guests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.db import Database
from app.main import create_app
from app.models import Post
from tests.conftest import settings_for
from tests.meadow import add_post, add_user, set_option
from tests.thread import id_of

TITLE = "query T($id: Int!) { question(databaseId: $id) { title } }"
VIEW = """mutation($id: ID!) { recordView(input: {questionId: $id}) { __typename } }"""


class Site:
    """A site with one question, served by the application as it is in production."""

    def __init__(self, app: Any, address: str = "192.0.2.7") -> None:
        self.db: Database = app.state.db
        transport = httpx.ASGITransport(app, client=(address, 5000))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://test")
        self.question = 1

    async def fill(self, **options: Any) -> None:
        async with self.db.begin() as connection:
            author = await add_user(connection)
            self.question = await add_post(connection, "Q", author_id=author, title="Old")
            for name, value in options.items():
                await set_option(connection, name, value)

    async def rename(self, title: str) -> None:
        """What PHP would do: nothing of it reaches this process."""
        async with self.db.begin() as connection:
            await connection.execute(update(Post).values({Post.title: title}))

    async def get(self, document: str = TITLE, **headers: str) -> httpx.Response:
        variables = f'{{"id": {self.question}}}' if "$id" in document else "{}"
        parameters = {"query": document, "variables": variables}
        return await self.http.get("/graphql", params=parameters, headers=headers)

    async def post(self, document: str = TITLE, *, id: Any = None, **headers: str) -> Any:
        body = {"query": document, "variables": {"id": id or self.question}}
        return (await self.http.post("/graphql", json=body, headers=headers)).json()

    async def title(self, **headers: str) -> Any:
        return (await self.post(**headers))["data"]["question"]["title"]


MakeSite = Callable[..., Awaitable[Site]]


@pytest.fixture
async def make_site(site_url: str) -> AsyncIterator[MakeSite]:
    made: list[Site] = []

    async def make(*, options: dict[str, Any] | None = None, **settings: str) -> Site:
        made.append(Site(create_app(settings_for(site_url, **settings))))
        await made[-1].fill(**(options or {}))
        return made[-1]

    yield make
    for site in made:
        await site.http.aclose()
        await site.db.close()


async def test_a_browser_is_told_that_nothing_has_changed(make_site: MakeSite) -> None:
    site = await make_site(GUEST_MAX_AGE="30")
    first = await site.get()
    tag = first.headers["etag"]

    again = await site.get(**{"if-none-match": f'"other", {tag}'})
    await site.rename("New")
    changed = await site.get(**{"if-none-match": tag})

    assert first.headers["cache-control"] == "public, max-age=30"
    assert {"Accept", "Authorization"} <= set(first.headers["vary"].split(", "))
    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["etag"], again.headers["cache-control"]) == (tag, "public, max-age=30")
    assert (changed.status_code, changed.json()["data"]["question"]["title"]) == (200, "New")
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize(
    "document",
    ["{ viewer { __typename } }", "query { ...F } fragment F on Query { viewer { __typename } }"],
)
async def test_what_tells_who_asks_is_for_nobody_else(make_site: MakeSite, document: str) -> None:
    site = await make_site(GUEST_CACHE_SECONDS="60", GUEST_MAX_AGE="60")

    response = await site.get(document)

    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


async def test_answers_with_errors_to_members_and_to_blocked_addresses_are_not_kept(
    make_site: MakeSite,
) -> None:
    site = await make_site(options={"block_ips_write": "192.0.2.7"}, GUEST_MAX_AGE="60")

    answers = [
        await site.get(),
        await site.get(authorization="Bearer nonsense"),
        await site.get('{ question(databaseId: 1, id: "nonsense") { title } }'),
    ]

    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 3


async def test_guests_get_the_same_answer_for_a_while_if_the_owner_wants_that(
    make_site: MakeSite,
) -> None:
    site = await make_site(GUEST_CACHE_SECONDS="1")
    assert await site.title() == "Old"
    await site.rename("New")

    assert await site.title() == "Old"
    # Of somebody with a cookie more may be known.
    assert await site.title(cookie="qa_id=5") == "New"
    await asyncio.sleep(1.1)
    assert await site.title() == "New"


async def test_by_default_every_answer_is_made_anew(make_site: MakeSite) -> None:
    site = await make_site()
    assert await site.title() == "Old"
    await site.rename("New")

    assert await site.title() == "New"
    assert (await site.get()).headers["cache-control"] == "public, no-cache"


async def test_what_this_process_writes_is_seen_at_once(make_site: MakeSite) -> None:
    site = await make_site(GUEST_CACHE_SECONDS="60")
    question = id_of("Question", site.question)
    assert await site.title() == "Old"
    await site.rename("New")

    viewed = await site.post(VIEW, id=question, **{"user-agent": "Mozilla/5.0 Firefox/140"})
    assert viewed["data"]["recordView"]["__typename"] == "RecordViewSuccess"
    assert await site.title() == "Old"

    answer = "mutation($id: ID!) { answerQuestion(input: {questionId: $id, "
    answer += 'content: "By dancing in the dark.", authorName: "Maja"}) { __typename } }'
    answered = await site.post(answer, id=question)
    assert answered["data"]["answerQuestion"]["__typename"] == "AnswerQuestionSuccess"
    assert await site.title() == "New"


async def test_variables_nested_too_deeply_are_refused_before_anything_goes_through_them(
    make_site: MakeSite,
) -> None:
    site = await make_site()
    for levels in (99, 300, 1000):
        nested = f'{{"id": {site.question}, "x": {"[" * levels}{"]" * levels}}}'
        got = await site.http.get("/graphql", params={"query": TITLE, "variables": nested})
        nested = nested.replace('"x"', '"id"')
        posted = await site.http.post(
            "/graphql",
            content=f'{{"query": "{TITLE}", "variables": {nested}}}',
            headers={"content-type": "application/json"},
        )
        for answer in (got, posted):
            [error] = answer.json().get("errors", [{"message": "none"}])
            assert (answer.status_code, "deeply" in error["message"]) == (
                (200, False) if levels < 100 else (400, True)
            )


async def test_whoever_has_just_written_is_shown_the_site_as_it_is(make_site: MakeSite) -> None:
    site = await make_site(GUEST_CACHE_SECONDS="1000", GUEST_MAX_AGE="30")
    await site.get()
    await site.rename("New")

    own = await site.get(cookie="waggle_wrote=1")
    others = await site.get()

    assert own.json()["data"]["question"]["title"] == "New"
    assert (own.headers["cache-control"], "etag" in own.headers) == ("no-store", False)
    assert others.json()["data"]["question"]["title"] == "Old"
