"""What goes away, or changes, while a request is under way; and what follows of it after it."""

import re
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, union_all

from app.db import Database
from app.db.charsets import can_hold
from app.models import Favorite, Message, Post, UserEvent, Vote
from tests.conftest import Api, database_of
from tests.mariadb import MariaDB
from tests.meadow import BEGINNING, add_user, set_option
from tests.thread import Thread, add_thread, id_of, perform

on_mariadb = pytest.mark.parametrize(
    "site_url", [pytest.param("mariadb", marks=pytest.mark.mariadb)], indirect=True
)
TEXT = "On their feet, or not at all?"


def before(api: Api, statement: str, act: Any) -> None:
    """Have something happen once, just before the API sends a statement that begins like this."""
    done: list[str] = []

    def listen(*args: Any) -> None:
        if not done and re.match(statement, args[2]):
            done.append(args[2])
            act()

    event.listen(database_of(api).engine.sync_engine, "before_cursor_execute", listen)


def inputs_with_category(thread: Thread) -> dict[str, dict[str, Any]]:
    return {
        "askQuestion": {"title": "How do bees sleep?", "content": TEXT, "category": "hives"},
        "editQuestion": {"id": id_of("Question", thread.follow_up), "category": "hives"},
    }


@on_mariadb
@pytest.mark.parametrize("mutation", ["askQuestion", "editQuestion"])
async def test_a_category_that_php_deletes_meanwhile_is_named(
    api: Api, db: Database, mariadb: MariaDB, mutation: str
) -> None:
    thread = await add_thread(db)
    input = inputs_with_category(thread)[mutation]
    delete = f"DELETE FROM `{db.engine.url.database}`.qa_categories"
    # From there on nobody can delete it.
    statement = r"(?s)SELECT .*qa_categories.* FOR UPDATE|UPDATE `?qa_posts`?"
    before(api, statement, lambda: mariadb.execute(delete))

    result = await perform(api, mutation, who=thread.fan, **input)

    assert (result["__typename"], result.get("field")) == ("Invalid", "category")


@on_mariadb
@pytest.mark.parametrize("mutation", ["askQuestion", "castVote", "postOnWall", "favorite"])
async def test_an_account_that_is_deleted_meanwhile_writes_nothing(
    api: Api, db: Database, mariadb: MariaDB, mutation: str
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        member = await add_user(connection)
    input: dict[str, Any] = {
        "askQuestion": {"title": "How do bees sleep?", "content": TEXT, "category": "hives"},
        "castVote": {"id": id_of("Question", thread.question), "direction": "UP"},
        "postOnWall": {"userId": id_of("User", thread.fan), "content": TEXT},
        "favorite": {"id": id_of("Question", thread.question)},
    }[mutation]
    delete = f"DELETE FROM `{db.engine.url.database}`.qa_users WHERE userid = {member}"
    before(api, r"(?s)BEGIN|SELECT.*FOR UPDATE|UPDATE|INSERT", lambda: mariadb.execute(delete))

    result = await perform(api, mutation, who=member, **input)

    assert result["__typename"] == "NotFound"
    assert result["message"] == "Your account has just been deleted."
    async with db.read() as connection:
        columns = (Post.author_id, Vote.user_id, Message.sender_id, Favorite.user_id)
        counts = union_all(*(select(func.count()).where(column == member) for column in columns))
        assert set((await connection.execute(counts)).scalars()) == {0}


@on_mariadb
async def test_updates_that_are_trimmed_while_they_are_read_are_left_out(
    api: Api, db: Database, mariadb: MariaDB
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        member = await add_user(connection)
        for question in (thread.question, thread.follow_up):
            event = {"user_id": member, "entity_type": "-", "entity_id": 0, "change": None}
            event |= {"question_id": question, "post_id": question, "actor_id": thread.fan}
            event |= {"happened_at": BEGINNING}
            await connection.execute(insert(UserEvent).values(event))
    table = f"`{db.engine.url.database}`.qa_userevents"
    trim = f"DELETE FROM {table} WHERE questionid = {thread.question}"
    before(api, r"(?s)SELECT event\.", lambda: mariadb.execute(trim))

    document = "{ viewer { updates { nodes { question { databaseId } } } } }"
    data = await api.ask(document, viewer=member)

    left = [{"question": {"databaseId": thread.follow_up}}]
    assert data["viewer"]["updates"]["nodes"] == left


async def test_the_second_mutation_of_a_document_knows_what_the_first_has_changed(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db, permit_post_a=106, permit_post_a_points=120)
    async with db.begin() as connection:
        await set_option(connection, "allow_no_category", "1")
        member = await add_user(connection)
    document = """
        mutation ($ask: AskQuestionInput!, $answer: AnswerQuestionInput!) {
            first: answerQuestion(input: $answer) { ...Result }
            asked: askQuestion(input: $ask) {
                __typename
                ... on AskQuestionSuccess { question { viewerCanAnswer author { points } } }
            }
            again: answerQuestion(input: $answer) { ...Result }
        }
        fragment Result on AnswerQuestionResult {
            __typename
            ... on NotAllowed { reason }
        }
    """
    ask = {"title": "How do bees sleep?", "content": TEXT, "tags": []}
    answer = {"questionId": id_of("Question", thread.question), "content": TEXT}

    data = await api.ask(document, viewer=member, ask=ask, answer=answer)

    assert data["first"] == {"__typename": "NotAllowed", "reason": "POINTS"}
    assert data["asked"]["question"] == {"viewerCanAnswer": True, "author": {"points": 120}}
    assert data["again"] == {"__typename": "AnswerQuestionSuccess"}


@on_mariadb
@pytest.mark.parametrize(("charset", "holds"), [("utf8mb3", False), ("utf8mb4", True)])
async def test_what_a_column_can_hold_is_known_of_an_empty_table(
    api: Api, db: Database, mariadb: MariaDB, charset: str, holds: bool
) -> None:
    name = db.engine.url.database
    for table in ("posts", "messages"):
        mariadb.execute(f"ALTER TABLE `{name}`.qa_{table} CONVERT TO CHARACTER SET {charset}")

    async with db.read() as connection:
        for column in (Post.content, Message.content):
            assert await can_hold(connection, column=column, text="a \U0001f41d hums") is holds
            assert await can_hold(connection, column=column, text="ミツバチ")
