"""One input for each mutation of the schema that succeeds, and the site on which it does."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.domain.viewers import Identity
from app.models import GuestCookie, Message, Notice, Post, User, Vote
from app.models.waggle import Revision
from tests.meadow import BEGINNING, HERE, add_post, settle
from tests.thread import Thread, add_thread, id_of

COOKIE = 77
# What stands below the thread's question is in its category.
HIVES = {"category_id": 1, "category_1_id": 1}
TEXT = "They dance in the dark, and the others follow."
EDITED = "They dance at night, and the others know the way."
OPTIONS = {
    "comment_on_qs": 1,
    "tags_or_categories": "tc",
    "allow_no_category": 1,
    "show_message_history": 1,
    "permit_flag": 120,
    "permit_post_wall": 120,
    "max_rate_user_messages": 1_000,
}


class Garden(NamedTuple):
    """A thread, and posts in every state; `revision` is of the thread's question."""

    thread: Thread
    hidden: int
    queued: int
    also_queued: int
    closed: int
    accepted_in: int
    of_guest: int
    wall_post: int
    notice: int
    revision: int


async def add_garden(db: Database, **options: Any) -> Garden:
    thread = await add_thread(db, **(OPTIONS | options))
    async with db.begin() as connection:
        people = {"author_id": thread.asker}
        posts = [
            await add_post(connection, "A_HIDDEN", author_id=1, parent_id=thread.question, **HIVES),
            await add_post(connection, "Q_QUEUED", **people),
            await add_post(connection, "Q_QUEUED", **people),
            await add_post(connection, "Q", closed_by_id=thread.question, **people),
            await add_post(connection, "Q", **people),
        ]
        answer = await add_post(connection, "A", author_id=1, parent_id=posts[-1])
        accepted = update(Post).where(Post.id == posts[-1])
        await connection.execute(accepted.values({Post.accepted_answer_id: answer}))
        posts.append(await _add_of_guest(connection, thread))
        flag = update(Vote).where(Vote.post_id == thread.comment, Vote.user_id == thread.fan)
        await connection.execute(flag.values({Vote.flagged: 1}))
        flagged = update(Post).where(Post.id == thread.comment)
        await connection.execute(flagged.values({Post.flag_count: 1}))
        rows = await _add_rows(connection, thread)
        wall = update(User).where(User.id == thread.fan)
        await connection.execute(wall.values({User.wall_post_count: 1}))
        await settle(connection)
    return Garden(thread, *posts, *rows)


async def _add_of_guest(connection: AsyncConnection, thread: Thread) -> int:
    cookie: dict[Any, Any] = {
        GuestCookie.id: COOKIE,
        GuestCookie.created_at: BEGINNING,
        GuestCookie.created_from: HERE,
    }
    await connection.execute(insert(GuestCookie).values(cookie))
    return await add_post(connection, "C", cookie_id=COOKIE, parent_id=thread.question, **HIVES)


async def _add_rows(connection: AsyncConnection, thread: Thread) -> list[int]:
    text: dict[str, Any] = {"content": TEXT, "format": "", "created_at": BEGINNING}
    people = {"sender_id": thread.asker, "recipient_id": thread.fan}
    revision = {
        "post_id": thread.question,
        "replaced_at": BEGINNING,
        "replaced_by_id": thread.asker,
        "title": "How do bees dance?",
        "content": TEXT,
        "format": "",
        "tags": "varroa",
        "category_id": 1,
    }
    statements = (
        insert(Message).values(type="PUBLIC", **people, **text),
        insert(Notice).values(user_id=thread.fan, tags="", **text),
        insert(Revision).values(revision),
    )
    made = [(await connection.execute(statement)).inserted_primary_key for statement in statements]
    return [int(key[0]) for key in made if key is not None]


class Case(NamedTuple):
    """Who does it, by the name in the thread, and with what input."""

    who: str
    input: Callable[[Garden], dict[str, Any]]

    def identity(self, garden: Garden) -> Identity:
        return Identity(getattr(garden.thread, self.who), COOKIE)


def post(type: str, name: str, field: str = "id", **more: Any) -> Callable[[Garden], Any]:
    """An input that names a post of the garden or of its thread."""
    return lambda garden: {field: id_of(type, number_of(garden, name)), **more}


def number_of(garden: Garden, name: str) -> int:
    return int(getattr(garden if name in Garden._fields else garden.thread, name))


CASES = {
    "askQuestion": Case(
        "fan",
        lambda garden: {
            "title": "Why do bees dance?",
            "content": TEXT,
            "tags": ["dance"],
            "category": "hives",
            "followsAnswerId": id_of("Answer", garden.thread.answer),
        },
    ),
    "answerQuestion": Case("fan", post("Question", "question", "questionId", content=TEXT)),
    "addComment": Case("fan", post("Answer", "answer", "parentId", content=TEXT)),
    "editQuestion": Case("asker", post("Question", "question", content=EDITED)),
    "editAnswer": Case("answerer", post("Answer", "answer", content=EDITED)),
    "editComment": Case("commenter", post("Comment", "comment", content=EDITED)),
    "rollbackTo": Case(
        "asker",
        lambda garden: {
            "id": id_of("Question", garden.thread.question),
            "revisionId": id_of("Revision", garden.revision),
        },
    ),
    "claimPost": Case("fan", post("Comment", "of_guest")),
    "castVote": Case("expert", post("Answer", "answer", direction="UP")),
    "flagPost": Case("expert", post("Answer", "answer")),
    "unflagPost": Case("fan", post("Comment", "comment")),
    "clearFlags": Case("moderator", post("Comment", "comment")),
    "favorite": Case("fan", post("Question", "question")),
    "unfavorite": Case("fan", post("Question", "question")),
    "recordView": Case("fan", post("Question", "question", "questionId")),
    "updateProfile": Case("fan", lambda garden: {"handle": "queen", "acceptsMessages": True}),
    "postOnWall": Case("fan", post("User", "asker", "userId", content=TEXT)),
    "deleteWallPost": Case("fan", lambda garden: {"databaseId": garden.wall_post}),
    "sendMessage": Case("fan", post("User", "asker", "userId", content=TEXT)),
    "dismissNotice": Case("fan", lambda garden: {"databaseId": garden.notice}),
    "acceptAnswer": Case("asker", post("Answer", "answer", "answerId")),
    "unacceptAnswer": Case("asker", post("Question", "accepted_in", "questionId")),
    "closeQuestion": Case("asker", post("Question", "question", note=TEXT)),
    "reopenQuestion": Case("moderator", post("Question", "closed")),
    "hidePost": Case("moderator", post("Answer", "answer")),
    "reshowPost": Case("moderator", post("Answer", "hidden")),
    "deletePost": Case("moderator", post("Answer", "hidden")),
    "convertAnswerToComment": Case("moderator", post("Answer", "other_answer", "answerId")),
    "approvePost": Case("moderator", post("Question", "queued")),
    "rejectPost": Case("moderator", post("Question", "queued")),
}
# They need a file in the storage: tests/api/test_uploading.py has all of theirs.
ABOUT_FILES = {"requestUpload", "confirmUpload", "setAvatar"}
