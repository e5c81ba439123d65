"""Activity through the API: one line a question, whatever happens between two pages."""

from datetime import timedelta
from typing import Any

import pytest

from app.db import Database
from tests.conftest import Api, statements_of
from tests.meadow import BEGINNING, add_post, add_user

ACTIVITY = """
    query (
        $kinds: [ActivityKind!], $category: String,
        $first: Int, $after: String, $last: Int, $before: String
    ) {
        activity(
            kinds: $kinds, category: $category,
            first: $first, after: $after, last: $last, before: $before
        ) {
            totalCount
            nodes {
                kind change at by { handle } question { databaseId } post { databaseId }
            }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""
KINDS = [None, ["ASKED", "ANSWERED"], ["COMMENTED"], ["EDITED"], ["COMMENTED", "EDITED"]]


async def lines(api: Api, **options: Any) -> list[tuple[str, int, int]]:
    nodes = (await api.ask(ACTIVITY, **options))["activity"]["nodes"]
    return [line(node) for node in nodes]


def line(node: Any) -> tuple[str, int, int]:
    return node["kind"], node["question"]["databaseId"], node["post"]["databaseId"]


def later(hours: int) -> Any:
    return BEGINNING + timedelta(hours=hours)


async def test_a_question_has_one_line_with_the_newest_event(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        editor = await add_user(connection)
        first = await add_post(connection, "Q", created_at=later(1))
        second = await add_post(connection, "Q", created_at=later(2))
        answer = await add_post(connection, "A", parent_id=first, created_at=later(3))
        comment = await add_post(
            connection,
            "C",
            parent_id=answer,
            created_at=later(4),
            changed_at=later(9),
            changed_by_id=editor,
            change="E",
        )

    [edited, asked] = (await api.ask(ACTIVITY))["activity"]["nodes"]
    assert (line(edited), edited["change"]) == (("EDITED", first, comment), "EDITED")
    assert edited["by"] == {"handle": f"bee{editor}"}
    assert (line(asked), asked["change"], asked["by"]) == (("ASKED", second, second), None, None)
    assert await lines(api, kinds=["COMMENTED", "ANSWERED"]) == [("COMMENTED", first, comment)]
    assert await lines(api, kinds=["ANSWERED"]) == [("ANSWERED", first, answer)]
    assert await lines(api, kinds=[]) == []


async def test_nobody_learns_of_what_is_hidden_or_below_it(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        moderator = await add_user(connection, level=120)
        hidden = await add_post(connection, "Q_HIDDEN", changed_at=later(9), change="H")
        await add_post(connection, "A", parent_id=hidden)
        await add_post(connection, "C", parent_id=hidden)
        question = await add_post(connection, "Q")
        answer = await add_post(connection, "A_HIDDEN", parent_id=question)
        await add_post(connection, "C", parent_id=answer, changed_at=later(99), change="E")
        await add_post(connection, "A_QUEUED", parent_id=question)

    for viewer in (None, moderator):
        assert await lines(api, viewer=viewer) == [("ASKED", question, question)]
        data = await api.ask(
            "{ recentAnswers { totalCount } recentComments { totalCount } }", viewer=viewer
        )
        assert data == {"recentAnswers": {"totalCount": 0}, "recentComments": {"totalCount": 0}}


async def test_a_follow_on_question_is_a_thread_of_its_own(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        question = await add_post(connection, "Q")
        answer = await add_post(connection, "A", parent_id=question)
        follow_on = await add_post(
            connection, "Q", parent_id=answer, changed_at=later(50), change="T"
        )
        comment = await add_post(connection, "C", parent_id=follow_on, created_at=later(60))

    assert await lines(api) == [
        ("COMMENTED", follow_on, comment),
        ("ANSWERED", question, answer),
    ]
    assert await lines(api, kinds=["EDITED"]) == [("EDITED", follow_on, follow_on)]


@pytest.mark.parametrize("kinds", KINDS, ids=str)
@pytest.mark.parametrize("category", [None, "keeping"])
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
async def test_paging_shows_every_line_once(
    golden: Api, kinds: Any, category: str | None, backwards: bool
) -> None:
    pages: list[list[Any]] = []
    cursor = None
    while True:
        window = {"last": 40, "before": cursor} if backwards else {"first": 40, "after": cursor}
        data = await golden.ask(ACTIVITY, kinds=kinds, category=category, **window)
        page = data["activity"]
        pages.append(page["nodes"])
        info = page["pageInfo"]
        cursor = info["startCursor" if backwards else "endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break

    shown = [node for nodes in (pages[::-1] if backwards else pages) for node in nodes]
    questions = [node["question"]["databaseId"] for node in shown]
    assert len(set(questions)) == len(questions) == page["totalCount"]
    times = [node["at"] for node in shown]
    assert times == sorted(times, reverse=True)


async def test_what_happens_between_two_pages_repeats_no_line(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        questions = [await add_post(connection, "Q", created_at=later(n)) for n in range(6)]
    page = (await api.ask(ACTIVITY, first=3))["activity"]

    async with db.begin() as connection:
        # One that was on the page, and one that was to come on the next.
        for question in (questions[4], questions[1]):
            await add_post(connection, "A", parent_id=question, created_at=later(99))
    rest = await lines(api, first=9, after=page["pageInfo"]["endCursor"])

    assert [line(node)[1] for node in page["nodes"]] == questions[:2:-1]
    assert [question for _, question, _ in rest] == [questions[2], questions[0]]


async def test_a_busy_question_does_not_shorten_the_page(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        quiet = [await add_post(connection, "Q", created_at=later(n)) for n in range(3)]
        busy = await add_post(connection, "Q", created_at=later(4))
        for n in range(60):
            await add_post(connection, "A", parent_id=busy, created_at=later(5 + n))

    page = (await api.ask(ACTIVITY, first=3))["activity"]

    assert [line(node)[1] for node in page["nodes"]] == [busy, quiet[2], quiet[1]]
    assert page["pageInfo"]["hasNextPage"]
    last = await lines(api, last=2)
    assert [question for _, question, _ in last] == [quiet[1], quiet[0]]


async def test_a_page_takes_few_statements_whatever_its_size(golden: Api) -> None:
    document = """query ($first: Int!) { activity(first: $first) { nodes {
        question { title category { title } } post { excerpt author { handle } } by { handle }
    } } }"""
    await golden.ask(document, first=1)
    sent = statements_of(golden)
    for first in (1, 20):
        sent.clear()
        await golden.ask(document, first=first)
        assert len(sent) <= 4


@pytest.mark.parametrize("field", ["activity", "recentAnswers", "recentComments"])
async def test_arguments_that_cannot_be_are_refused(golden: Api, field: str) -> None:
    document = f"""query ($first: Int, $after: String, $category: String) {{
        {field}(first: $first, after: $after, category: $category) {{ nodes {{ __typename }} }}
    }}"""
    for variables, code in (
        ({"category": "no/such"}, "NOT_FOUND"),
        ({"after": ""}, "BAD_USER_INPUT"),
        ({"after": "nonsense"}, "BAD_USER_INPUT"),
        ({"first": 0}, "BAD_USER_INPUT"),
    ):
        error = await golden.refused(document, **variables)
        assert error["extensions"]["code"] == code
