"""Mails about posts: who gets which of them when something is posted through the API."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert, select, update

from app.db import Database
from app.domain import accounts
from app.domain.accounts import Person
from app.domain.sites import SiteCache
from app.models import GuestCookie, Post, User
from app.models.waggle import Mail
from schema import nodes
from tests.conftest import Api
from tests.meadow import (
    BEGINNING,
    HERE,
    add_post,
    add_user,
    expect_no_differences,
    set_option,
    settle,
)

ASK = """
    mutation ($input: AskQuestionInput!) {
        result: askQuestion(input: $input) { __typename ... on Error { message } }
    }
"""
ANSWER = """
    mutation ($input: AnswerQuestionInput!) {
        result: answerQuestion(input: $input) { __typename ... on Error { message } }
    }
"""
COMMENT = """
    mutation ($input: AddCommentInput!) {
        result: addComment(input: $input) { __typename ... on Error { message } }
    }
"""
SAID = "They beat their damn wings very fast."
OWNER = "keeper@example.org"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Thread(NamedTuple):
    """A question and an answer to it, whose authors want mails, and somebody else."""

    asker: int
    answerer: int
    member: int
    question: int
    answer: int


class Sent(NamedTuple):
    """A mail in the outbox."""

    kind: str
    recipient: str
    user_id: int | None
    subject: str
    body: str


async def add_thread(db: Database, **options: Any) -> Thread:
    options = {"site_title": "Meadow", "site_url": "https://bees.example/", **options}
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        asker, answerer = await add_user(connection), await add_user(connection)
        member = await add_user(connection)
        question = await add_post(connection, "Q", author_id=asker, notify="@")
        answer = await add_post(
            connection, "A", author_id=answerer, parent_id=question, notify="answerer@mail.example"
        )
        await settle(connection)
    return Thread(asker, answerer, member, question, answer)


async def answer(api: Api, thread: Thread, **options: Any) -> str:
    input = {"questionId": nodes.encode("Question", thread.question), "content": SAID}
    return await _send(api, ANSWER, input, **options)


async def comment(
    api: Api, thread: Thread, content: str = SAID, notify: dict[str, Any] | None = None, **who: Any
) -> str:
    input = {"parentId": nodes.encode("Answer", thread.answer), "content": content}
    return await _send(api, COMMENT, input | (notify or {}), **who)


async def ask(api: Api, viewer: int, **input: Any) -> str:
    given = {"title": "Why do bees dance?", "content": SAID, **input}
    return await _send(api, ASK, given, viewer=viewer)


async def _send(api: Api, document: str, input: dict[str, Any], **who: Any) -> str:
    result = (await api.ask(document, **who, input=input))["result"]
    return str(result["__typename"])


async def outbox(db: Database) -> list[Sent]:
    columns: list[Any] = [getattr(Mail, name) for name in Sent._fields]
    async with db.read() as connection:
        rows = await connection.execute(select(*columns).order_by(Mail.id))
        return [Sent._make(row) for row in rows]


async def recipients(db: Database) -> list[tuple[str, str]]:
    return [(mail.kind, mail.recipient) for mail in await outbox(db)]


async def test_the_asker_is_told_of_an_answer(api: Api, db: Database) -> None:
    thread = await add_thread(db, block_bad_words="damn")

    await answer(api, thread, viewer=thread.member)

    [mail] = await outbox(db)
    assert mail == Sent(
        kind="answered",
        recipient="bee1@example.org",
        user_id=thread.asker,
        subject="[Meadow] New answer: How do bees fly?",
        body="bee3 has answered your question.\n\n"
        "How do bees fly?\n"
        "https://bees.example/index.php?qa=1&qa_1=how-do-bees-fly&show=3#a3\n\n"
        "They beat their **** wings very fast.\n",
    )
    await expect_no_differences(db)


async def test_a_site_in_japanese_writes_japanese(api: Api, db: Database) -> None:
    thread = await add_thread(db, site_language="ja")

    await answer(api, thread, viewer=thread.member)

    [mail] = await outbox(db)
    assert mail.subject == "[Meadow] 新しい回答: How do bees fly?"
    assert mail.body.startswith("bee3 さんがあなたの質問に回答しました。")


async def test_nobody_is_told_what_they_did_themselves(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    assert await answer(api, thread, viewer=thread.asker) == "AnswerQuestionSuccess"
    assert await comment(api, thread, viewer=thread.answerer) == "AddCommentSuccess"

    assert await outbox(db) == []


async def test_an_address_of_ones_own_is_not_written_to_either(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await change(db, Post, thread.answer, notify="BEE3@example.org")

    await comment(api, thread, viewer=thread.member)

    assert await outbox(db) == []


async def test_who_wants_no_mails_gets_none(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await change(db, Post, thread.question, notify=None)

    await answer(api, thread, viewer=thread.member)

    assert await outbox(db) == []


async def test_an_account_without_an_address_gets_none(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await change(db, User, thread.asker, email="")

    await answer(api, thread, viewer=thread.member)

    assert await outbox(db) == []


async def test_a_comment_is_told_of_once_to_each_address(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    own, others = {"notify": True}, {"notify": True, "notifyEmail": "answerer@mail.example"}
    await comment(api, thread, "The first of all comments.", own, viewer=thread.asker)
    await comment(api, thread, "The second of all comments.", others, viewer=thread.answerer)
    await comment(api, thread, "The third of all comments.", own, viewer=thread.asker)
    sent = len(await outbox(db))

    await comment(api, thread, viewer=thread.member)

    assert (await recipients(db))[sent:] == [
        ("commented", "answerer@mail.example"),
        ("commented too", "bee1@example.org"),
    ]


async def test_a_guests_name_is_told_but_no_address(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    guest = {"notify": True, "notifyEmail": "guest@example.org", "authorName": "Maya"}

    await comment(api, thread, notify=guest)
    await comment(api, thread, "And they never tire of it.", viewer=thread.member)

    first, _, last = await outbox(db)
    assert first.body.startswith("Maya has commented on your post.")
    assert (last.kind, last.recipient, last.user_id) == ("commented too", "guest@example.org", None)
    assert not [mail for mail in await outbox(db) if "@" in mail.subject + mail.body]


async def test_a_guest_is_not_told_of_their_own_comment(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    cookie = {GuestCookie.id: 5, GuestCookie.created_at: BEGINNING, GuestCookie.created_from: HERE}
    async with db.begin() as connection:
        await connection.execute(insert(GuestCookie).values(cookie))
    notify = {"notify": True, "notifyEmail": "guest@example.org"}
    await comment(api, thread, notify=notify, guest=5)
    sent = await recipients(db)

    await comment(api, thread, "And they never tire of it.", guest=5)

    assert sent == [("commented", "answerer@mail.example")]
    assert await recipients(db) == 2 * sent


async def test_a_question_that_follows_on_is_told_of(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    followed = nodes.encode("Answer", thread.answer)

    await ask(api, thread.member, followsAnswerId=followed)

    assert await recipients(db) == [("followed up", "answerer@mail.example")]


@pytest.mark.parametrize("wants", [True, False])
async def test_the_owner_hears_of_questions_if_they_want(
    api: Api, db: Database, wants: bool
) -> None:
    thread = await add_thread(db, feedback_email=OWNER, notify_admin_q_post=int(wants))

    await ask(api, thread.member)

    assert await recipients(db) == [("asked", OWNER)] * wants


@pytest.mark.parametrize("wants", [True, False])
async def test_of_what_waits_for_a_moderator_only_the_owner_hears(
    api: Api, db: Database, wants: bool
) -> None:
    thread = await add_thread(
        db,
        feedback_email=OWNER,
        moderate_notify_admin=int(wants),
        moderate_by_points=1,
        moderate_points_limit=10_000,
    )

    await answer(api, thread, viewer=thread.member)

    assert await recipients(db) == [("queued", OWNER)] * wants


async def test_what_is_not_posted_is_not_told_of(api: Api, db: Database) -> None:
    thread = await add_thread(db, max_rate_user_as=0)

    assert await answer(api, thread, viewer=thread.member) == "RateLimited"

    assert await outbox(db) == []


async def test_a_repeat_under_the_same_key_is_told_of_once(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    key = {"idempotencyKey": "the only one"}

    await comment(api, thread, notify=key, viewer=thread.member)
    await comment(api, thread, notify=key, viewer=thread.member)

    assert await recipients(db) == [("commented", "answerer@mail.example")]


@pytest.mark.parametrize(
    ("language", "told", "greeted"),
    [
        ("", "maya has joined.", "Welcome, maya!"),
        ("ja", "maya さんが登録しました。", "maya さん、"),
    ],
)
async def test_a_new_account_is_greeted_and_its_site_told(
    db: Database, language: str, told: str, greeted: str
) -> None:
    options = {"feedback_email": OWNER, "register_notify_admin": 1, "site_language": language}
    await add_thread(db, **options)
    person = Person(subject="one", email="maya@mail.example", wishes=("maya",))
    site = await SiteCache(db).get()

    async with db.begin() as connection:
        await accounts.enter(connection, person=person, site=site, address=HERE, now=NOW)

    owners, own = await outbox(db)
    assert (owners.kind, owners.recipient) == ("registered", OWNER)
    assert (own.kind, own.recipient) == ("welcome", "maya@mail.example")
    assert told in owners.body
    assert greeted in own.body
    assert "@" not in owners.body + own.body


async def change(db: Database, model: Any, id: int, **values: Any) -> None:
    columns = {getattr(model, name): value for name, value in values.items()}
    async with db.begin() as connection:
        await connection.execute(update(model).where(model.id == id).values(columns))
