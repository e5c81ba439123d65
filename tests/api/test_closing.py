"""Closing and reopening questions as a client does it, with the notes and figures it changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.models import ContentWord, Post, Word
from tests.conftest import Api
from tests.meadow import expect_no_differences
from tests.thread import Thread, add_thread, id_of, perform, stored, told

FIELDS = """
    question {
        isClosed viewerCanClose viewerCanReopen
        closing { note duplicateOf { databaseId } by { databaseId } }
        lastChange { kind by { databaseId } }
    }
"""


async def close(api: Api, question: int, who: int | None, **why: Any) -> Any:
    id = id_of("Question", question)
    why = why or {"note": "Ask the drones."}
    return await perform(api, "closeQuestion", FIELDS, who=who, id=id, **why)


async def reopen(api: Api, question: int, who: int | None) -> Any:
    id = id_of("Question", question)
    return await perform(api, "reopenQuestion", FIELDS, who=who, id=id)


async def notes(db: Database) -> list[Any]:
    query = select(Post.parent_id, Post.author_id, Post.content, Post.category_id).where(
        Post.type == "NOTE"
    )
    async with db.read() as connection:
        return [tuple(row) for row in await connection.execute(query)]


async def test_a_note_closes_a_question_and_goes_when_it_is_reopened(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)

    closed = await close(api, thread.question, thread.editor, note=" Ask\r\nthe drones. ")
    kept = await notes(db)
    await expect_no_differences(db)
    async with db.read() as connection:
        indexed = select(ContentWord.type).join(Word, Word.id == ContentWord.word_id)
        query = indexed.where(Word.text == "drones", ContentWord.question_id == thread.question)
        types = (await connection.execute(query)).scalars().all()
    reopened = await reopen(api, thread.question, thread.editor)

    assert closed["question"] == {
        "isClosed": True,
        "viewerCanClose": False,
        "viewerCanReopen": True,
        "closing": {
            "note": "Ask\nthe drones.",
            "duplicateOf": None,
            "by": {"databaseId": thread.editor},
        },
        "lastChange": {"kind": "CLOSED", "by": {"databaseId": thread.editor}},
    }
    assert kept == [(thread.question, thread.editor, "Ask\nthe drones.", 1)]
    assert types == ["NOTE"]
    assert (reopened["question"]["isClosed"], reopened["question"]["closing"]) == (False, None)
    assert await notes(db) == []
    await expect_no_differences(db)


async def test_a_duplicate_leads_to_the_question_it_repeats(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    original = id_of("Question", thread.question)

    closed = await close(api, thread.follow_up, thread.fan, duplicateOf=original)
    await expect_no_differences(db)
    reopened = await reopen(api, thread.follow_up, thread.fan)

    assert closed["question"]["closing"]["duplicateOf"] == {"databaseId": thread.question}
    assert reopened["question"]["closing"] is None
    assert await stored(db, thread.question, "type") == "Q"
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "person", "reason"),
    [
        ({}, "asker", None),
        ({}, "editor", None),
        ({}, "expert", "LEVEL"),
        ({"allow_close_own_questions": 0}, "asker", "LEVEL"),
        ({"allow_close_questions": 0}, "moderator", "SWITCHED_OFF"),
        ({"permit_close_q": 40}, "editor", "LEVEL"),
        ({"permit_close_q": 106, "permit_close_q_points": 9999}, "fan", "POINTS"),
        ({"block_ips_write": "127.0.0.1"}, "asker", "IP_BLOCKED"),
        ({}, None, "SIGNED_OUT"),
    ],
)
async def test_the_asker_and_those_the_site_trusts_close(
    api: Api, db: Database, options: dict[str, Any], person: str | None, reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    who = getattr(thread, person) if person else None

    result = await close(api, thread.question, who)

    assert result.get("reason") == reason
    assert len(await notes(db)) == (0 if reason else 1)
    await expect_no_differences(db)


async def test_an_asker_does_not_reopen_what_somebody_else_closed(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    await close(api, thread.question, thread.editor)
    refused = await reopen(api, thread.question, thread.asker)
    await reopen(api, thread.question, thread.moderator)
    await close(api, thread.question, thread.asker)
    own = await reopen(api, thread.question, thread.asker)

    assert refused["reason"] == "LEVEL"
    assert own["__typename"] == "ReopenQuestionSuccess"


async def test_closing_twice_and_reopening_twice_are_refused(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    results = [
        await reopen(api, thread.question, thread.editor),
        await close(api, thread.question, thread.editor),
        await close(api, thread.question, thread.editor),
        await reopen(api, thread.question, thread.editor),
        await reopen(api, thread.question, thread.editor),
    ]

    assert [result.get("reason") for result in results] == ["OPEN", None, "CLOSED", None, "OPEN"]
    await expect_no_differences(db)


async def test_what_an_accepted_answer_has_closed_is_neither_closed_nor_reopened(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db, do_close_on_select=1)
    answer = id_of("Answer", thread.answer)
    await perform(api, "acceptAnswer", who=thread.asker, answerId=answer)

    closed = await close(api, thread.question, thread.editor)
    reopened = await reopen(api, thread.question, thread.editor)

    assert (closed["reason"], reopened["reason"]) == ("CLOSED", "OPEN")


@pytest.mark.parametrize("state", ["Q_HIDDEN", "Q_QUEUED"])
async def test_who_does_not_see_a_question_cannot_learn_that_it_exists(
    api: Api, db: Database, state: str
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        this = update(Post).where(Post.id == thread.question)
        await connection.execute(this.values({Post.type: state}))
    original = id_of("Question", thread.question)

    results = [
        await close(api, thread.question, thread.fan),
        await reopen(api, thread.question, thread.fan),
        await close(api, thread.follow_up, thread.fan, duplicateOf=original),
        await close(api, 999, thread.fan),
        await close(api, thread.follow_up, thread.fan, duplicateOf=id_of("Question", 999)),
    ]
    seen = await close(api, thread.follow_up, thread.moderator, duplicateOf=original)

    assert results == 5 * [{"__typename": "NotFound", "message": "There is no such post."}]
    assert (seen["__typename"], seen["field"]) == ("Invalid", "duplicateOf")


@pytest.mark.parametrize(
    ("why", "field"),
    [
        ({"note": "  "}, "note"),
        ({"note": "bee" * 4001}, "note"),
        ({"note": None}, "note"),
        ({"note": "Both", "duplicateOf": id_of("Question", 7)}, "note"),
        ({"duplicateOf": id_of("Answer", 2)}, "duplicateOf"),
        ({"duplicateOf": "nonsense"}, "duplicateOf"),
        ({"duplicateOf": id_of("Question", 1)}, "duplicateOf"),
        ({"id": id_of("Answer", 2), "note": "No"}, "id"),
    ],
)
async def test_the_field_that_is_wrong_is_named(
    api: Api, db: Database, why: dict[str, Any], field: str
) -> None:
    thread = await add_thread(db)
    input = {"id": id_of("Question", thread.question), **why}

    result = await perform(api, "closeQuestion", who=thread.moderator, **input)

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    await expect_no_differences(db)


async def test_a_note_with_characters_that_the_site_cannot_store_is_refused(
    site_url: str, api: Api, db: Database
) -> None:
    thread = await add_thread(db)

    result = await close(api, thread.question, thread.editor, note="Ask the \N{HONEYBEE}")

    if site_url.startswith("mysql"):
        assert (result["__typename"], result["field"]) == ("Invalid", "note")
    else:
        assert result["question"]["closing"]["note"] == "Ask the \N{HONEYBEE}"


async def test_followers_and_the_asker_are_told(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    await close(api, thread.question, thread.editor)

    assert await told(db) == {
        ("Q", thread.question, thread.question, "C"),
        ("U", thread.editor, thread.question, "C"),
        ("-", thread.asker, thread.question, "C"),
    }


@pytest.mark.mariadb
async def test_closing_at_the_same_time_closes_once(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db)
    one, other = id_of("Question", thread.question), id_of("Question", thread.follow_up)

    results = await asyncio.gather(
        *(close(api, thread.question, thread.editor) for _ in range(3)),
        close(api, thread.question, thread.moderator, duplicateOf=other),
        close(api, thread.follow_up, thread.moderator, duplicateOf=one),
        close(api, thread.follow_up, thread.editor, duplicateOf=one),
    )

    reasons = sorted(result.get("reason") or "" for result in results)
    assert reasons == ["", "", "CLOSED", "CLOSED", "CLOSED", "CLOSED"]
    closed_by = await stored(db, thread.question, "closed_by_id")
    assert len(await notes(db)) == (0 if closed_by == thread.follow_up else 1)
    await expect_no_differences(db)
