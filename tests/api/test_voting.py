"""Voting as a client does it, with every figure that a vote changes."""

import asyncio
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete, select

from app.db import Database
from app.domain import counters
from app.models import Option, User, UserPoints, Vote
from schema import nodes
from tests.conftest import Api, statements_of
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

VOTE = """
    mutation ($id: ID!, $direction: VoteDirection!) {
        castVote(input: { id: $id, direction: $direction }) {
            __typename
            ... on CastVoteSuccess {
                post { score upvoteCount downvoteCount viewerVote author { points } }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
            ... on RateLimited { retryAfter }
        }
    }
"""


class Thread(NamedTuple):
    """A question with an answer and a comment on it, by one author, and somebody who may vote."""

    voter: int
    author: int
    question: int
    answer: int
    comment: int


async def add_thread(db: Database, state: str = "", **options: Any) -> Thread:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        author, voter = await add_user(connection), await add_user(connection)
        question = await add_post(connection, "Q", author_id=author)
        answer = await add_post(connection, f"A{state}", author_id=author, parent_id=question)
        comment = await add_post(connection, "C", author_id=author, parent_id=answer)
        await settle(connection)
    return Thread(voter, author, question, answer, comment)


async def vote(api: Api, type: str, id: int, direction: str, **options: Any) -> Any:
    id_ = nodes.encode(type, id)
    data = await api.ask(VOTE, id=id_, direction=direction, **options)
    return data["castVote"]


async def test_a_vote_moves_the_score_and_the_authors_points(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    result = await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter)

    assert result["post"] == {
        "score": 1,
        "upvoteCount": 1,
        "downvoteCount": 0,
        "viewerVote": "UP",
        # 100, a question and an answer (2 + 4) and two points for the vote, times ten.
        "author": {"points": 180},
    }


async def test_a_vote_costs_at_most_twelve_statements(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await vote(api, "Question", thread.question, "UP", viewer=thread.voter)
    sent = statements_of(api)

    # The first vote on the only answer changes a counter of the site, too.
    await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter)

    # Reading the viewer at the beginning, and the author for the payload, are not the vote's.
    sent = [statement for statement in sent if not statement.startswith("BEGIN")]
    assert len(sent) - 2 <= 12
    assert sum("FOR UPDATE" in statement for statement in sent) <= 1


async def test_the_same_vote_again_changes_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await vote(api, "Answer", thread.answer, "DOWN", viewer=thread.voter)
    sent = statements_of(api)

    result = await vote(api, "Answer", thread.answer, "DOWN", viewer=thread.voter)

    assert result["post"]["score"] == -1
    assert not [statement for statement in sent if statement.startswith(("UPDATE", "INSERT"))]


@pytest.mark.parametrize("type", ["Question", "Answer", "Comment"])
async def test_every_change_of_a_vote_leaves_every_figure_right(
    api: Api, db: Database, type: str
) -> None:
    thread = await add_thread(db, voting_on_cs=1)
    id = getattr(thread, type.lower())

    for direction in ("UP", "DOWN", "NONE", "DOWN", "UP", "NONE", "UP", "UP"):
        result = await vote(api, type, id, direction, viewer=thread.voter)

        assert result["post"]["score"] == {"UP": 1, "NONE": 0, "DOWN": -1}[direction]
        await expect_no_differences(db)


@pytest.mark.mariadb
async def test_votes_at_the_same_time_are_all_counted(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        voters = [await add_user(connection) for _ in range(12)]
        await settle(connection)

    await asyncio.gather(
        *(vote(api, "Answer", thread.answer, "UP", viewer=voter) for voter in voters),
        *(vote(api, "Question", thread.question, "DOWN", viewer=voter) for voter in voters),
        *(vote(api, "Answer", thread.answer, "UP", viewer=thread.voter) for _ in range(6)),
    )

    result = await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter)
    assert result["post"]["score"] == 13
    result = await vote(api, "Question", thread.question, "NONE", viewer=thread.voter)
    assert result["post"]["score"] == -12
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("type", "options", "reason"),
    [
        ("Comment", {}, "SWITCHED_OFF"),
        ("Question", {"voting_on_qs": 0}, "SWITCHED_OFF"),
        ("Answer", {"permit_vote_a": 100}, "LEVEL"),
        ("Answer", {"permit_vote_a": 106, "permit_vote_a_points": 5000}, "POINTS"),
        ("Answer", {"block_ips_write": "127.0.0.*"}, "IP_BLOCKED"),
    ],
)
async def test_the_site_decides_who_may_vote(
    api: Api, db: Database, type: str, options: dict[str, Any], reason: str
) -> None:
    thread = await add_thread(db, **options)

    result = await vote(api, type, getattr(thread, type.lower()), "UP", viewer=thread.voter)

    assert (result["__typename"], result["reason"]) == ("NotAllowed", reason)
    await expect_no_differences(db)


