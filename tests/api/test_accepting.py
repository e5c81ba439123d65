"""Choosing the best answer as a client does it, with every figure and stamp that it changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.models import Post
from app.models.waggle import Mail
from tests.conftest import Api, statements_of
from tests.meadow import expect_no_differences
from tests.thread import Thread, add_thread, id_of, perform, stored, told

FIELDS = """
    question { isClosed acceptedAnswer { databaseId } author { points } }
    answer { isAccepted author { points } lastChange { kind by { databaseId } } }
    formerAnswer { databaseId isAccepted author { points } lastChange { kind } }
"""
TAKEN_BACK = (
    "question { isClosed acceptedAnswer { id } } formerAnswer { databaseId lastChange { at } }"
)
STAMP = ("changed_at", "change", "changed_by_id", "changed_from")


async def accept(api: Api, answer: int, who: int | None) -> Any:
    id = id_of("Answer", answer)
    return await perform(api, "acceptAnswer", FIELDS, who=who, answerId=id)


async def unaccept(api: Api, question: int, who: int | None) -> Any:
    id = id_of("Question", question)
    return await perform(api, "unacceptAnswer", TAKEN_BACK, who=who, questionId=id)


async def test_a_choice_stamps_the_answer_and_gives_points_to_both(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    result = await accept(api, thread.answer, thread.asker)

    assert result["question"]["acceptedAnswer"] == {"databaseId": thread.answer}
    assert result["answer"]["isAccepted"] is True
    assert result["answer"]["lastChange"] == {
        "kind": "ACCEPTED",
        "by": {"databaseId": thread.asker},
    }
    assert result["formerAnswer"] is None
    assert await stored(db, thread.question, *STAMP) == (None, None, None, None)
    # 100; the question 2, its votes 2 up and 1 down; 3 for the choice; times ten.
    assert result["question"]["author"]["points"] == 100 + 10 * (2 + 2 - 1 + 3)
    await expect_no_differences(db)


async def test_moving_and_taking_back_a_choice_wipes_what_it_left(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    first = await accept(api, thread.answer, thread.asker)

    moved = await accept(api, thread.other_answer, thread.expert)
    await expect_no_differences(db)
    taken_back = await unaccept(api, thread.question, thread.asker)
    await expect_no_differences(db)

    before = first["answer"]["author"]["points"]
    assert moved["formerAnswer"] == {
        "databaseId": thread.answer,
        "isAccepted": False,
        "author": {"points": before - 300},
        "lastChange": None,
    }
    assert taken_back["question"]["acceptedAnswer"] is None
    assert taken_back["formerAnswer"] == {"databaseId": thread.other_answer, "lastChange": None}
    assert await stored(db, thread.answer, *STAMP) == (None, None, None, None)
    assert await stored(db, thread.other_answer, *STAMP) == (None, None, None, None)


async def test_a_later_edit_of_the_answer_outlives_the_choice(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await accept(api, thread.answer, thread.asker)
    async with db.begin() as connection:
        this = update(Post).where(Post.id == thread.answer)
        await connection.execute(this.values({Post.change: "E"}))

    await unaccept(api, thread.question, thread.asker)

    assert await stored(db, thread.answer, "change", "changed_by_id") == ("E", thread.asker)


async def test_the_same_again_changes_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await accept(api, thread.answer, thread.asker)
    sent = statements_of(api)

    again = await accept(api, thread.answer, thread.asker)

    assert again["__typename"] == "AcceptAnswerSuccess"
    assert not [statement for statement in sent if statement.startswith(("UPDATE", "INSERT"))]
    await unaccept(api, thread.question, thread.asker)
    sent.clear()
    again = await unaccept(api, thread.question, thread.asker)
    assert again["__typename"] == "UnacceptAnswerSuccess"
    assert not [statement for statement in sent if statement.startswith(("UPDATE", "INSERT"))]


async def test_a_site_may_close_questions_by_the_choice(api: Api, db: Database) -> None:
    thread = await add_thread(db, do_close_on_select=1)

    chosen = await accept(api, thread.answer, thread.asker)
    stamped = await stored(db, thread.question, "change", "changed_by_id")
    await expect_no_differences(db)
    opened = await unaccept(api, thread.question, thread.expert)

    assert chosen["question"]["isClosed"] is True
    assert stamped == ("C", thread.asker)
    assert opened["question"]["isClosed"] is False
    assert await stored(db, thread.question, "change", "changed_by_id") == ("C", thread.expert)
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "person", "reason"),
    [
        ({}, "asker", None),
        ({}, "expert", None),
        ({}, "answerer", "LEVEL"),
        ({"permit_select_a": 70}, "expert", "LEVEL"),
        ({"permit_select_a": 70}, "editor", None),
        ({"permit_select_a": 106, "permit_select_a_points": 9999}, "fan", "POINTS"),
        ({"block_ips_write": "127.0.0.1"}, "asker", "IP_BLOCKED"),
        ({}, None, "SIGNED_OUT"),
    ],
)
async def test_the_asker_and_those_the_site_trusts_choose(
    api: Api, db: Database, options: dict[str, Any], person: str | None, reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    who = getattr(thread, person) if person else None

    chosen = await accept(api, thread.answer, who)
    taken_back = await unaccept(api, thread.question, who)

    assert (chosen.get("reason"), taken_back.get("reason")) == (reason, reason)
    await expect_no_differences(db)


async def test_what_cannot_be_seen_by_all_is_not_chosen(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        for post, state in ((thread.answer, "A_HIDDEN"), (thread.other_answer, "A_QUEUED")):
            await connection.execute(update(Post).where(Post.id == post).values({Post.type: state}))

    results = [
        await accept(api, thread.answer, thread.moderator),
        await accept(api, thread.other_answer, thread.moderator),
        await accept(api, thread.answer, thread.asker),
        await accept(api, 999, thread.asker),
        await unaccept(api, 999, thread.asker),
    ]

    assert [result.get("reason") for result in results[:2]] == ["HIDDEN", "QUEUED"]
    assert [result["__typename"] for result in results[2:]] == 3 * ["NotFound"]


async def test_an_id_of_another_kind_is_named(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    question, answer = id_of("Question", thread.question), id_of("Answer", thread.answer)

    chosen = await perform(api, "acceptAnswer", who=thread.asker, answerId=question)
    taken_back = await perform(api, "unacceptAnswer", who=thread.asker, questionId=answer)

    assert (chosen["__typename"], chosen["field"]) == ("Invalid", "answerId")
    assert (taken_back["__typename"], taken_back["field"]) == ("Invalid", "questionId")


async def test_followers_and_the_author_of_the_answer_are_told(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    await accept(api, thread.answer, thread.asker)
    await unaccept(api, thread.question, thread.asker)

    assert await told(db) == {
        ("Q", thread.question, thread.answer, "S"),
        ("U", thread.asker, thread.answer, "S"),
        ("-", thread.answerer, thread.answer, "S"),
    }


@pytest.mark.parametrize(
    ("notify", "by", "mailed"),
    [
        ("@", "asker", ["account"]),
        ("elsewhere@example.org", "asker", ["elsewhere@example.org"]),
        (None, "asker", []),
        ("@", "answerer", []),
    ],
)
async def test_who_asked_for_mails_gets_one(
    api: Api, db: Database, notify: str | None, by: str, mailed: list[str]
) -> None:
    thread = await add_thread(db, permit_select_a=120, site_title="Hives")
    async with db.begin() as connection:
        this = update(Post).where(Post.id == thread.answer)
        await connection.execute(this.values({Post.notify: notify}))

    await accept(api, thread.answer, getattr(thread, by))

    async with db.read() as connection:
        query = select(Mail.recipient, Mail.subject, Mail.body)
        mails = (await connection.execute(query)).all()
    account = f"bee{thread.answerer}@example.org"
    assert [mail.recipient for mail in mails] == [
        account if address == "account" else address for address in mailed
    ]
    assert all(mail.subject.endswith("How do bees fly?") for mail in mails)
    assert all(f"a{thread.answer}" in mail.body for mail in mails)


@pytest.mark.mariadb
async def test_choices_at_the_same_time_leave_one(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db)

    results = await asyncio.gather(
        *(accept(api, thread.answer, thread.asker) for _ in range(4)),
        *(accept(api, thread.other_answer, thread.expert) for _ in range(4)),
        *(unaccept(api, thread.question, thread.editor) for _ in range(2)),
    )

    assert {result["__typename"] for result in results} == {
        "AcceptAnswerSuccess",
        "UnacceptAnswerSuccess",
    }
    stamped = [await stored(db, id, "change") for id in (thread.answer, thread.other_answer)]
    chosen = await stored(db, thread.question, "accepted_answer_id")
    assert [stamp == "S" for stamp in stamped] == [
        chosen == id for id in (thread.answer, thread.other_answer)
    ]
    await expect_no_differences(db)
