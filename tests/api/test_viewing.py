"""Recording views as a client does it, and the views that do not count."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.db.dialects import as_double
from app.models import Post
from schema import nodes
from tests.conftest import Api, statements_of
from tests.meadow import HERE, add_post, add_user, expect_no_differences, set_option, settle

VIEW = """
    mutation ($id: ID!) {
        recordView(input: { questionId: $id }) {
            __typename
            ... on RecordViewSuccess { isCounted question { viewCount } }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ELSEWHERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def browser(api: Api) -> None:
    api.http.headers["user-agent"] = FIREFOX


async def add_question(db: Database, *, guest: int | None = None, **options: Any) -> int:
    """A question that its author, user 1 or a guest, wrote at 127.0.0.1."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        author = await add_user(connection)
        await add_user(connection)
        written = {"cookie_id": guest} if guest else {"author_id": author}
        question = await add_post(connection, "Q", created_from=HERE, **written)
        await settle(connection)
    return question


async def view(api: Api, id: int, **options: Any) -> Any:
    data = await api.ask(VIEW, id=nodes.encode("Question", id), **options)
    return data["recordView"]


async def counted(api: Api, id: int, **options: Any) -> tuple[bool, int]:
    result = await view(api, id, **options)
    return result["isCounted"], result["question"]["viewCount"]


async def test_an_address_counts_until_it_comes_again(api: Api, db: Database) -> None:
    question = await add_question(db)

    addresses = [ELSEWHERE, ELSEWHERE, "2001:db8::1", ELSEWHERE]
    seen = [await counted(api, question, address=address) for address in addresses]

    assert seen == [(True, 1), (False, 1), (True, 2), (True, 3)]
    await expect_no_differences(db)


async def test_a_view_costs_few_statements(api: Api, db: Database) -> None:
    question = await add_question(db)
    await view(api, question)
    sent = statements_of(api)

    assert await counted(api, question, address=ELSEWHERE) == (True, 2)

    assert len([statement for statement in sent if not statement.startswith("BEGIN")]) <= 6
    assert not [statement for statement in sent if "limits" in statement]


async def test_authors_count_only_if_they_are_the_first(api: Api, db: Database) -> None:
    question = await add_question(db)

    assert await counted(api, question, viewer=1, address=ELSEWHERE) == (True, 1)
    assert await counted(api, question, viewer=1, address="192.0.2.8") == (False, 1)
    assert await counted(api, question, viewer=2, address="192.0.2.8") == (True, 2)


async def test_so_does_a_guest_who_wrote_it(api: Api, db: Database) -> None:
    question = await add_question(db, guest=5)

    assert await counted(api, question, guest=5, address=ELSEWHERE) == (True, 1)
    assert await counted(api, question, guest=5, address="192.0.2.8") == (False, 1)
    assert await counted(api, question, guest=6, address="192.0.2.8") == (True, 2)


async def test_so_does_who_comes_from_where_it_was_written(api: Api, db: Database) -> None:
    question = await add_question(db)
    await view(api, question, address=ELSEWHERE)

    assert await counted(api, question, viewer=2) == (False, 1)
    assert await counted(api, question, viewer=2, address="192.0.2.8") == (True, 2)


@pytest.mark.parametrize(
    ("agent", "counts"),
    [
        ("", True),
        (FIREFOX, True),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)", True),
        ("python-httpx/0.28", False),
        ("Examplebot/1.0 (+https://example.org/bot)", False),
    ],
)
async def test_only_what_looks_like_a_browser_counts(
    api: Api, db: Database, agent: str, counts: bool
) -> None:
    question = await add_question(db)
    api.http.headers["user-agent"] = agent

    assert await counted(api, question) == (counts, int(counts))


async def test_the_site_may_not_count_views_at_all(api: Api, db: Database) -> None:
    question = await add_question(db, do_count_q_views=0)

    assert await counted(api, question, address=ELSEWHERE) == (False, 0)


@pytest.mark.parametrize("follows", [True, False])
async def test_hotness_follows_views_unless_the_site_has_it_wait(
    api: Api, db: Database, follows: bool
) -> None:
    question = await add_question(db, recalc_hotness_q_view=int(follows))
    hotness = select(as_double(Post.hotness)).where(Post.id == question)
    async with db.read() as connection:
        before = (await connection.execute(hotness)).scalar_one()

    await view(api, question)

    async with db.read() as connection:
        after = (await connection.execute(hotness)).scalar_one()
    assert (after > before) == follows


async def test_a_hidden_question_is_not_found(api: Api, db: Database) -> None:
    question = await add_question(db)
    async with db.begin() as connection:
        hidden = update(Post).where(Post.id == question)
        await connection.execute(hidden.values({Post.type: "Q_HIDDEN"}))

    assert await view(api, question, viewer=2) == await view(api, 999, viewer=2)
    assert (await view(api, question, viewer=2))["__typename"] == "NotFound"
    assert (await counted(api, question, viewer=1)) == (True, 1)


async def test_who_may_not_read_does_not_count(api: Api, db: Database) -> None:
    question = await add_question(db, permit_view_q_page=120)

    assert (await view(api, question))["reason"] == "SIGNED_OUT"
    assert await counted(api, question, viewer=2) == (True, 1)


@pytest.mark.parametrize("id", ["", "nonsense", nodes.encode("Answer", 1)])
async def test_an_id_that_is_not_a_questions_is_named(api: Api, db: Database, id: str) -> None:
    await add_question(db)

    result = (await api.ask(VIEW, id=id))["recordView"]

    assert (result["__typename"], result["field"]) == ("Invalid", "questionId")


@pytest.mark.mariadb
async def test_views_at_the_same_time_are_all_counted(api: Api, db: Database) -> None:
    question = await add_question(db)

    results = await asyncio.gather(
        *(view(api, question, address=f"192.0.2.{number}") for number in range(1, 13))
    )

    assert sorted(result["question"]["viewCount"] for result in results)[-1] == 12
    assert all(result["isCounted"] for result in results)
    await expect_no_differences(db)
