"""Deleting posts for good as a client does it, with everybody whose figures that changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.db import Database
from app.models import Post, UserPoints, Vote
from app.models.waggle import Revision, Source
from tests.conftest import Api
from tests.meadow import BEGINNING, expect_no_differences, settle
from tests.thread import Thread, add_thread, id_of, perform, stored

FIELDS = """
    deletedId
    parent { databaseId ... on Question { answerCount } ... on Answer { author { points } } }
"""


async def delete(api: Api, type: str, post: int, who: int | None) -> Any:
    return await perform(api, "deletePost", FIELDS, who=who, id=id_of(type, post))


async def hide(db: Database, *posts: int) -> None:
    """Hide posts, with every figure right."""
    async with db.begin() as connection:
        for post in posts:
            kind = select(func.substr(Post.type, 1, 1)).where(Post.id == post)
            hidden = f"{(await connection.execute(kind)).scalar_one()}_HIDDEN"
            await connection.execute(
                update(Post).where(Post.id == post).values({Post.type: hidden})
            )
        await settle(connection)


async def figures(db: Database, user: int, *names: str) -> tuple[int, ...]:
    columns = [getattr(UserPoints, name) for name in names]
    async with db.read() as connection:
        query = select(*columns).where(UserPoints.user_id == user)
        return tuple((await connection.execute(query)).one())


async def test_a_deleted_comment_takes_its_votes_along(api: Api, db: Database) -> None:
    thread = await add_thread(db, points_per_c_voted_up=1)
    await hide(db, thread.comment)
    given = ("comment_upvotes_given", "comment_downvotes_given")
    before = await figures(db, thread.fan, *given), await figures(db, thread.critic, *given)
    received = await figures(db, thread.commenter, "upvotes_received", "comment_vote_points")

    result = await delete(api, "Comment", thread.comment, thread.moderator)

    assert result["deletedId"] == id_of("Comment", thread.comment)
    assert result["parent"]["databaseId"] == thread.answer
    assert await stored(db, thread.comment, "type") is None
    assert before == ((3, 0), (0, 3))
    assert await figures(db, thread.fan, *given) == (2, 0)
    assert await figures(db, thread.critic, *given) == (0, 2)
    left = await figures(db, thread.commenter, "upvotes_received", "comment_vote_points")
    assert [then - now for then, now in zip(received, left, strict=True)] == [2, 2]
    await expect_no_differences(db)


@pytest.mark.parametrize("type", ["Question", "Answer"])
async def test_deleted_questions_and_answers_leave_every_figure_right(
    api: Api, db: Database, type: str
) -> None:
    thread = await add_thread(db)
    post = {"Question": thread.follow_up, "Answer": thread.other_answer}[type]
    await hide(db, thread.other_comment, post)
    await delete(api, "Comment", thread.other_comment, thread.moderator)

    result = await delete(api, type, post, thread.moderator)

    assert result["__typename"] == "DeletePostSuccess"
    assert (result["parent"] is None) is (type == "Question")
    async with db.read() as connection:
        votes = select(func.count()).where(Vote.post_id == post)
        assert (await connection.execute(votes)).scalar_one() == 0
    await expect_no_differences(db)


async def test_what_waggle_keeps_of_a_post_goes_with_it(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await hide(db, thread.comment)
    async with db.begin() as connection:
        for post in (thread.comment, thread.answer):
            revision = {
                "post_id": post,
                "replaced_at": BEGINNING,
                "content": "Before.",
                "format": "",
            }
            await connection.execute(insert(Revision).values(revision))
            source = {"post_id": post, "text": "*Bees*", "content_hash": bytes(32)}
            await connection.execute(insert(Source).values(source))

    await delete(api, "Comment", thread.comment, thread.moderator)

    async with db.read() as connection:
        for own in (Revision, Source):
            left = (await connection.execute(select(own.post_id))).scalars().all()
            assert left == [thread.answer]


@pytest.mark.parametrize(
    ("options", "person", "reason"),
    [
        ({}, "moderator", None),
        ({}, "editor", "LEVEL"),
        ({}, "commenter", "LEVEL"),
        ({"permit_delete_hidden": 70}, "editor", None),
        ({"permit_delete_hidden": 120}, "commenter", None),
        (
            {"permit_delete_hidden": 106, "permit_delete_hidden_points": 9999},
            "commenter",
            "POINTS",
        ),
        (
            {"permit_delete_hidden": 120, "block_ips_write": "127.0.0.1"},
            "commenter",
            "IP_BLOCKED",
        ),
    ],
)
async def test_those_the_site_trusts_delete(
    api: Api, db: Database, options: dict[str, Any], person: str, reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    await hide(db, thread.question_comment)

    result = await delete(api, "Comment", thread.question_comment, getattr(thread, person))

    assert result.get("reason") == reason
    assert (await stored(db, thread.question_comment, "type") is None) is (reason is None)
    await expect_no_differences(db)


async def test_only_what_is_hidden_and_nothing_depends_on_is_deleted(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    visible = await delete(api, "Comment", thread.comment, thread.moderator)
    await hide(db, thread.answer, thread.other_answer, thread.question)

    refused = [
        await delete(api, "Answer", thread.answer, thread.moderator),
        await delete(api, "Question", thread.question, thread.moderator),
    ]

    assert visible["reason"] == "VISIBLE"
    assert [result["reason"] for result in refused] == 2 * ["HAS_DEPENDENTS"]
    await expect_no_differences(db)


@pytest.mark.parametrize("why", ["note", "duplicate"])
async def test_a_closing_note_and_duplicates_depend_on_a_question(
    api: Api, db: Database, why: str
) -> None:
    thread = await add_thread(db)
    id, original = id_of("Question", thread.question), id_of("Question", thread.follow_up)
    if why == "note":
        await perform(api, "closeQuestion", who=thread.moderator, id=original, note="Ask drones.")
    else:
        await perform(api, "closeQuestion", who=thread.moderator, id=id, duplicateOf=original)
    await hide(db, thread.follow_up)

    result = await delete(api, "Question", thread.follow_up, thread.moderator)

    assert result["reason"] == "HAS_DEPENDENTS"


async def test_what_is_deleted_or_not_seen_is_not_found(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await hide(db, thread.comment)

    results = [
        await delete(api, "Comment", thread.comment, thread.fan),
        await delete(api, "Comment", thread.comment, None),
        await delete(api, "Answer", thread.comment, thread.moderator),
        await delete(api, "Comment", thread.comment, thread.moderator),
        await delete(api, "Comment", thread.comment, thread.moderator),
    ]

    names = [result["__typename"] for result in results]
    assert names == [*3 * ["NotFound"], "DeletePostSuccess", "NotFound"]


@pytest.mark.parametrize("id", ["", "nonsense", id_of("User", 1)])
async def test_an_id_that_is_not_a_posts_is_named(api: Api, db: Database, id: str) -> None:
    thread = await add_thread(db)

    result = await perform(api, "deletePost", who=thread.moderator, id=id)

    assert (result["__typename"], result["field"]) == ("Invalid", "id")


@pytest.mark.mariadb
async def test_deleting_at_the_same_time_deletes_once(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db, comment_on_as=1)
    await hide(db, thread.comment, thread.other_comment, thread.question_comment)
    comments = (thread.comment, thread.other_comment, thread.question_comment)

    results = await asyncio.gather(
        *(delete(api, "Comment", id, thread.moderator) for id in comments for _ in range(3))
    )

    names = sorted(result["__typename"] for result in results)
    assert names == 3 * ["DeletePostSuccess"] + 6 * ["NotFound"]
    await expect_no_differences(db)