async def test_voting_down_may_take_more_than_voting_up(api: Api, db: Database) -> None:
    thread = await add_thread(db, permit_vote_down=100)

    up = await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter)
    down = await vote(api, "Answer", thread.answer, "DOWN", viewer=thread.voter)

    assert up["__typename"] == "CastVoteSuccess"
    assert down["reason"] == "LEVEL"


async def test_nobody_votes_on_their_own_post_or_as_a_guest(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    own = await vote(api, "Answer", thread.answer, "UP", viewer=thread.author)
    guests = await vote(api, "Answer", thread.answer, "UP", guest=5)

    assert (own["reason"], guests["reason"]) == ("OWN_POST", "SIGNED_OUT")


@pytest.mark.parametrize("state", ["_HIDDEN", "_QUEUED"])
async def test_who_does_not_see_a_post_cannot_learn_that_it_exists(
    api: Api, db: Database, state: str
) -> None:
    thread = await add_thread(db, state=state, voting_on_cs=1)

    results = [
        await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter),
        await vote(api, "Comment", thread.comment, "UP", viewer=thread.voter),
        await vote(api, "Answer", 999, "UP", viewer=thread.voter),
        await vote(api, "Answer", thread.question, "UP", viewer=thread.voter),
    ]

    assert results == 4 * [{"__typename": "NotFound", "message": "There is no such post."}]


@pytest.mark.parametrize("id", ["", "nonsense", nodes.encode("User", 1)])
async def test_an_id_that_is_not_a_posts_is_named(api: Api, db: Database, id: str) -> None:
    thread = await add_thread(db)

    data = await api.ask(VOTE, id=id, direction="UP", viewer=thread.voter)

    assert (data["castVote"]["__typename"], data["castVote"]["field"]) == ("Invalid", "id")


async def test_an_hour_has_so_many_votes(api: Api, db: Database) -> None:
    thread = await add_thread(db, max_rate_user_votes=2)

    results = [
        await vote(api, "Answer", thread.answer, direction, viewer=thread.voter)
        for direction in ("UP", "NONE", "UP")
    ]

    assert [result["__typename"] for result in results[:2]] == 2 * ["CastVoteSuccess"]
    assert results[2]["__typename"] == "RateLimited"
    assert 0 < results[2]["retryAfter"] <= 3600
    await expect_no_differences(db)


async def test_addresses_of_one_network_share_its_limit(api: Api, db: Database) -> None:
    thread = await add_thread(db, max_rate_ip_votes=1)
    first, second, elsewhere = "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"

    results = [
        await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter, address=first),
        await vote(api, "Answer", thread.answer, "NONE", viewer=thread.voter, address=second),
        await vote(api, "Answer", thread.answer, "NONE", viewer=thread.voter, address=elsewhere),
    ]

    names = [result["__typename"] for result in results]
    assert names == ["CastVoteSuccess", "RateLimited", "CastVoteSuccess"]


async def test_missing_rows_of_points_and_counters_are_made(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        await connection.execute(delete(UserPoints).where(UserPoints.user_id == thread.voter))
        await counters.recount_options(connection)
        # A counter at zero may be missing: that is its default.
        await connection.execute(delete(Option).where(Option.value == "0"))

    result = await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter)

    assert result["__typename"] == "CastVoteSuccess"
    await expect_no_differences(db)


async def test_a_vote_leaves_its_times_and_where_it_came_from(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    await vote(api, "Answer", thread.answer, "UP", viewer=thread.voter, address="192.0.2.7")
    await vote(api, "Answer", thread.answer, "NONE", viewer=thread.voter, address="192.0.2.7")

    async with db.read() as connection:
        query = select(Vote.direction, Vote.flagged, Vote.cast_at, Vote.changed_at)
        direction, flagged, cast_at, changed_at = (await connection.execute(query)).one()
        account = select(User.written_at, User.written_from).where(User.id == thread.voter)
        written_at, written_from = (await connection.execute(account)).one()
    assert (direction, flagged) == (0, 0)
    assert cast_at is not None
    assert changed_at is not None
    assert cast_at <= changed_at
    assert written_at == changed_at
    assert written_from == bytes([192, 0, 2, 7])


async def test_a_question_from_before_2010_can_be_voted_on(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        author, voter = await add_user(connection), await add_user(connection)
        old = datetime(2008, 9, 15, 12)  # noqa: DTZ001 - in the zone of the tables
        question = await add_post(
            connection, "Q", author_id=author, created_at=old, view_count=3, score=-1
        )
        await settle(connection)

    result = await vote(api, "Question", question, "DOWN", viewer=voter)

    assert result["post"]["score"] == -1
