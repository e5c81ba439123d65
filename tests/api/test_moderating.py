"""Approving and rejecting posts as a client does it, with whom it tells and every figure."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.models import Post, PostTag
from app.models.waggle import Mail
from tests.conftest import Api
from tests.meadow import BEGINNING, expect_no_differences, settle
from tests.thread import Thread, add_thread, id_of, perform, stored, told

FIELDS = """
    post {
        state createdAt viewerCanModerate
        lastChange { kind at by { databaseId } }
        author { points }
        ... on Answer { question { answerCount } }
    }
"""
OLD = BEGINNING + timedelta(days=4)


async def approve(api: Api, type: str, post: int, who: int | None) -> Any:
    return await perform(api, "approvePost", FIELDS, who=who, id=id_of(type, post))


async def reject(api: Api, type: str, post: int, who: int | None) -> Any:
    return await perform(api, "rejectPost", FIELDS, who=who, id=id_of(type, post))


async def queue(db: Database, post: int, **values: Any) -> None:
    """Make a post wait, with every figure right."""
    async with db.begin() as connection:
        this = Post.id == post
        type = (await connection.execute(select(Post.type).where(this))).scalar_one()
        columns = {getattr(Post, name): value for name, value in values.items()}
        queued = {Post.type: f"{type}_QUEUED", **columns}
        await connection.execute(update(Post).where(this).values(queued))
        await settle(connection)


@pytest.mark.parametrize("type", ["Question", "Answer", "Comment"])
@pytest.mark.parametrize("renewed", [0, 1])
async def test_what_is_approved_counts_and_is_found(
    api: Api, db: Database, type: str, renewed: int
) -> None:
    thread = await add_thread(db, moderate_update_time=renewed)
    post = getattr(thread, type.lower())
    await queue(db, post)
    before = await stored(db, post, "created_at")

    result = await approve(api, type, post, thread.moderator)

    assert (result["post"]["state"], result["post"]["lastChange"]) == ("VISIBLE", None)
    assert result["post"]["viewerCanModerate"] is False
    after = await stored(db, post, "created_at")
    assert (after != before) is bool(renewed)
    await expect_no_differences(db)


async def test_the_tags_of_an_approved_question_are_as_new_as_it_is(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await queue(db, thread.question)

    await approve(api, "Question", thread.question, thread.moderator)

    created = await stored(db, thread.question, "created_at")
    async with db.read() as connection:
        query = select(PostTag.post_created_at).where(PostTag.post_id == thread.question)
        assert (await connection.execute(query)).scalars().all() == 2 * [created]


@pytest.mark.parametrize("type", ["Question", "Answer", "Comment"])
async def test_what_is_rejected_is_hidden_without_a_trace(
    api: Api, db: Database, type: str
) -> None:
    thread = await add_thread(db)
    post = getattr(thread, type.lower())
    await queue(db, post)

    result = await reject(api, type, post, thread.moderator)

    assert (result["post"]["state"], result["post"]["lastChange"]) == ("HIDDEN", None)
    assert await told(db) == set()
    await expect_no_differences(db)


async def test_who_does_not_see_hidden_posts_may_reject_all_the_same(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await queue(db, thread.answer)

    result = await reject(api, "Answer", thread.answer, thread.expert)

    assert result == {"__typename": "RejectPostSuccess", "post": None}
    assert await stored(db, thread.answer, "type") == "A_HIDDEN"


@pytest.mark.parametrize(
    ("options", "person", "reason"),
    [
        ({}, "expert", None),
        ({}, "answerer", "LEVEL"),
        ({"permit_moderate": 40}, "moderator", None),
        ({"permit_moderate": 106, "permit_moderate_points": 9999}, "answerer", "POINTS"),
        ({"block_ips_write": "127.0.0.1"}, "answerer", "LEVEL"),
        ({"permit_moderate": 120, "block_ips_write": "127.0.0.1"}, "answerer", "IP_BLOCKED"),
    ],
)
async def test_those_the_site_trusts_moderate(
    api: Api, db: Database, options: dict[str, Any], person: str, reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    await queue(db, thread.answer)
    who = getattr(thread, person)

    approved = await approve(api, "Answer", thread.answer, who)
    if reason is None:
        await queue(db, thread.answer)
    rejected = await reject(api, "Answer", thread.answer, who)

    assert (approved.get("reason"), rejected.get("reason")) == (reason, reason)
    await expect_no_differences(db)


async def test_what_does_not_wait_is_neither_approved_nor_rejected(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await queue(db, thread.answer)

    results = [
        await approve(api, "Answer", thread.answer, thread.moderator),
        await approve(api, "Answer", thread.answer, thread.moderator),
        await reject(api, "Answer", thread.answer, thread.moderator),
    ]

    await queue(db, thread.answer)
    results += [
        await reject(api, "Answer", thread.answer, thread.moderator),
        await reject(api, "Answer", thread.answer, thread.moderator),
    ]

    reasons = [result.get("reason") for result in results]
    assert reasons == [None, "VISIBLE", "VISIBLE", None, "HIDDEN"]
    assert results[-1]["message"] == "The post is hidden."


async def test_who_does_not_see_a_post_cannot_learn_that_it_exists(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await queue(db, thread.answer)

    results = [
        await approve(api, "Answer", thread.answer, thread.fan),
        await reject(api, "Answer", thread.answer, None),
        await approve(api, "Comment", thread.answer, thread.moderator),
        await reject(api, "Answer", 999, thread.moderator),
    ]

    assert results == 4 * [{"__typename": "NotFound", "message": "There is no such post."}]


@pytest.mark.parametrize("id", ["", "nonsense", id_of("User", 1)])
async def test_an_id_that_is_not_a_posts_is_named(api: Api, db: Database, id: str) -> None:
    thread = await add_thread(db)

    approved = await perform(api, "approvePost", who=thread.moderator, id=id)
    rejected = await perform(api, "rejectPost", who=thread.moderator, id=id)

    assert (approved["field"], rejected["field"]) == ("id", "id")


async def test_a_new_answer_is_told_of_in_the_name_of_its_author(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await queue(db, thread.answer)
    async with db.begin() as connection:
        this = update(Post).where(Post.id == thread.question)
        await connection.execute(this.values({Post.notify: "@"}))

    await approve(api, "Answer", thread.answer, thread.moderator)

    assert await told(db) == {
        ("Q", thread.question, thread.answer, None),
        ("U", thread.answerer, thread.answer, None),
        ("-", thread.asker, thread.answer, None),
    }
    async with db.read() as connection:
        mails = (await connection.execute(select(Mail.recipient))).scalars().all()
    assert mails == [f"bee{thread.asker}@example.org"]


async def test_an_edit_is_told_of_in_the_name_of_who_made_it(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    made = {"changed_at": OLD, "change": "E", "changed_by_id": thread.editor}
    await queue(db, thread.answer, **made)
    created = await stored(db, thread.answer, "created_at")

    result = await approve(api, "Answer", thread.answer, thread.moderator)

    change = result["post"]["lastChange"]
    assert (change["kind"], change["by"]["databaseId"]) == ("EDITED", thread.editor)
    assert await stored(db, thread.answer, "created_at") == created
    assert await stored(db, thread.answer, "changed_at") != OLD
    assert await told(db) == {
        ("Q", thread.question, thread.answer, "E"),
        ("U", thread.editor, thread.answer, "E"),
        ("-", thread.answerer, thread.answer, "E"),
    }
    await expect_no_differences(db)


async def test_what_stands_below_a_hidden_question_is_told_to_nobody(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await queue(db, thread.answer)
    await queue(db, thread.question)

    await approve(api, "Answer", thread.answer, thread.moderator)

    assert await told(db) == set()
    await expect_no_differences(db)


@pytest.mark.mariadb
async def test_moderating_at_the_same_time_decides_once(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db)
    await queue(db, thread.answer)

    results = await asyncio.gather(
        *(approve(api, "Answer", thread.answer, thread.moderator) for _ in range(3)),
        *(reject(api, "Answer", thread.answer, thread.moderator) for _ in range(3)),
    )

    reasons = sorted(result.get("reason") or "" for result in results)
    assert reasons in (["", *5 * ["VISIBLE"]], ["", *5 * ["HIDDEN"]])
    await expect_no_differences(db)
