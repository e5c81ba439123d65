"""Claiming as a client does it, with every figure that a new author changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert

from app.db import Database
from app.models import GuestCookie, Vote
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

CLAIM = """
    mutation ($id: ID!) {
        claimPost(input: { id: $id }) {
            __typename
            ... on ClaimPostSuccess {
                post { score viewerIsAuthor viewerVote viewerCanClaim author { databaseId } }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
        }
    }
"""
COOKIE = 2**63 + 5


async def add_thread(db: Database, **options: Any) -> int:
    """A question (1), its accepted answer (2) and a comment (3) by a guest, and a member."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        cookie: dict[Any, Any] = {
            GuestCookie.id: COOKIE,
            GuestCookie.created_at: BEGINNING,
            GuestCookie.created_from: HERE,
        }
        await connection.execute(insert(GuestCookie).values(cookie))
        member = await add_user(connection)
        await add_post(connection, "Q", cookie_id=COOKIE, accepted_answer_id=2)
        await add_post(connection, "A", cookie_id=COOKIE, parent_id=1, score=1, upvote_count=1)
        await add_post(connection, "C", cookie_id=COOKIE, parent_id=2)
        vote: dict[Any, Any] = {
            Vote.user_id: member,
            Vote.post_id: 2,
            Vote.direction: 1,
            Vote.flagged: 0,
        }
        await connection.execute(insert(Vote).values(vote))
        await settle(connection)
    return member


async def claim(api: Api, type: str, id: int, **who: Any) -> Any:
    data = await api.ask(CLAIM, id=nodes.encode(type, id), **who)
    return data["claimPost"]


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 1, 3), (3, 2, 1)])
async def test_whoever_wrote_as_a_guest_makes_it_their_own(
    api: Api, db: Database, order: tuple[int, ...]
) -> None:
    member = await add_thread(db)
    types = {1: "Question", 2: "Answer", 3: "Comment"}

    for id in order:
        result = await claim(api, types[id], id, viewer=member, guest=COOKIE)

        # One's own vote on it is gone.
        assert result["post"] == {
            "score": 0,
            "viewerIsAuthor": True,
            "viewerVote": "NONE",
            "viewerCanClaim": False,
            "author": {"databaseId": member},
        }
        await expect_no_differences(db)


@pytest.mark.parametrize(
    ("who", "options", "reason"),
    [
        ({"guest": COOKIE}, {}, "SIGNED_OUT"),
        ({"viewer": 1, "guest": 6}, {}, "OTHERS_POST"),
        ({"viewer": 1}, {}, "OTHERS_POST"),
        ({"viewer": 1, "guest": COOKIE}, {"permit_post_a": 40}, "LEVEL"),
    ],
)
async def test_nobody_else_may(
    api: Api, db: Database, who: dict[str, Any], options: dict[str, Any], reason: str
) -> None:
    await add_thread(db, **options)

    result = await claim(api, "Answer", 2, **who)

    assert (result["__typename"], result["reason"]) == ("NotAllowed", reason)
    await expect_no_differences(db)


async def test_a_claimed_answer_obeys_the_rules_of_answers(api: Api, db: Database) -> None:
    member = await add_thread(db, allow_self_answer=0, allow_multi_answers=0)
    async with db.begin() as connection:
        await add_post(connection, "A", author_id=member, parent_id=1)
        await settle(connection)

    twice = await claim(api, "Answer", 2, viewer=member, guest=COOKIE)
    await claim(api, "Question", 1, viewer=member, guest=COOKIE)
    own = await claim(api, "Answer", 2, viewer=member, guest=COOKIE)

    assert (twice["reason"], own["reason"]) == ("ALREADY_DONE", "OWN_POST")


async def test_of_two_who_share_a_cookie_one_gets_the_post(api: Api, db: Database) -> None:
    member = await add_thread(db)
    async with db.begin() as connection:
        other = await add_user(connection)
        await settle(connection)

    results = await asyncio.gather(
        *(claim(api, "Question", 1, viewer=id, guest=COOKIE) for id in (member, other, member))
    )

    names = [result["__typename"] for result in results]
    assert names.count("ClaimPostSuccess") == 1
    assert (await claim(api, "Question", 99, viewer=member))["__typename"] == "NotFound"
    await expect_no_differences(db)
