"""Answering as a client does it, with every figure that an answer changes."""

import asyncio
import random
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select, text

from app.db import Database
from app.models import GuestCookie, Post, User
from schema import nodes
from tests.conftest import Api, statements_of
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

ANSWER = """
    mutation ($input: AnswerQuestionInput!) {
        answerQuestion(input: $input) {
            __typename
            ... on AnswerQuestionSuccess {
                isQueued
                answer {
                    databaseId content contentFormat state authorName viewerIsAuthor
                    author { points }
                    question { answerCount }
                }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
SAID = "They beat their wings very fast."


class Thread(NamedTuple):
    """A question with an answer by the same author, and somebody who may answer."""

    asker: int
    member: int
    question: int
    answer: int


async def add_thread(db: Database, type: str = "Q", **options: Any) -> Thread:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        asker, member = await add_user(connection), await add_user(connection)
        question = await add_post(connection, type, author_id=asker)
        answer = await add_post(connection, "A", author_id=asker, parent_id=question)
        await settle(connection)
    return Thread(asker, member, question, answer)


async def reply(
    api: Api, question: int, content: str = SAID, *, who: dict[str, Any] | None = None, **input: Any
) -> Any:
    given = {"questionId": nodes.encode("Question", question), "content": content, **input}
    data = await api.ask(ANSWER, **(who or {}), input=given)
    return data["answerQuestion"]


async def test_an_answer_counts_at_once(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    result = await reply(api, thread.question, who={"viewer": thread.member})

    assert result["isQueued"] is False
    assert result["answer"] == {
        "databaseId": 3,
        "content": SAID,
        "contentFormat": "PLAIN",
        "state": "VISIBLE",
        "authorName": None,
        "viewerIsAuthor": True,
        # 100, and an answer (4) times ten.
        "author": {"points": 140},
        "question": {"answerCount": 2},
    }
    await expect_no_differences(db)


async def test_an_answer_of_300_words_costs_at_most_forty_statements(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    words = [f"word{number}" for number in range(300)]
    await reply(api, thread.question, " ".join(words[:250]), who={"viewer": thread.member})
    sent = statements_of(api)

    await reply(
        api,
        thread.question,
        " ".join(words),
        who={"viewer": thread.member},
        idempotencyKey="the only one",
    )

    # Reading the viewer, and the author for the payload, is not part of the transaction.
    sent = [statement for statement in sent if not statement.startswith("BEGIN")]
    assert len(sent) - 2 <= 40, "\n".join(statement[:100] for statement in sent)
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "level", "reason"),
    [
        ({}, 0, None),
        ({"permit_post_a": 100}, 0, "LEVEL"),
        ({"permit_post_a": 100}, 20, None),
        ({"permit_post_a": 106, "permit_post_a_points": 500}, 0, "POINTS"),
        ({"block_ips_write": "127.0.*.*"}, 120, "IP_BLOCKED"),
        ({"answer_needs_login": 1}, None, "SIGNED_OUT"),
        ({}, None, None),
    ],
)
async def test_the_site_decides_who_may_answer(
    api: Api, db: Database, options: dict[str, Any], level: int | None, reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    who = {}
    if level is not None:
        async with db.begin() as connection:
            who = {"viewer": await add_user(connection, level=level)}
            await settle(connection)

    result = await reply(api, thread.question, who=who)

    assert result.get("reason") == reason
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("column", "options", "reason"),
    [
        ("closed_by_id", {}, "CLOSED"),
        ("accepted_answer_id", {"do_close_on_select": 1}, "CLOSED"),
        ("accepted_answer_id", {}, None),
    ],
)
async def test_a_closed_question_takes_no_answers(
    api: Api, db: Database, column: str, options: dict[str, Any], reason: str | None
) -> None:
    thread = await add_thread(db, **options)
    async with db.begin() as connection:
        closed = {"closed_by_id": thread.question, "accepted_answer_id": thread.answer}
        values = {column: closed[column]}
        question = await add_post(connection, "Q", author_id=thread.asker, **values)

    result = await reply(api, question, who={"viewer": thread.member})

    assert result.get("reason") == reason


async def test_own_questions_and_second_answers_are_up_to_the_site(api: Api, db: Database) -> None:
    thread = await add_thread(db, allow_self_answer=0, allow_multi_answers=0)

    own = await reply(api, thread.question, who={"viewer": thread.asker})
    first = await reply(api, thread.question, who={"viewer": thread.member})
    second = await reply(
        api, thread.question, "Something else about wings.", who={"viewer": thread.member}
    )

    assert own["reason"] == "OWN_POST"
    assert first["__typename"] == "AnswerQuestionSuccess"
    assert second["reason"] == "ALREADY_DONE"
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"content": "Too short."}, "content"),
        ({"content": "<p><b>short</b></p>", "contentFormat": "HTML"}, "content"),
        ({"content": "long " * 3_000}, "content"),
        ({"content": "<p>" + "\u00e4" * 12_000, "contentFormat": "HTML"}, "content"),
        ({"content": "* very long\n" * 900, "contentFormat": "MARKDOWN"}, "content"),
        ({"notify": True, "notifyEmail": "nobody"}, "notifyEmail"),
        ({"notifyEmail": "bee@example.org"}, "notifyEmail"),
        ({"authorName": "Maya"}, "authorName"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"questionId": "nonsense"}, "questionId"),
        ({"questionId": nodes.encode("Answer", 2)}, "questionId"),
    ],
)
async def test_what_is_not_acceptable_is_named(
    api: Api, db: Database, input: dict[str, Any], field: str
) -> None:
    thread = await add_thread(db)

    result = await reply(api, thread.question, who={"viewer": thread.member}, **input)

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    await expect_no_differences(db)


@pytest.mark.parametrize("type", ["Q_HIDDEN", "Q_QUEUED", None])
async def test_a_question_that_is_not_seen_cannot_be_answered(
    api: Api, db: Database, type: str | None
) -> None:
    thread = await add_thread(db, type=type or "Q")
    question = thread.question if type else 999

    result = await reply(api, question, who={"viewer": thread.member})

    assert result == {"__typename": "NotFound", "message": "There is no such post."}


async def test_markdown_is_stored_as_html_and_html_is_cleaned(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    who = {"viewer": thread.member}
    bad = '<p onclick="x()">Watch <script>them()</script> <b>closely</b>'

    html = await reply(api, thread.question, bad, who=who, contentFormat="HTML")
    marked = await reply(
        api, thread.question, "Watch **very** closely.\n", who=who, contentFormat="MARKDOWN"
    )

    assert html["answer"]["content"] == "<p>Watch them() <b>closely</b></p>"
    assert marked["answer"]["content"] == "<p>Watch <strong>very</strong> closely.</p>"
    assert marked["answer"]["contentFormat"] == "HTML"
    await expect_no_differences(db)


async def test_characters_of_four_bytes_are_kept_where_the_table_can(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    who = {"viewer": thread.member}

    html = await reply(
        api, thread.question, "<p>Bees 🐝 fly fast</p>", who=who, contentFormat="HTML"
    )
    plain = await reply(api, thread.question, "Wings 🐝 beat fast", who=who)

    if db.engine.dialect.name == "mysql":
        assert html["answer"]["content"] == "<p>Bees &#128029; fly fast</p>"
        assert plain["field"] == "content"
    else:
        assert html["answer"]["content"] == "<p>Bees 🐝 fly fast</p>"
        assert plain["answer"]["content"] == "Wings 🐝 beat fast"
    await expect_no_differences(db)


@pytest.mark.mariadb
@pytest.mark.parametrize("converted", [["posts"], ["posts", "words"]])
async def test_converted_tables_keep_characters_of_four_bytes(
    api: Api, db: Database, converted: list[str]
) -> None:
    if db.engine.dialect.name != "mysql":
        pytest.skip("SQLite has no charsets")
    thread = await add_thread(db)
    async with db.begin() as connection:
        for table in converted:
            statement = f"ALTER TABLE qa_{table} CONVERT TO CHARACTER SET utf8mb4"
            await connection.execute(text(statement))

    result = await reply(api, thread.question, "Wings 🐝 beat fast", who={"viewer": thread.member})

    if "words" in converted:
        assert result["answer"]["content"] == "Wings 🐝 beat fast"
    else:
        assert result["field"] == "content"
    await expect_no_differences(db)


async def test_the_same_words_are_refused_the_second_time(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await reply(api, thread.question, who={"viewer": thread.member})

    result = await reply(
        api,
        thread.question,
        f"<p>{SAID.upper()}</p>",
        who={"viewer": thread.asker},
        contentFormat="HTML",
    )

    assert (result["__typename"], result["field"]) == ("Invalid", "content")


async def test_a_moderated_answer_waits_and_counts_for_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db, moderate_by_points=1, moderate_points_limit=5_000)

    result = await reply(api, thread.question, who={"viewer": thread.member})

    assert result["isQueued"] is True
    assert result["answer"]["state"] == "QUEUED"
    assert result["answer"]["author"] == {"points": 100}
    assert result["answer"]["question"] == {"answerCount": 1}
    await expect_no_differences(db)


async def test_a_guest_gets_a_cookie_and_is_known_by_it(api: Api, db: Database) -> None:
    thread = await add_thread(db, moderate_anon_post=1)
    input = {
        "questionId": nodes.encode("Question", thread.question),
        "content": SAID,
        "authorName": "Maya",
    }

    response = await api.post(ANSWER, input=input)

    answer = response.json()["data"]["answerQuestion"]["answer"]
    assert (answer["authorName"], answer["viewerIsAuthor"]) == ("Maya", True)
    cookie, *flags = response.headers["set-cookie"].split("; ")
    assert flags == ["Max-Age=31536000", "Path=/", "HttpOnly", "SameSite=Lax"]
    number = int(cookie.removeprefix("qa_id="))
    async with db.read() as connection:
        query = select(GuestCookie.id, GuestCookie.written_at)
        stored, written_at = (await connection.execute(query)).one()
    assert stored == number
    assert written_at is not None

    again = await api.post(ANSWER, input=input | {"content": f"Again. {SAID}"}, guest=number)
    assert "set-cookie" not in again.headers
    assert again.json()["data"]["answerQuestion"]["answer"]["viewerIsAuthor"] is True
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "input", "field"),
    [
        ({"allow_anonymous_naming": 0}, {"authorName": "Maya"}, "authorName"),
        ({}, {"authorName": "M" * 41}, "authorName"),
        ({}, {"notify": True}, "notifyEmail"),
        ({}, {"idempotencyKey": "1"}, "idempotencyKey"),
    ],
)
async def test_guests_have_rules_of_their_own(
    api: Api, db: Database, options: dict[str, Any], input: dict[str, Any], field: str
) -> None:
    thread = await add_thread(db, **options)

    result = await reply(api, thread.question, **input)

    assert (result["__typename"], result["field"]) == ("Invalid", field)


@pytest.mark.parametrize("is_guest", [False, True])
async def test_a_repeated_request_gives_the_first_answer(
    api: Api, db: Database, is_guest: bool
) -> None:
    thread = await add_thread(db)
    who: dict[str, Any] = {} if is_guest else {"viewer": thread.member}
    input = {"questionId": nodes.encode("Question", thread.question), "content": SAID}
    input |= {"idempotencyKey": "0123456789abcdef"}

    responses = [await api.post(ANSWER, **who, input=input) for _ in range(2)]

    first, second = (response.json()["data"]["answerQuestion"] for response in responses)
    assert first == second
    assert first["answer"]["viewerIsAuthor"] is True
    cookies = [response.headers.get("set-cookie") for response in responses]
    assert cookies[0] == cookies[1]
    assert (cookies[0] is not None) == is_guest
    if is_guest:
        # The new cookie has arrived, and nothing of the answer that it came with.
        assert cookies[0]
        number = int(cookies[0].partition(";")[0].removeprefix("qa_id="))
        third = await api.post(ANSWER, guest=number, input=input)
        assert third.json()["data"]["answerQuestion"] == first
    changed = await reply(
        api, thread.question, "Another text altogether", who=who, idempotencyKey="0123456789abcdef"
    )
    assert changed["__typename"] == "Conflict"
    await expect_no_differences(db)


@pytest.mark.mariadb
async def test_answers_at_the_same_time_are_all_counted(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        people = [await add_user(connection) for _ in range(6)]
        await settle(connection)
    alphabet = random.Random(1)

    def said() -> str:
        return " ".join("".join(alphabet.sample("abcdef", 3)) for _ in range(30))

    results = await asyncio.gather(
        *(reply(api, thread.question, said(), who={"viewer": person}) for person in people),
        *(
            reply(api, thread.question, SAID, who={"viewer": person}, idempotencyKey="same")
            for person in 4 * people[:1]
        ),
        *(reply(api, thread.question, SAID + " Twice.", who={"viewer": people[1]}) for _ in "12"),
    )

    names = [result["__typename"] for result in results]
    assert names[:10] == 10 * ["AnswerQuestionSuccess"]
    assert len({result["answer"]["databaseId"] for result in results[6:10]}) == 1
    assert sorted(names[10:]) == ["AnswerQuestionSuccess", "Invalid"]
    async with db.read() as connection:
        query = select(func.count()).where(Post.parent_id == thread.question)
        assert (await connection.execute(query)).scalar_one() == 9
    await expect_no_differences(db)


async def test_an_hour_has_so_many_answers(api: Api, db: Database) -> None:
    thread = await add_thread(db, max_rate_user_as=1)

    await reply(api, thread.question, who={"viewer": thread.member})
    result = await reply(api, thread.question, f"Once more. {SAID}", who={"viewer": thread.member})

    assert result["__typename"] == "RateLimited"
    await expect_no_differences(db)


async def test_when_and_where_a_member_wrote_last_is_noted(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    await reply(api, thread.question, who={"viewer": thread.member, "address": "192.0.2.7"})

    async with db.read() as connection:
        query = select(User.written_at, User.written_from).where(User.id == thread.member)
        written_at, written_from = (await connection.execute(query)).one()
    assert written_at is not None
    assert written_from == bytes([192, 0, 2, 7])
