"""Making answers comments as a client does it, with all that goes along and everybody counted."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.models import ContentWord, Post, UserPoints
from tests.conftest import Api
from tests.meadow import expect_no_differences, settle
from tests.thread import Thread, add_thread, id_of, perform, stored, told

FIELDS = """
    comment {
        databaseId state score
        parent { databaseId }
        lastChange { kind by { databaseId } }
        author { points }
    }
    question { answerCount acceptedAnswer { databaseId } comments { nodes { databaseId } } }
"""


async def convert(
    api: Api, answer: int, who: int | None, parent: tuple[str, int] | None = None
) -> Any:
    input = {"answerId": id_of("Answer", answer)}
    if parent:
        input["parentId"] = id_of(*parent)
    return await perform(api, "convertAnswerToComment", FIELDS, who=who, **input)


async def test_an_answer_becomes_a_comment_with_all_below_it(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1, points_per_c_voted_up=1)

    result = await convert(api, thread.answer, thread.editor)

    comment = result["comment"]
    assert (comment["databaseId"], comment["state"]) == (thread.answer, "VISIBLE")
    assert comment["parent"] == {"databaseId": thread.question}
    assert comment["lastChange"] == {"kind": "CONVERTED", "by": {"databaseId": thread.editor}}
    assert result["question"]["answerCount"] == 1
    below = {node["databaseId"] for node in result["question"]["comments"]["nodes"]}
    assert below == {thread.answer, thread.question_comment, thread.comment}
    assert await stored(db, thread.comment, "parent_id", "change") == (thread.question, None)
    assert await stored(db, thread.follow_up, "parent_id", "type") == (thread.question, "Q")
    await expect_no_differences(db)


async def test_it_may_go_below_another_answer(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    parent = ("Answer", thread.other_answer)

    result = await convert(api, thread.answer, thread.answerer, parent)

    assert result["comment"]["parent"] == {"databaseId": thread.other_answer}
    assert await stored(db, thread.comment, "parent_id") == thread.other_answer
    assert await stored(db, thread.follow_up, "parent_id") == thread.other_answer
    await expect_no_differences(db)


async def test_votes_become_votes_on_a_comment(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1)
    query = select(UserPoints.answer_upvotes_given, UserPoints.comment_upvotes_given)
    query = query.where(UserPoints.user_id == thread.fan)
    async with db.read() as connection:
        before = tuple((await connection.execute(query)).one())

    result = await convert(api, thread.answer, thread.editor)

    async with db.read() as connection:
        assert tuple((await connection.execute(query)).one()) == (before[0] - 1, before[1] + 1)
    assert result["comment"]["score"] == 0
    await expect_no_differences(db)


async def test_the_best_answer_is_that_no_longer(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1)
    answer = id_of("Answer", thread.answer)
    await perform(api, "acceptAnswer", who=thread.asker, answerId=answer)

    result = await convert(api, thread.answer, thread.editor)

    assert result["question"]["acceptedAnswer"] is None
    assert await stored(db, thread.answer, "change") == "Y"
    await expect_no_differences(db)


async def test_what_waits_for_a_moderator_goes_on_waiting(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1)
    async with db.begin() as connection:
        this = update(Post).where(Post.id == thread.answer)
        await connection.execute(this.values({Post.type: "A_QUEUED"}))
        await settle(connection)

    others = await convert(api, thread.answer, thread.moderator)
    own = await convert(api, thread.answer, thread.answerer)

    assert (others["reason"], own["comment"]["state"]) == ("QUEUED", "QUEUED")
    # Its comments can be reached now, and are found again.
    async with db.read() as connection:
        found = set((await connection.execute(select(ContentWord.post_id))).scalars())
    assert thread.comment in found
    assert thread.answer not in found
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "person", "reason"),
    [
        ({"comment_on_qs": 1}, "answerer", None),
        ({"comment_on_qs": 1}, "expert", None),
        ({"comment_on_qs": 1}, "asker", "LEVEL"),
        ({"comment_on_qs": 1, "permit_edit_a": 70}, "expert", "LEVEL"),
        ({"comment_on_qs": 1, "permit_post_c": 70}, "answerer", "LEVEL"),
        (
            {"comment_on_qs": 1, "permit_post_c": 106, "permit_post_c_points": 9999},
            "answerer",
            "POINTS",
        ),
        ({"comment_on_qs": 1, "block_ips_write": "127.0.0.1"}, "answerer", "IP_BLOCKED"),
        ({"comment_on_qs": 1}, None, "SIGNED_OUT"),
        ({}, "editor", "SWITCHED_OFF"),
    ],
)
async def test_it_takes_the_right_to_edit_and_to_comment(
    api: Api, db: Database, options: dict[str, Any], person: str | None, reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    who = getattr(thread, person) if person else None
    query = "query ($id: ID!) { node(id: $id) { ... on Answer { viewerCanConvert } } }"
    may = await api.ask(query, viewer=who, id=id_of("Answer", thread.answer))

    result = await convert(api, thread.answer, who)

    assert result.get("reason") == reason
    assert may["node"]["viewerCanConvert"] is (reason is None)
    await expect_no_differences(db)


async def test_converting_twice_finds_no_answer(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1)

    first = await convert(api, thread.answer, thread.editor)
    second = await convert(api, thread.answer, thread.editor)

    names = first["__typename"], second["__typename"]
    assert names == ("ConvertAnswerToCommentSuccess", "NotFound")


async def test_it_does_not_go_below_what_is_hidden(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    other = id_of("Answer", thread.other_answer)
    await perform(api, "hidePost", who=thread.editor, id=other)
    parent = ("Answer", thread.other_answer)

    unseen = await convert(api, thread.answer, thread.answerer, parent)
    seen = await convert(api, thread.answer, thread.editor, parent)
    gone = await convert(api, thread.answer, thread.editor, ("Answer", 999))

    assert (unseen["__typename"], seen["reason"]) == ("NotFound", "HIDDEN")
    assert gone["__typename"] == "NotFound"
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"answerId": id_of("Question", 1)}, "answerId"),
        ({"answerId": "nonsense"}, "answerId"),
        ({"parentId": id_of("Comment", 4)}, "parentId"),
        ({"parentId": id_of("User", 1)}, "parentId"),
        ({"parentId": id_of("Answer", 2)}, "parentId"),
        ({"parentId": id_of("Question", 7)}, "parentId"),
    ],
)
async def test_the_field_that_is_wrong_is_named(
    api: Api, db: Database, input: dict[str, str], field: str
) -> None:
    thread = await add_thread(db, comment_on_qs=1)
    input = {"answerId": id_of("Answer", thread.answer), **input}

    result = await perform(api, "convertAnswerToComment", who=thread.editor, **input)

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    await expect_no_differences(db)


async def test_it_counts_as_a_comment_of_this_hour(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1, max_rate_user_cs=1)

    first = await convert(api, thread.answer, thread.editor)
    second = await convert(api, thread.other_answer, thread.editor)

    assert first["__typename"] == "ConvertAnswerToCommentSuccess"
    assert second["__typename"] == "RateLimited"
    assert await stored(db, thread.other_answer, "type") == "A"
    await expect_no_differences(db)


async def test_followers_and_the_author_are_told(api: Api, db: Database) -> None:
    thread = await add_thread(db, comment_on_qs=1)

    await convert(api, thread.answer, thread.editor)

    assert await told(db) == {
        ("Q", thread.question, thread.answer, "Y"),
        ("U", thread.editor, thread.answer, "Y"),
        ("-", thread.answerer, thread.answer, "Y"),
    }


@pytest.mark.mariadb
async def test_converting_at_the_same_time_converts_once(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db, comment_on_qs=1)

    results = await asyncio.gather(
        *(convert(api, thread.answer, thread.editor) for _ in range(3)),
        convert(api, thread.answer, thread.expert, ("Answer", thread.other_answer)),
        convert(api, thread.other_answer, thread.expert, ("Answer", thread.answer)),
        convert(api, thread.other_answer, thread.moderator),
    )

    types = [await stored(db, id, "type") for id in (thread.answer, thread.other_answer)]
    assert types == ["C", "C"]
    done = [result["__typename"] for result in results]
    assert done.count("ConvertAnswerToCommentSuccess") == 2
    assert set(done) == {"ConvertAnswerToCommentSuccess", "NotFound"}
    await expect_no_differences(db)
