"""Nodes and posts through the API: found by global ids and numbers, many for the price of one."""

import asyncio
import base64

from sqlalchemy import update

from app.db import Database
from app.models import Post
from tests.conftest import Api, statements_of
from tests.meadow import add_post

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
POST = "query ($number: Int!) { post(databaseId: $number) { id } }"
PATIENCE = 5.0


def comment_ids(numbers: list[int]) -> list[str]:
    return [base64.b64encode(f"Comment:{number}".encode()).decode() for number in numbers]


async def test_many_nodes_are_read_with_the_statements_of_one(api: Api, db: Database) -> None:
    numbers = []
    async with db.begin() as connection:
        for _ in range(5):
            question = await add_post(connection, "Q")
            answer = await add_post(connection, "A", parent_id=question)
            numbers.append(await add_post(connection, "C", parent_id=answer))
    await api.ask(NODES, ids=comment_ids(numbers))
    sent = statements_of(api)
    await api.ask(NODES, ids=comment_ids(numbers[:1]))
    for_one = len(sent)
    sent.clear()
    found = await api.ask(NODES, ids=comment_ids(numbers))

    assert all(found["nodes"])
    assert len(sent) <= for_one


async def test_a_post_that_stands_below_itself_is_not_found(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        number = await add_post(connection, "C")
        await connection.execute(update(Post).where(Post.id == number).values(parent_id=number))

    async with asyncio.timeout(PATIENCE):
        assert await api.ask(POST, number=number) == {"post": None}
