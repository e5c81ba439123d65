"""Many clients on few posts, beside PHP: nothing is lost, doubled, or refused without a reason."""

import asyncio
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from app.db import Database
from app.db.dialects import upsert
from app.db.transactions import gave_way
from app.domain import audit
from app.models import Post, Vote
from schema import nodes
from tests.api.test_flagging import ACTIONS
from tests.api.test_voting import VOTE
from tests.conftest import Api
from tests.meadow import BEGINNING, add_post, add_user, expect_no_differences, set_option, settle

pytestmark = pytest.mark.mariadb

CLIENTS, REQUESTS_EACH = 10, 6


async def add_crowd(db: Database) -> tuple[list[int], list[tuple[str, int]]]:
    """People, and the posts of two threads that all of them vote on."""
    async with db.begin() as connection:
        for name in ("max_rate_user_flags", "max_rate_ip_flags", "flagging_hide_after"):
            await set_option(connection, name, 200)
        await set_option(connection, "voting_on_cs", 1)
        people = [await add_user(connection) for _ in range(CLIENTS)]
        posts: list[tuple[str, int]] = []
        for author in people[:2]:
            question = await add_post(connection, "Q", author_id=author)
            answer = await add_post(connection, "A", author_id=people[2], parent_id=question)
            comment = await add_post(connection, "C", author_id=author, parent_id=answer)
            posts += [("Question", question), ("Answer", answer), ("Comment", comment)]
        await settle(connection)
    return people, posts


async def client(api: Api, viewer: int, posts: list[tuple[str, int]], seed: int) -> list[str]:
    """What one client is answered to random votes and flags."""
    random, answers = Random(seed), []
    for _ in range(REQUESTS_EACH):
        id = nodes.encode(*random.choice(posts))
        if random.random() < 0.7:
            direction = random.choice(["UP", "DOWN", "NONE"])
            data = await api.ask(VOTE, viewer=viewer, id=id, direction=direction)
            answers.append(data["castVote"]["__typename"])
        else:
            answers.append(await flag(api, viewer, id, random.choice(["Flag", "Unflag"])))
    return answers


async def flag(api: Api, viewer: int, id: str, action: str) -> str:
    body: Any = {"query": ACTIONS, "operationName": action, "variables": {"id": id}}
    response = await api.http.post("/graphql", json=body, headers={"x-viewer": str(viewer)})
    return str(response.json()["data"]["result"]["__typename"])


async def php(db: Database, voter: int, posts: list[tuple[str, int]]) -> None:
    """Votes as q2a casts them: statements one by one, each committed, deadlocks tried again."""
    for number in range(CLIENTS):
        _, post_id = posts[number % len(posts)]
        row = {
            Vote.user_id: voter,
            Vote.post_id: post_id,
            Vote.direction: 1,
            Vote.flagged: 0,
            Vote.cast_at: BEGINNING,
        }
        up = select(func.count()).where(Vote.post_id == post_id, Vote.direction > 0)
        score = select(func.sum(Vote.direction)).where(Vote.post_id == post_id)
        values = {Post.upvote_count: up.scalar_subquery(), Post.score: score.scalar_subquery()}
        vote = upsert(db.engine.dialect.name, Vote, [row], keys=[Vote.user_id, Vote.post_id])
        for statement in (vote, update(Post).where(Post.id == post_id).values(values)):
            await autocommit(db, statement)


async def autocommit(db: Database, statement: Any) -> None:
    while True:
        try:
            async with db.engine.connect() as connection:
                await connection.execute(statement)
        except DBAPIError as error:
            if not gave_way(error):
                raise
        else:
            return


async def test_votes_and_flags_of_many_clients_beside_php(api: Api, db: Database) -> None:
    people, posts = await add_crowd(db)
    async with db.begin() as connection:
        php_voter = await add_user(connection)
        await settle(connection)

    answers = await asyncio.gather(
        *(client(api, viewer, posts, seed) for seed, viewer in enumerate(people)),
        php(db, php_voter, posts),
    )

    kinds = {kind for of_one in answers if of_one for kind in of_one}
    assert kinds <= {"CastVoteSuccess", "FlagPostSuccess", "UnflagPostSuccess", "NotAllowed"}
    wrong = await differing_columns(db)
    # Votes, scores and flags are exact. This PHP stops before it recounts points, hotness, best
    # answers and the counter of questions without an answer that anybody likes.
    assert not wrong & {"upvote_count", "downvote_count", "score", "flag_count"}


async def differing_columns(db: Database) -> set[str | None]:
    async with db.read() as connection:
        return {found.column async for found in audit.differences(connection)}


async def test_votes_and_flags_of_many_clients_leave_every_figure_right(
    api: Api, db: Database
) -> None:
    people, posts = await add_crowd(db)

    await asyncio.gather(*(client(api, viewer, posts, seed) for seed, viewer in enumerate(people)))

    await expect_no_differences(db)
