"""Commenting as a client does it, with every figure that a comment changes."""

import asyncio
from typing import Any, NamedTuple

import pytest

from app.db import Database
from schema import nodes
from tests.conftest import Api
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

COMMENT = """
    mutation ($input: AddCommentInput!) {
        addComment(input: $input) {
            __typename
            ... on AddCommentSuccess {
                isQueued
                comment { content state parent { databaseId } question { databaseId } }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
SAID = "Have you counted the wings?"


class Thread(NamedTuple):
    member: int
    question: int
    answer: int
    comment: int


async def add_thread(db: Database, *, states: str = "", **options: Any) -> Thread:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        member = await add_user(connection)
        question = await add_post(connection, "Q")
        answer = await add_post(connection, f"A{states}", parent_id=question)
        comment = await add_post(connection, "C", parent_id=answer)
        await settle(connection)
    return Thread(member, question, answer, comment)


async def say(
    api: Api, type: str, id: int, content: str = SAID, *, viewer: int | None = None, **input: Any
) -> Any:
    given = {"parentId": nodes.encode(type, id), "content": content, **input}
    data = await api.ask(COMMENT, input=given, viewer=viewer)
    return data["addComment"]


@pytest.mark.parametrize("type", ["Question", "Answer"])
async def test_questions_and_answers_are_commented_on(api: Api, db: Database, type: str) -> None:
    thread = await add_thread(db, comment_on_qs=1)
    id = getattr(thread, type.lower())

    result = await say(api, type, id, viewer=thread.member)

    assert result["isQueued"] is False
    assert result["comment"] == {
        "content": SAID,
        "state": "VISIBLE",
        "parent": {"databaseId": id},
        "question": {"databaseId": thread.question},
    }
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "type", "reason"),
    [
        ({}, "Question", "SWITCHED_OFF"),
        ({"comment_on_as": 0}, "Answer", "SWITCHED_OFF"),
        ({}, "Comment", "WRONG_KIND"),
        ({"permit_post_c": 40}, "Answer", "LEVEL"),
        ({"permit_post_c": 106, "permit_post_c_points": 500}, "Answer", "POINTS"),
        ({"block_ips_write": "127.0.0.0-127.0.0.9"}, "Answer", "IP_BLOCKED"),
    ],
)
async def test_the_site_decides_what_may_be_commented_on_and_by_whom(
    api: Api, db: Database, options: dict[str, Any], type: str, reason: str
) -> None:
    thread = await add_thread(db, **options)

    result = await say(api, type, getattr(thread, type.lower()), viewer=thread.member)

    assert (result["__typename"], result["reason"]) == ("NotAllowed", reason)
    await expect_no_differences(db)


@pytest.mark.parametrize("states", ["_HIDDEN", "_QUEUED"])
async def test_what_is_not_seen_cannot_be_commented_on(api: Api, db: Database, states: str) -> None:
    thread = await add_thread(db, states=states)

    hidden = await say(api, "Answer", thread.answer, viewer=thread.member)
    nothing = await say(api, "Answer", 999, viewer=thread.member)

    assert hidden == nothing == {"__typename": "NotFound", "message": "There is no such post."}


async def test_what_is_below_a_hidden_question_is_not_found_by_search(
    api: Api, db: Database
) -> None:
    async with db.begin() as connection:
        moderator = await add_user(connection, level=80)
        question = await add_post(connection, "Q_HIDDEN")
        answer = await add_post(connection, "A", parent_id=question)
        await settle(connection)

    result = await say(api, "Answer", answer, viewer=moderator)

    assert result["__typename"] == "AddCommentSuccess"
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"content": "Short."}, "content"),
        ({"content": "w" * 12_001}, "content"),
        ({"parentId": nodes.encode("User", 1)}, "parentId"),
        ({"authorName": "Maya"}, "authorName"),
        ({"idempotencyKey": "x" * 201}, "idempotencyKey"),
    ],
)
async def test_what_is_not_acceptable_is_named(
    api: Api, db: Database, input: dict[str, Any], field: str
) -> None:
    thread = await add_thread(db)

    result = await say(api, "Answer", thread.answer, viewer=thread.member, **input)

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    await expect_no_differences(db)


async def test_the_same_comment_is_made_once_in_one_place(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1)

    results = await asyncio.gather(
        *(say(api, "Answer", thread.answer, viewer=thread.member) for _ in range(3))
    )
    elsewhere = await say(api, "Question", thread.question, viewer=thread.member)

    names = sorted(result["__typename"] for result in results)
    assert names == ["AddCommentSuccess", "Invalid", "Invalid"]
    assert elsewhere["__typename"] == "AddCommentSuccess"
    await expect_no_differences(db)


async def test_guests_comment_unless_they_have_to_wait(api: Api, db: Database) -> None:
    thread = await add_thread(db, moderate_anon_post=1)

    result = await say(api, "Answer", thread.answer)

    assert result["isQueued"] is True
    assert result["comment"]["state"] == "QUEUED"
    await expect_no_differences(db)
