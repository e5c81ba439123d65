"""The same thing done by two at once, and done again under one key: it happens once."""

import asyncio
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select, update

from app.api import schema
from app.db import Database
from app.domain.viewers import Flag
from app.models import Favorite, Message, Notice, Post, User, Vote
from app.models.waggle import Mail, Revision
from tests.api.test_inputs import inputs
from tests.conftest import Api
from tests.meadow import expect_no_differences
from tests.mutations import ABOUT_FILES, CASES, COOKIE, Garden, add_garden, post
from tests.rehearsing import document_of

TABLES: dict[str, Any] = {
    "posts": Post,
    "votes": Vote,
    "messages": Message,
    "favorites": Favorite,
    "notices": Notice,
    "revisions": Revision,
}


class Pair(NamedTuple):
    """What two equal requests at once come to, in the order of names, and what rows they make.

    They are made one after the other in the order of the list: who hides hides for the next.
    """

    mutation: str
    outcomes: tuple[str, str]
    rows: dict[str, int] = {}
    input: Any = None


TWICE = ("Success", "Success")
AT_ONCE = [
    Pair("favorite", TWICE, {"favorites": 1}),
    Pair("unfavorite", TWICE, {"favorites": -1}),
    Pair("castVote", TWICE, {"votes": 1}),
    Pair("flagPost", ("ALREADY_DONE", "Success")),
    Pair("clearFlags", ("NOT_DONE", "Success"), input=post("Answer", "answer")),
    Pair("unflagPost", ("NOT_DONE", "Success")),
    Pair("recordView", TWICE),
    Pair("claimPost", ("OTHERS_POST", "Success")),
    Pair("editQuestion", TWICE, {"revisions": 1}),
    Pair("rollbackTo", TWICE, {"revisions": 1}),
    Pair("editAnswer", TWICE, {"revisions": 1}),
    Pair("editComment", TWICE, {"revisions": 1}),
    Pair("updateProfile", TWICE),
    Pair("askQuestion", ("Invalid content", "Success"), {"posts": 1}),
    Pair("answerQuestion", ("Invalid content", "Success"), {"posts": 1}),
    Pair("addComment", ("Invalid content", "Success"), {"posts": 1}),
    # To say the same thing twice is allowed here; a key makes it once.
    Pair("postOnWall", TWICE, {"messages": 2}),
    Pair("sendMessage", TWICE, {"messages": 2}),
    Pair("deleteWallPost", ("NotFound", "Success"), {"messages": -1}),
    Pair("dismissNotice", ("NotFound", "Success"), {"notices": -1}),
    Pair("acceptAnswer", TWICE),
    Pair("unacceptAnswer", TWICE),
    Pair("closeQuestion", ("CLOSED", "Success"), {"posts": 1}),
    Pair("reopenQuestion", ("OPEN", "Success")),
    Pair("convertAnswerToComment", ("NotFound", "Success")),
    Pair("deletePost", ("NotFound", "Success"), {"posts": -1}),
    Pair("hidePost", ("HIDDEN", "Success")),
    Pair("reshowPost", ("Success", "VISIBLE"), input=post("Answer", "answer")),
    Pair("approvePost", ("Success", "VISIBLE")),
    Pair("rejectPost", ("HIDDEN", "Success"), input=post("Question", "also_queued")),
]
# What names the thing that was made.
MADE = {
    "askQuestion": "question { id }",
    "answerQuestion": "answer { id }",
    "addComment": "comment { id }",
    "postOnWall": "wallPost { databaseId }",
    "sendMessage": "privateMessage { databaseId }",
}


def outcome(result: Any) -> str:
    name = str(result["__typename"])
    if name == "NotAllowed":
        return str(result["reason"])
    if name == "Invalid":
        return f"Invalid {result['field']}"
    return "Success" if name.endswith("Success") else name


async def rows_of(db: Database) -> dict[str, int]:
    async with db.read() as connection:
        return {
            name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for name, table in TABLES.items()
        }


async def send(api: Api, garden: Garden, mutation: str, input: Any = None, **more: Any) -> Any:
    case = CASES[mutation]
    given = {**(input or case.input)(garden), **more}
    document = document_of(mutation, MADE.get(mutation, ""))
    viewer = getattr(garden.thread, case.who)
    return (await api.ask(document, viewer=viewer, guest=COOKIE, input=given))["result"]


def test_no_mutation_is_missing() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    assert {pair.mutation for pair in AT_ONCE} == set(mutations.fields) - ABOUT_FILES
    assert set(MADE) == {name for name, field, _ in inputs() if field == "idempotencyKey"}


async def test_two_at_once_have_one_effect(api: Api, db: Database) -> None:
    garden = await add_garden(db)
    differences = []
    for pair in AT_ONCE:
        before = await rows_of(db)
        results = await asyncio.gather(
            *(send(api, garden, pair.mutation, pair.input) for _ in range(2))
        )
        after = await rows_of(db)
        outcomes = tuple(sorted(map(outcome, results)))
        rows = {name: after[name] - before[name] for name in TABLES if after[name] != before[name]}
        if (outcomes, rows) != (pair.outcomes, pair.rows):
            differences.append((pair.mutation, outcomes, rows, pair.outcomes, pair.rows))
    assert not differences, "\n".join(map(str, differences))
    await expect_no_differences(db)


@pytest.mark.parametrize("mutation", MADE)
async def test_under_one_key_it_is_made_once(api: Api, db: Database, mutation: str) -> None:
    garden = await add_garden(db)
    user_id = getattr(garden.thread, CASES[mutation].who)
    blocked = update(User).where(User.id == user_id)
    async with db.begin() as connection:
        await connection.execute(blocked.values({User.flags: Flag.BLOCKED}))
    before = await rows_of(db)
    refused = await send(api, garden, mutation, idempotencyKey="a")
    assert (refused["reason"], await rows_of(db)) == ("BLOCKED", before)

    # What was rolled back may be asked for again under the same key, by two at once.
    async with db.begin() as connection:
        await connection.execute(blocked.values({User.flags: Flag.CONFIRMED}))
    both = await asyncio.gather(
        *(send(api, garden, mutation, idempotencyKey="a") for _ in range(2))
    )
    again = await send(api, garden, mutation, idempotencyKey="a")
    other = await send(api, garden, mutation, idempotencyKey="a", content="Something else, now.")

    after = await rows_of(db)
    [grown] = [name for name in TABLES if after[name] != before[name]]
    assert after[grown] - before[grown] == 1
    assert both[0] == both[1] == again
    assert [outcome(result) for result in (again, other)] == ["Success", "Conflict"]
    async with db.read() as connection:
        mails = (await connection.execute(select(func.count()).select_from(Mail))).scalar_one()
    assert mails == (1 if grown == "messages" else 0)
    await expect_no_differences(db)
