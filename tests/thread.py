"""A question with answers and comments by several people, for tests of what is done to them."""

from typing import Any, NamedTuple

from sqlalchemy import insert, select

from app.db import Database
from app.domain import recounts
from app.models import Category, Post, SharedEvent, UserEvent, Vote
from schema import nodes
from tests.conftest import Api
from tests.meadow import BEGINNING, add_post, add_user, set_option, settle

FAILURE = """
    __typename
    ... on Error { message }
    ... on NotAllowed { reason }
    ... on Invalid { field }
    ... on RateLimited { retryAfter }
"""
LEVELS = {"expert": 20, "editor": 50, "moderator": 80}


class Thread(NamedTuple):
    """People and posts by id: two answers to the question, a comment on each and on itself.

    The first answer also has a follow-on question. `fan` has voted for everything and `critic`
    against it.
    """

    asker: int
    answerer: int
    commenter: int
    fan: int
    critic: int
    expert: int
    editor: int
    moderator: int
    question: int
    answer: int
    other_answer: int
    question_comment: int
    comment: int
    other_comment: int
    follow_up: int

    @property
    def posts(self) -> tuple[int, ...]:
        return self[8:]


async def add_thread(db: Database, **options: Any) -> Thread:
    """The thread, in a category, with every figure right and with these options of the site."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        people = [await add_user(connection) for _ in range(5)]
        people += [await add_user(connection, level=level) for level in LEVELS.values()]
        asker, answerer, commenter, fan, critic, *_ = people
        path = await _add_category(connection)
        question = await add_post(connection, "Q", author_id=asker, tags="varroa,swarm", **path)
        answer = await add_post(connection, "A", author_id=answerer, parent_id=question, **path)
        other = await add_post(connection, "A", author_id=commenter, parent_id=question, **path)
        comments = [
            await add_post(connection, "C", author_id=commenter, parent_id=parent, **path)
            for parent in (question, answer, other)
        ]
        follow_up = await add_post(connection, "Q", author_id=fan, parent_id=answer)
        posts = [question, answer, other, *comments, follow_up]
        for post_id in posts:
            await add_votes(connection, post_id, {fan: 1, critic: -1, answerer: 1})
        await settle(connection)
    return Thread(*people, *posts)


async def _add_category(connection: Any) -> dict[str, int]:
    """The columns of what is put into the new category."""
    row = {"id": 1, "title": "Hives", "slug": "hives", "reversed_path": "hives", "position": 1}
    await connection.execute(insert(Category).values(row))
    return {"category_id": 1, "category_1_id": 1}


async def add_votes(connection: Any, post_id: int, votes: dict[int, int]) -> None:
    """Votes on a post that its own figures say, too; those of its author are left out."""
    query = select(Post.author_id).where(Post.id == post_id)
    author_id = (await connection.execute(query)).scalar_one()
    rows = [
        {
            "post_id": post_id,
            "user_id": user_id,
            "direction": direction,
            "flagged": 0,
            "cast_at": BEGINNING,
        }
        for user_id, direction in votes.items()
        if user_id != author_id
    ]
    await connection.execute(insert(Vote).values(rows))
    await recounts.votes(connection, post_id=post_id)


async def perform(
    api: Api, mutation: str, fields: str = "", *, who: int | None = None, **input: Any
) -> Any:
    """The result of a mutation: of its success the `fields`, of a failure all there is to know.

    :param who: the account that does it; None: a guest
    """
    name = mutation[0].upper() + mutation[1:]
    success = f"... on {name}Success {{ {fields} }}" if fields else ""
    document = (
        f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {FAILURE} {success} }} }}"
    )
    return (await api.ask(document, viewer=who, input=input))[mutation]


def id_of(type: str, number: int) -> str:
    return nodes.encode(type, number)


async def stored(db: Database, post_id: int, *names: str) -> Any:
    """Columns of a post as they are stored; None if there is no such post."""
    query = select(*(getattr(Post, name) for name in names)).where(Post.id == post_id)
    async with db.read() as connection:
        row = (await connection.execute(query)).first()
    return row[0] if row and len(names) == 1 else row


async def told(db: Database) -> set[tuple[str, int, int, str | None]]:
    """Who was told of what: the letter and id of a stream, the post, and the change.

    The personal streams have the letter `-`.
    """
    shared = select(
        SharedEvent.entity_type, SharedEvent.entity_id, SharedEvent.post_id, SharedEvent.change
    )
    own = select(
        UserEvent.entity_type, UserEvent.user_id, UserEvent.post_id, UserEvent.change
    ).where(UserEvent.entity_type == "-")
    async with db.read() as connection:
        rows = [*await connection.execute(shared), *await connection.execute(own)]
    return {(type, id, post_id, change) for type, id, post_id, change in rows}
