"""A replica that lags behind, or is away: who writes is answered by the database that was written.

The replica of these tests is a site without rows, or one that is not there at all.
"""

import asyncio
import shutil
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests.api.test_repeating import AT_ONCE, outcome, send
from tests.api.test_uploading import SITE, add_people, uploaded
from tests.conftest import Api, database_of
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle
from tests.mutations import add_garden
from tests.pictures import file, image
from tests.rehearsing import document_of
from tests.thread import id_of

Serve = Callable[..., Api]
AWAY = {
    "sqlite": "sqlite+aiosqlite:////no/such/folder/site.sqlite",
    "mysql": "mysql+aiomysql://waggle@127.0.0.1:1/site",
}
QUESTION = "query ($id: ID!) { question(id: $id) { title } }"


@pytest.fixture
def alone(site_url: str, serve: Serve, tmp_path: Path) -> Api:
    """A site whose replica is away, and that has one connection, as on Lambda."""
    away = AWAY[site_url.partition("+")[0]]
    storage = str(tmp_path / "files")
    return serve(site_url, DATABASE_READ_URL=away, DATABASE_POOL_SIZE="1", STORAGE_URL=storage)


@pytest.fixture
def lagging(empty_file: Path, tmp_path: Path, serve: Serve) -> Callable[..., Api]:
    """Makes the API of an empty site whose replica hears of nothing."""

    def make(**settings: str) -> Api:
        first, second = (
            f"sqlite+aiosqlite:///{shutil.copy(empty_file, tmp_path / name)}"
            for name in ("primary.sqlite", "replica.sqlite")
        )
        return serve(first, DATABASE_READ_URL=second, **settings)

    return make


async def add_question(api: Api, **options: str) -> tuple[int, str]:
    async with database_of(api).begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        author = await add_user(connection)
        question = await add_post(connection, "Q", title="Why?", author_id=author)
        await settle(connection)
    return author, id_of("Question", question)


async def write(api: Api, author: int, id: str) -> httpx.Response:
    answer = await api.post(document_of("recordView"), viewer=author, input={"questionId": id})
    assert answer.json()["data"]["result"]["__typename"] == "RecordViewSuccess", answer.text
    return answer


async def test_no_mutation_asks_the_replica_or_wants_a_second_connection(alone: Api) -> None:
    garden = await add_garden(database_of(alone))
    found = {}
    for pair in AT_ONCE:
        both = (send(alone, garden, pair.mutation, pair.input) for _ in range(2))
        results = await asyncio.gather(*both)
        found[pair.mutation] = tuple(sorted(map(outcome, results)))
    assert found == {pair.mutation: pair.outcomes for pair in AT_ONCE}
    await expect_no_differences(database_of(alone).primary)


async def test_no_upload_asks_the_replica(alone: Api) -> None:
    await add_people(database_of(alone))
    confirmed = await uploaded(alone, file(image()))
    assert confirmed["__typename"] == "ConfirmUploadSuccess"


@pytest.mark.parametrize("function", ["", "waggle-api"])
async def test_a_file_that_the_replica_does_not_know_is_shown(
    lagging: Callable[..., Api], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    if function:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
    api = lagging(STORAGE_URL=str(tmp_path / "files"))
    await add_people(database_of(api))
    confirmed = await uploaded(api, file(image()))
    url = confirmed["upload"]["url"].replace(SITE, "/")
    assert (await api.http.get(url)).status_code == 200


async def test_queries_ask_the_replica(lagging: Callable[..., Api]) -> None:
    api = lagging()
    _, id = await add_question(api)
    assert await api.ask(QUESTION, id=id) == {"question": None}


async def test_whoever_wrote_asks_the_primary_for_some_seconds(
    lagging: Callable[..., Api],
) -> None:
    api = lagging(READ_OWN_WRITES_SECONDS="7")
    author, id = await add_question(api)
    answer = await write(api, author, id)
    [cookie] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == ("7", True, "Lax")

    api.http.cookies.set(cookie.key, cookie.value)
    assert await api.ask(QUESTION, id=id) == {"question": {"title": "Why?"}}
    api.http.cookies.clear()
    assert await api.ask(QUESTION, id=id) == {"question": None}


async def test_a_page_of_another_origin_gets_the_cookie_by_https_only(
    lagging: Callable[..., Api],
) -> None:
    api = lagging()
    author, id = await add_question(api, site_url="https://bees.example/")
    [cookie] = SimpleCookie((await write(api, author, id)).headers["set-cookie"]).values()
    assert (cookie["secure"], cookie["samesite"], cookie["max-age"]) == (True, "None", "5")


@pytest.mark.parametrize("settings", [{"READ_OWN_WRITES_SECONDS": "0"}, {"DATABASE_READ_URL": ""}])
async def test_no_cookie_is_sent_without_need(
    lagging: Callable[..., Api], serve: Serve, settings: dict[str, str], site_url: str
) -> None:
    api = lagging(**settings) if "DATABASE_READ_URL" not in settings else serve(site_url)
    author, id = await add_question(api)
    assert "set-cookie" not in (await write(api, author, id)).headers
