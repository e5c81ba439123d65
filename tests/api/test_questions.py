"""Questions through the API: what a client may ask for, what it costs, and what is refused."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.db import Database
from tests import dump
from tests.conftest import DATA, Api, settings_for, statements_of
from tests.golden import GOLDEN
from tests.meadow import add_post

LIST = """
    query (
        $first: Int, $after: String, $last: Int, $before: String, $tag: String,
        $category: String, $orderBy: QuestionOrder! = NEWEST
    ) {
        questions(
            first: $first, after: $after, last: $last, before: $before, tag: $tag,
            category: $category, orderBy: $orderBy
        ) { edges { cursor node { databaseId } } pageInfo { hasNextPage hasPreviousPage } }
    }
"""
ONE = "query ($id: ID, $number: Int) { question(id: $id, databaseId: $number) { title } }"
PEERS = json.loads((DATA / "queries.json").read_text())


def cursor_of(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("name", "most", "sizes"),
    [
        ("home", 4, [{"first": 1}, {"first": 50}]),
        ("question", 7, [{"id": 257}, {"id": 786}]),
        ("users", 2, [{"first": 1}, {"first": 50}]),
    ],
)
async def test_statements_do_not_grow_with_the_rows(
    golden: Api, name: str, most: int, sizes: list[dict[str, int]]
) -> None:
    document = PEERS[name]["query"]
    await golden.ask(document, **sizes[0])
    sent = statements_of(golden)
    counts = []
    for variables in sizes:
        sent.clear()
        await golden.ask(document, **variables)
        counts.append(len(sent))

    assert counts[1] <= most
    assert counts[0] <= counts[1]


async def test_reading_opens_no_transaction_and_asks_for_one_row_more(golden: Api) -> None:
    await golden.ask(LIST, first=3)
    sent = statements_of(golden)

    data = await golden.ask(LIST, first=3)

    assert len(data["questions"]["edges"]) == 3
    [statement] = sent
    # SQLite's dialect always writes OFFSET, with 0.
    assert statement.startswith("SELECT")
    assert "OFFSET" not in statement or "OFFSET ?" in statement


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"first": -1}, "first"),
        ({"last": 0}, "last"),
        ({"last": 101}, "last"),
        ({"first": 2, "last": 2}, "last"),
        ({"after": "nonsense"}, "after"),
        ({"after": ""}, "after"),
        ({"before": "%%%"}, "before"),
        ({"after": "é"}, "after"),
        ({"after": cursor_of("hot", 1.0, 5)}, "after"),
        ({"after": cursor_of("newest", "2026-01-01")}, "after"),
        ({"after": cursor_of("newest", "yesterday", 5)}, "after"),
        ({"after": cursor_of("newest", "2026-01-01 00:00:00", "5")}, "after"),
        ({"after": cursor_of("newest", "2026-01-01 00:00:00", 2**70)}, "after"),
        ({"after": cursor_of("newest", "2026-01-01 00:00:00", True)}, "after"),
        ({"after": cursor_of("hot", float("nan"), 5), "orderBy": "HOT"}, "after"),
        ({"after": cursor_of("hot", float("inf"), 5), "orderBy": "HOT"}, "after"),
        ({"after": cursor_of("hot", 10**400, 5), "orderBy": "HOT"}, "after"),
        ({"after": cursor_of({"a": 1})}, "after"),
    ],
    ids=str,
)
async def test_a_window_that_cannot_be_is_refused_by_name(
    golden: Api, variables: dict[str, Any], field: str
) -> None:
    error = await golden.refused(LIST, **variables)

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["field"] == field


@pytest.mark.parametrize(
    "variables", [{"tag": "no such tag"}, {"category": "no/such"}, {"tag": "🐝"}], ids=str
)
async def test_a_list_of_what_is_not_there_is_not_found(
    golden: Api, variables: dict[str, str]
) -> None:
    error = await golden.refused(LIST, **variables)
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_a_cursor_goes_on_after_its_question_is_gone(golden: Api) -> None:
    first, second = GOLDEN["lists"]["recent"]["ids"][:2]
    edges = (await golden.ask(LIST, first=2))["questions"]["edges"]
    values = json.loads(base64.urlsafe_b64decode(edges[0]["cursor"] + "=="))
    gone = cursor_of(*values[:-1], values[-1] + 1)

    data = await golden.ask(LIST, first=2, after=gone)

    found = [edge["node"]["databaseId"] for edge in data["questions"]["edges"]]
    assert found == [first, second]


async def test_a_list_is_read_backwards_from_a_cursor(golden: Api) -> None:
    ids = GOLDEN["lists"]["recent"]["ids"]
    edges = (await golden.ask(LIST, first=10))["questions"]["edges"]

    page = (await golden.ask(LIST, last=3, before=edges[5]["cursor"]))["questions"]

    assert [edge["node"]["databaseId"] for edge in page["edges"]] == ids[2:5]
    assert page["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True}


@pytest.mark.parametrize("variables", [{}, {"id": "UXVlc3Rpb246MQ==", "number": 1}], ids=str)
async def test_a_question_is_asked_for_in_one_way(golden: Api, variables: dict[str, Any]) -> None:
    error = await golden.refused(ONE, **variables)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "id"}


@pytest.mark.parametrize("id", ["", "nonsense", "VXNlcjox", "UXVlc3Rpb246LTE=", "😀"])
async def test_an_id_that_names_no_question_is_refused(golden: Api, id: str) -> None:
    error = await golden.refused(ONE, id=id)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "id"}


@pytest.mark.parametrize("number", [0, -1, 4_000_000, 2**31 - 1, 68])
async def test_a_number_that_is_no_question_finds_nothing(golden: Api, number: int) -> None:
    assert await golden.ask(ONE, number=number) == {"question": None}


async def test_a_site_with_other_prefixes_is_served(
    tmp_path: Path, serve: Callable[..., Api]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'site.sqlite'}"
    prefixes = {"TABLE_PREFIX": "forum_", "USERS_TABLE_PREFIX": "shared_"}
    db = Database(settings_for(url, **prefixes))
    await dump.load(db, DATA / "q2a-site.sql.gz")
    await db.close()
    api = serve(url, **prefixes)

    data = await api.ask("{ questions(first: 1) { nodes { author { handle } } } }")

    assert data["questions"]["nodes"][0]["author"]["handle"]


@pytest.mark.parametrize("backwards", [False, True])
async def test_questions_without_hotness_come_last_and_none_is_skipped(
    api: Api, db: Database, backwards: bool
) -> None:
    async with db.begin() as connection:
        expected = [
            await add_post(connection, "Q", hotness=hotness) for hotness in (3.0, 2.0, None, None)
        ]
    expected[2:] = reversed(expected[2:])
    size, cursor = ("last", "before") if backwards else ("first", "after")
    found: list[int] = []
    more: dict[str, str] = {}
    for _ in expected:
        [edge] = (await api.ask(LIST, orderBy="HOT", **{size: 1}, **more))["questions"]["edges"]
        found.append(edge["node"]["databaseId"])
        more = {cursor: edge["cursor"]}

    assert found == (expected[::-1] if backwards else expected)
