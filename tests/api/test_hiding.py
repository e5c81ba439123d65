"""Hiding posts and showing them again, as a client does it, with every figure that it changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.db import Database
from app.models import ContentWord, Post, Vote
from app.models.waggle import Mail
from tests.conftest import Api
from tests.meadow import expect_no_differences
from tests.thread import Thread, add_thread, id_of, perform, stored, told

FIELDS = """
    post {
        state viewerCanHide viewerCanReshow
        lastChange { kind by { databaseId } }
        ... on Answer { isAccepted question { answerCount acceptedAnswer { databaseId } } }
    }
"""
KINDS = ("Question", "Answer", "Comment")


async def hide(api: Api, type: str, post: int, who: int | None) -> Any:
    return await perform(api, "hidePost", FIELDS, who=who, id=id_of(type, post))


async def reshow(api: Api, type: str, post: int, who: int | None) -> Any:
    return await perform(api, "reshowPost", f"{FIELDS} isQueued", who=who, id=id_of(type, post))


async def indexed(db: Database) -> set[int]:
    """The posts whose contents are in the word index."""
    async with db.read() as connection:
        return set((await connection.execute(select(ContentWord.post_id))).scalars())


async def set_values(db: Database, post: int, **values: Any) -> None:
    async with db.begin() as connection:
        columns = {getattr(Post, name): value for name, value in values.items()}
        await connection.execute(update(Post).where(Post.id == post).values(columns))


@pytest.mark.parametrize("type", KINDS)
async def test_what_is_hidden_and_shown_again_leaves_every_figure_right(
    api: Api, db: Database, type: str
) -> None:
    thread = await add_thread(db)
    post = getattr(thread, type.lower())

    hidden = await hide(api, type, post, thread.editor)
    await expect_no_differences(db)
    shown = await reshow(api, type, post, thread.editor)
    await expect_no_differences(db)

    change = {"kind": "VISIBILITY", "by": {"databaseId": thread.editor}}
    for result, state in ((hidden, "HIDDEN"), (shown, "VISIBLE")):
        assert (result["post"]["state"], result["post"]["lastChange"]) == (state, change)
    assert (hidden["post"]["viewerCanReshow"], shown["post"]["viewerCanHide"]) == (True, True)
    assert shown["isQueued"] is False


async def test_all_that_hangs_below_a_hidden_question_leaves_the_index(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    note = {"id": id_of("Question", thread.question), "note": "Ask the drones."}
    await perform(api, "closeQuestion", who=thread.editor, **note)
    before = await indexed(db)

    await hide(api, "Question", thread.question, thread.editor)
    left = await indexed(db)
    types = [await stored(db, post, "type") for post in thread.posts]
    await expect_no_differences(db)
    await reshow(api, "Question", thread.question, thread.editor)

    assert left == {thread.follow_up}
    assert types == ["Q_HIDDEN", "A", "A", "C", "C", "C", "Q"]
    assert await indexed(db) == before
    assert len(before) == len(thread.posts) + 1
    await expect_no_differences(db)


async def test_a_hidden_answer_is_no_longer_the_best_one(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    answer = id_of("Answer", thread.answer)
    await perform(api, "acceptAnswer", who=thread.asker, answerId=answer)

    hidden = await hide(api, "Answer", thread.answer, thread.answerer)
    await expect_no_differences(db)
    shown = await reshow(api, "Answer", thread.answer, thread.answerer)

    assert hidden["post"]["question"] == {"answerCount": 1, "acceptedAnswer": None}
    assert shown["post"]["question"] == {"answerCount": 2, "acceptedAnswer": None}
    assert shown["post"]["isAccepted"] is False
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "person", "reason"),
    [
        ({}, "answerer", None),
        ({}, "editor", None),
        ({}, "expert", "LEVEL"),
        ({}, "fan", "LEVEL"),
        ({"permit_hide_show": 120}, "fan", None),
        ({"permit_hide_show": 106, "permit_hide_show_points": 9999}, "fan", "POINTS"),
        ({"block_ips_write": "127.0.0.1"}, "answerer", "IP_BLOCKED"),
        ({}, None, "SIGNED_OUT"),
    ],
)
async def test_authors_and_those_the_site_trusts_hide(
    api: Api, db: Database, options: dict[str, Any], person: str | None, reason: str | None
) -> None:
    thread = await add_thread(db, **options)

    result = await hide(api, "Answer", thread.answer, getattr(thread, person) if person else None)

    assert result.get("reason") == reason
    assert await stored(db, thread.answer, "type") == ("A" if reason else "A_HIDDEN")
    await expect_no_differences(db)


async def test_a_guest_hides_what_they_wrote(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await set_values(db, thread.comment, author_id=None, cookie_id=77)
    document = """
        mutation ($id: ID!) {
            hidePost(input: { id: $id }) {
                __typename
                ... on HidePostSuccess { post { state } }
            }
            reshowPost(input: { id: $id }) {
                __typename
                ... on ReshowPostSuccess { post { state } }
            }
        }
    """
    id = id_of("Comment", thread.comment)

    data = await api.ask(document, guest=77, id=id)
    await set_values(db, thread.comment, type="C_HIDDEN")
    others = await api.ask(document, guest=78, id=id)

    assert data["hidePost"]["post"] == {"state": "HIDDEN"}
    assert data["reshowPost"] == {"__typename": "ReshowPostSuccess", "post": {"state": "VISIBLE"}}
    assert others == {name: {"__typename": "NotFound"} for name in ("hidePost", "reshowPost")}


async def test_an_asker_does_not_hide_what_somebody_else_closed(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    note = {"id": id_of("Question", thread.question), "note": "Ask the drones."}
    await perform(api, "closeQuestion", who=thread.editor, **note)

    result = await hide(api, "Question", thread.question, thread.asker)

    assert result["reason"] == "LEVEL"


async def test_authors_show_only_what_they_hid_themselves_and_nobody_flagged(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await hide(api, "Answer", thread.answer, thread.editor)
    by_editor = await reshow(api, "Answer", thread.answer, thread.answerer)

    await hide(api, "Comment", thread.question_comment, thread.commenter)
    async with db.begin() as connection:
        row = {
            "post_id": thread.question_comment,
            "user_id": thread.asker,
            "direction": 0,
            "flagged": 1,
        }
        await connection.execute(insert(Vote).values(row))
    await set_values(db, thread.question_comment, flag_count=1)
    flagged = await reshow(api, "Comment", thread.question_comment, thread.commenter)
    await expect_no_differences(db)
    # A guest's name is not known, and neither is whose flag was the last.
    guest = {"author_id": None, "cookie_id": 77, "changed_by_id": None}
    await set_values(db, thread.question_comment, **guest)
    id = id_of("Comment", thread.question_comment)
    document = "mutation ($id: ID!) { reshowPost(input: { id: $id }) { __typename } }"
    of_guest = await api.ask(document, guest=77, id=id)

    assert of_guest == {"reshowPost": {"__typename": "NotAllowed"}}
    assert (by_editor["reason"], flagged["reason"]) == ("LEVEL", "LEVEL")


@pytest.mark.parametrize(
    ("options", "person", "state"),
    [
        ({"moderate_by_points": 1, "moderate_points_limit": 9999}, "answerer", "QUEUED"),
        ({"moderate_by_points": 1, "moderate_points_limit": 10}, "answerer", "VISIBLE"),
        ({"moderate_by_points": 1, "moderate_points_limit": 9999}, "editor", "VISIBLE"),
        ({"moderate_users": 1, "moderate_unapproved": 1}, "answerer", "QUEUED"),
    ],
)
async def test_what_an_author_shows_waits_where_new_posts_would(
    api: Api, db: Database, options: dict[str, Any], person: str, state: str
) -> None:
    thread = await add_thread(db, **options, feedback_email="keeper@example.org")
    await hide(api, "Answer", thread.answer, thread.answerer)

    result = await reshow(api, "Answer", thread.answer, getattr(thread, person))

    assert result["post"]["state"] == state
    assert result["isQueued"] is (state == "QUEUED")
    async with db.read() as connection:
        mails = (await connection.execute(select(Mail.recipient))).scalars().all()
    assert mails == (["keeper@example.org"] if state == "QUEUED" else [])
    await expect_no_differences(db)


async def test_hiding_twice_and_showing_twice_are_refused(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    results = [
        await reshow(api, "Comment", thread.comment, thread.editor),
        await hide(api, "Comment", thread.comment, thread.editor),
        await hide(api, "Comment", thread.comment, thread.editor),
        await reshow(api, "Comment", thread.comment, thread.editor),
    ]

    assert [result.get("reason") for result in results] == ["VISIBLE", None, "HIDDEN", None]


async def test_an_author_may_hide_what_waits_for_a_moderator_others_may_not(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await set_values(db, thread.comment, type="C_QUEUED")

    others = await hide(api, "Comment", thread.comment, thread.moderator)
    own = await hide(api, "Comment", thread.comment, thread.commenter)

    assert (others["reason"], own["post"]["state"]) == ("QUEUED", "HIDDEN")


async def test_who_does_not_see_a_post_cannot_learn_that_it_exists(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await hide(api, "Answer", thread.answer, thread.editor)

    results = [
        await reshow(api, "Answer", thread.answer, thread.fan),
        await hide(api, "Answer", thread.answer, None),
        await hide(api, "Comment", thread.comment, thread.commenter),
        await hide(api, "Answer", 999, thread.editor),
        await reshow(api, "Comment", thread.answer, thread.editor),
    ]

    assert results == 5 * [{"__typename": "NotFound", "message": "There is no such post."}]


@pytest.mark.parametrize("id", ["", "nonsense", id_of("User", 1)])
async def test_an_id_that_is_not_a_posts_is_named(api: Api, db: Database, id: str) -> None:
    thread = await add_thread(db)

    hidden = await perform(api, "hidePost", who=thread.editor, id=id)
    shown = await perform(api, "reshowPost", who=thread.editor, id=id)

    assert (hidden["field"], shown["field"]) == ("id", "id")


async def test_only_the_author_is_told_of_hiding_and_followers_of_showing(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)

    await hide(api, "Answer", thread.answer, thread.editor)
    of_hiding = await told(db)
    await reshow(api, "Answer", thread.answer, thread.editor)

    assert of_hiding == {("-", thread.answerer, thread.answer, "H")}
    assert await told(db) == of_hiding | {
        ("Q", thread.question, thread.answer, "H"),
        ("U", thread.editor, thread.answer, "H"),
    }


@pytest.mark.mariadb
async def test_hiding_at_the_same_time_counts_once(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db)

    results = await asyncio.gather(
        *(hide(api, "Answer", thread.answer, thread.editor) for _ in range(4)),
        hide(api, "Comment", thread.comment, thread.commenter),
        hide(api, "Question", thread.question, thread.asker),
        hide(api, "Answer", thread.other_answer, thread.moderator),
    )

    reasons = [result.get("reason") for result in results[:4]]
    assert sorted(map(str, reasons)) == ["HIDDEN", "HIDDEN", "HIDDEN", "None"]
    async with db.read() as connection:
        hidden = select(func.count()).where(Post.type.like("%HIDDEN"))
        assert (await connection.execute(hidden)).scalar_one() >= 3
    await expect_no_differences(db)
