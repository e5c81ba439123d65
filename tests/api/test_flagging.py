"""Flagging as a client does it: what it hides, whom it tells, and every figure it changes."""

from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import Post
from app.models.waggle import Mail
from schema import nodes
from tests.conftest import Api
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

ACTIONS = """
    mutation Flag($id: ID!) {
        result: flagPost(input: { id: $id }) {
            __typename
            ... on FlagPostSuccess { post { viewerHasFlagged viewerCanUnflag } }
            ...Refusal
        }
    }
    mutation Unflag($id: ID!) {
        result: unflagPost(input: { id: $id }) {
            __typename
            ... on UnflagPostSuccess { post { viewerHasFlagged viewerCanFlag } }
            ...Refusal
        }
    }
    mutation Clear($id: ID!) {
        result: clearFlags(input: { id: $id }) {
            __typename
            ... on ClearFlagsSuccess { post { flagCount state } }
            ...Refusal
        }
    }
    fragment Refusal on Error {
        message
        ... on NotAllowed { reason }
        ... on RateLimited { retryAfter }
    }
"""


class Thread(NamedTuple):
    """A question, its accepted answer and a comment on that, by one author; others who flag."""

    author: int
    moderator: int
    flaggers: list[int]
    question: int
    answer: int
    comment: int


async def add_thread(db: Database, **options: Any) -> Thread:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        author = await add_user(connection)
        moderator = await add_user(connection, level=80)
        flaggers = [await add_user(connection) for _ in range(3)]
        answer_id = 2
        question = await add_post(
            connection, "Q", author_id=author, accepted_answer_id=answer_id, tags="varroa,swarm"
        )
        answer = await add_post(connection, "A", author_id=moderator, parent_id=question)
        comment = await add_post(connection, "C", author_id=author, parent_id=answer)
        assert answer == answer_id
        await settle(connection)
    return Thread(author, moderator, flaggers, question, answer, comment)


async def act(api: Api, action: str, type: str, id: int, **options: Any) -> Any:
    body = {"query": ACTIONS, "operationName": action, "variables": {"id": nodes.encode(type, id)}}
    headers = {"x-viewer": str(options["viewer"])} if "viewer" in options else {}
    response = await api.http.post("/graphql", json=body, headers=headers)
    answer = response.json()
    assert "errors" not in answer, answer
    return answer["data"]["result"]


async def type_of(db: Database, post_id: int) -> str:
    async with db.read() as connection:
        query = select(Post.type).where(Post.id == post_id)
        return str((await connection.execute(query)).scalar_one())


async def test_a_flag_is_given_once_and_taken_back(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    viewer = thread.flaggers[0]

    flagged = await act(api, "Flag", "Answer", thread.answer, viewer=viewer)
    await expect_no_differences(db)
    again = await act(api, "Flag", "Answer", thread.answer, viewer=viewer)
    unflagged = await act(api, "Unflag", "Answer", thread.answer, viewer=viewer)
    await expect_no_differences(db)
    nothing = await act(api, "Unflag", "Answer", thread.answer, viewer=viewer)

    assert flagged["post"] == {"viewerHasFlagged": True, "viewerCanUnflag": True}
    assert unflagged["post"] == {"viewerHasFlagged": False, "viewerCanFlag": True}
    assert (again["reason"], nothing["reason"]) == ("ALREADY_DONE", "NOT_DONE")


@pytest.mark.parametrize("type", ["Question", "Answer", "Comment"])
async def test_enough_flags_hide_a_post_and_leave_every_figure_right(
    api: Api, db: Database, type: str
) -> None:
    thread = await add_thread(db, flagging_hide_after=3)
    id = getattr(thread, type.lower())

    results = [await act(api, "Flag", type, id, viewer=flagger) for flagger in thread.flaggers]

    assert [result["post"] is None for result in results] == [False, False, True]
    assert await type_of(db, id) == f"{type[0]}_HIDDEN"
    await expect_no_differences(db)

    cleared = await act(api, "Clear", type, id, viewer=thread.moderator)

    assert cleared["post"] == {"flagCount": 0, "state": "HIDDEN"}
    await expect_no_differences(db)


async def test_the_owner_is_told_of_the_flags_that_the_options_name(api: Api, db: Database) -> None:
    thread = await add_thread(db, feedback_email="owner@example.org", site_title="Hives")

    for flagger in thread.flaggers:
        await act(api, "Flag", "Comment", thread.comment, viewer=flagger)

    async with db.read() as connection:
        query = select(Mail.recipient, Mail.subject, Mail.body).order_by(Mail.id)
        mails = (await connection.execute(query)).all()
    # The first, and every second one after it.
    assert [(to, subject) for to, subject, _ in mails] == 2 * [
        ("owner@example.org", "[Hives] Flagged: How do bees fly?")
    ]
    assert "3 flags" in mails[1].body


async def test_the_owner_is_told_in_the_language_of_the_site(api: Api, db: Database) -> None:
    options = {"feedback_email": "owner@example.org", "block_bad_words": "bees"}
    thread = await add_thread(db, site_language="ja", flagging_hide_after=1, **options)

    await act(api, "Flag", "Answer", thread.answer, viewer=thread.flaggers[0])

    async with db.read() as connection:
        [mail] = (await connection.execute(select(Mail.subject, Mail.body))).all()
    assert "通報により非表示: How do **** fly?" in mail.subject
    assert mail.body.startswith("この投稿はこれまでに 1 件の通報を受け、非表示になりました。\n\n")
    assert f"#a{thread.answer}" in mail.body


@pytest.mark.parametrize(
    ("options", "action", "reason"),
    [
        ({"flagging_of_posts": 0}, "Flag", "SWITCHED_OFF"),
        ({"permit_flag": 100}, "Flag", "LEVEL"),
        ({"block_ips_write": "127.0.0.1"}, "Flag", "IP_BLOCKED"),
        ({}, "Unflag", "NOT_DONE"),
        ({}, "Clear", "NOT_DONE"),
    ],
)
async def test_who_may_not_is_told_why(
    api: Api, db: Database, options: dict[str, Any], action: str, reason: str
) -> None:
    thread = await add_thread(db, **options)

    result = await act(api, action, "Answer", thread.answer, viewer=thread.flaggers[0])

    assert (result["__typename"], result["reason"]) == ("NotAllowed", reason)


async def test_nobody_flags_their_own_post_or_as_a_guest(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    own = await act(api, "Flag", "Question", thread.question, viewer=thread.author)
    guests = await act(api, "Flag", "Question", thread.question)
    clearing = await act(api, "Flag", "Question", thread.question, viewer=thread.flaggers[0])
    cleared = await act(api, "Clear", "Question", thread.question, viewer=thread.flaggers[0])

    assert (own["reason"], guests["reason"]) == ("OWN_POST", "SIGNED_OUT")
    assert clearing["__typename"] == "FlagPostSuccess"
    assert cleared["reason"] == "LEVEL"


async def test_an_hour_has_so_many_flags(api: Api, db: Database) -> None:
    thread = await add_thread(db, max_rate_user_flags=1)
    viewer = thread.flaggers[0]
    await act(api, "Flag", "Answer", thread.answer, viewer=viewer)

    result = await act(api, "Flag", "Question", thread.question, viewer=viewer)

    assert result["__typename"] == "RateLimited"
    await expect_no_differences(db)
