"""The viewer through the API: what nobody else may know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from app.db import Database
from app.domain.limits import hour_of
from app.domain.viewers import Flag
from app.models import (
    AddressLimit,
    Favorite,
    Message,
    Notice,
    SharedEvent,
    UserEvent,
    UserLimit,
    Vote,
)
from tests.conftest import Api, statements_of
from tests.meadow import BEGINNING, add_post, add_user, set_option

ACCOUNT = """
    {
        viewer {
            user { handle } email emailConfirmed mustConfirmEmail
            acceptsMessages acceptsWallPosts acceptsMailings
        }
    }
"""
VOTES = """
    query ($first: Int, $after: String) {
        viewer {
            votes(first: $first, after: $after) {
                totalCount
                nodes { direction castAt changedAt post { databaseId viewerVote } }
                pageInfo { hasNextPage endCursor }
            }
        }
    }
"""
LIMITS = "{ viewer { rateLimits { action limit remaining resetAt } } }"
UPDATES = """
    query ($first: Int, $after: String) {
        viewer {
            updates(first: $first, after: $after) {
                totalCount
                nodes { kind isPersonal at by { handle } question { databaseId } post { id } }
                pageInfo { hasNextPage endCursor }
            }
        }
    }
"""
MESSAGES = """
    {
        viewer {
            messages {
                inbox { totalCount nodes { content sender { databaseId } } }
                outbox { totalCount nodes { content recipient { databaseId } } }
            }
        }
    }
"""


async def test_a_guest_is_no_viewer(golden: Api) -> None:
    assert (await golden.ask(ACCOUNT))["viewer"] is None
    assert (await golden.ask(ACCOUNT, viewer=9999))["viewer"] is None


async def test_a_viewer_knows_their_own_account(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        flags = Flag.MUST_CONFIRM | Flag.NO_MESSAGES | Flag.NO_WALL_POSTS | Flag.NO_MAILINGS
        new = await add_user(connection, handle="new", email="new@example.org", flags=flags)
        old = await add_user(connection, handle="old", flags=Flag.CONFIRMED)

    assert (await api.ask(ACCOUNT, viewer=new))["viewer"] == {
        "user": {"handle": "new"},
        "email": "new@example.org",
        "emailConfirmed": False,
        "mustConfirmEmail": True,
        "acceptsMessages": False,
        "acceptsWallPosts": False,
        "acceptsMailings": False,
    }
    account = (await api.ask(ACCOUNT, viewer=old))["viewer"]
    assert account["emailConfirmed"]
    assert account["acceptsMessages"]
    assert not account["mustConfirmEmail"]


async def test_levels_in_categories_are_told_apart(golden: Api) -> None:
    document = "{ viewer { categoryLevels { level category { databaseId } } } }"

    levels = (await golden.ask(document, viewer=17))["viewer"]["categoryLevels"]

    assert [(level["category"]["databaseId"], level["level"]) for level in levels] == [
        (2, "MODERATOR"),
        (3, "EDITOR"),
    ]


async def test_only_votes_that_stand_on_posts_that_can_be_seen_are_listed(
    api: Api, db: Database
) -> None:
    async with db.begin() as connection:
        viewer = await add_user(connection)
        question = await add_post(connection, "Q")
        answer = await add_post(connection, "A", parent_id=question)
        comment = await add_post(connection, "C", parent_id=answer)
        hidden = await add_post(connection, "Q_HIDDEN")
        below_hidden = await add_post(connection, "A", parent_id=hidden)
        under_it = await add_post(connection, "C", parent_id=below_hidden)
        taken_back = await add_post(connection, "Q")
        flagged = await add_post(connection, "Q")
        directions = {question: 1, answer: -1, comment: 1, taken_back: 0, flagged: 0}
        directions |= {hidden: 1, below_hidden: 1, under_it: 1}
        for post_id, direction in directions.items():
            values = {
                Vote.user_id: viewer,
                Vote.post_id: post_id,
                Vote.direction: direction,
                Vote.flagged: int(post_id == flagged),
                Vote.cast_at: None if post_id == comment else BEGINNING,
                Vote.changed_at: BEGINNING + timedelta(hours=1) if post_id == comment else None,
            }
            await connection.execute(insert(Vote).values(values))

    votes = (await api.ask(VOTES, viewer=viewer))["viewer"]["votes"]

    assert votes["totalCount"] == 3
    assert votes["nodes"] == [
        vote(comment, "UP", None, "2026-03-01T10:00:00Z"),
        vote(answer, "DOWN", "2026-03-01T09:00:00Z", None),
        vote(question, "UP", "2026-03-01T09:00:00Z", None),
    ]


def vote(post_id: int, direction: str, cast_at: str | None, changed_at: str | None) -> Any:
    post = {"databaseId": post_id, "viewerVote": direction}
    return {"direction": direction, "castAt": cast_at, "changedAt": changed_at, "post": post}


@pytest.mark.parametrize(("document", "name"), [(VOTES, "votes"), (UPDATES, "updates")])
async def test_pages_of_what_is_the_viewers_make_up_the_list(
    golden: Api, document: str, name: str
) -> None:
    whole = (await golden.ask(document, viewer=10, first=100))["viewer"][name]
    found: list[Any] = []
    after = None
    while True:
        page = (await golden.ask(document, viewer=10, first=6, after=after))["viewer"][name]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert found == whole["nodes"]
    assert len(found) == whole["totalCount"] > 50


async def test_updates_cost_few_statements(golden: Api) -> None:
    await golden.ask(UPDATES, viewer=10, first=2)
    sent = statements_of(golden)

    await golden.ask(UPDATES, viewer=10, first=50)

    # The viewer; the lines, and what is told in them; their number; posts, what these stand
    # below, and people.
    assert len(sent) <= 9


async def test_of_a_hidden_post_an_update_tells_nothing_but_that_it_happened(
    api: Api, db: Database
) -> None:
    async with db.begin() as connection:
        viewer, other = await add_user(connection), await add_user(connection)
        question = await add_post(connection, "Q_HIDDEN", author_id=other)
        answer = await add_post(connection, "A", parent_id=question, author_id=other)
        followed = {
            Favorite.user_id: viewer,
            Favorite.entity_type: "U",
            Favorite.entity_id: other,
            Favorite.reads_shared_events: 1,
        }
        happened = {
            SharedEvent.entity_type: "U",
            SharedEvent.entity_id: other,
            SharedEvent.question_id: question,
            SharedEvent.post_id: answer,
            SharedEvent.change: None,
            SharedEvent.actor_id: other,
            SharedEvent.happened_at: BEGINNING,
        }
        await connection.execute(insert(Favorite).values(followed))
        await connection.execute(insert(SharedEvent).values(happened))

    [update] = (await api.ask(UPDATES, viewer=viewer))["viewer"]["updates"]["nodes"]

    assert (update["kind"], update["question"], update["post"]) == ("WRITTEN", None, None)


async def test_an_hour_counts_what_was_done_by_the_account_and_from_its_address(
    api: Api, db: Database
) -> None:
    hour = hour_of(datetime.now(UTC))
    here = b"\x7f\x00\x00\x01"
    async with db.begin() as connection:
        viewer = await add_user(connection)
        await set_option(connection, "max_rate_user_votes", 7)
        await set_option(connection, "max_rate_ip_votes", 9)
        await connection.execute(
            insert(UserLimit).values(
                [
                    {"user_id": viewer, "action": "V", "period": hour, "count": 2},
                    {"user_id": viewer, "action": "Q", "period": hour - 1, "count": 3},
                    {"user_id": viewer, "action": "A", "period": hour, "count": 99},
                ]
            )
        )
        await connection.execute(
            insert(AddressLimit).values(address=here, action="V", period=hour, count=8)
        )

    limits = (await api.ask(LIMITS, viewer=viewer))["viewer"]["rateLimits"]

    found = {limit["action"]: (limit["limit"], limit["remaining"]) for limit in limits}
    # The address has done 8 of 9.
    assert found["VOTE"] == (7, 1)
    assert found["ASK"] == (10, 10)
    assert found["ANSWER"] == (25, 0)
    assert {limit["resetAt"][14:] for limit in limits} == {"00:00Z"}


async def test_a_message_that_one_side_deleted_is_left_to_the_other(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        anna, ben = await add_user(connection), await add_user(connection)
        await set_option(connection, "block_bad_words", "wasp")
        for content, by_sender, by_recipient in (("kept", 0, 0), ("a wasp", 1, 0), ("no", 0, 1)):
            values = {
                Message.type: "PRIVATE",
                Message.sender_id: anna,
                Message.recipient_id: ben,
                Message.deleted_by_sender: by_sender,
                Message.deleted_by_recipient: by_recipient,
                Message.content: content,
                Message.format: "",
                Message.created_at: BEGINNING,
            }
            await connection.execute(insert(Message).values(values))

    sent = (await api.ask(MESSAGES, viewer=anna))["viewer"]["messages"]
    received = (await api.ask(MESSAGES, viewer=ben))["viewer"]["messages"]

    assert [message["content"] for message in sent["outbox"]["nodes"]] == ["no", "kept"]
    assert [message["content"] for message in received["inbox"]["nodes"]] == ["a ****", "kept"]
    assert received["inbox"]["nodes"][0]["sender"] == {"databaseId": anna}
    assert sent["outbox"]["totalCount"] == received["inbox"]["totalCount"] == 2
    assert sent["inbox"]["nodes"] == received["outbox"]["nodes"] == []


async def test_notices_are_safe_and_the_viewers_own(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        viewer, other = await add_user(connection), await add_user(connection)
        for user_id, content, format in (
            (viewer, "Welcome & enjoy", ""),
            (viewer, '<b onclick="go()">News</b><script src="x"></script>', "html"),
            (other, "Not for you", ""),
        ):
            values = {
                Notice.user_id: user_id,
                Notice.content: content,
                Notice.format: format,
                Notice.created_at: BEGINNING,
            }
            await connection.execute(insert(Notice).values(values))

    notices = (await api.ask("{ viewer { notices { contentHtml } } }", viewer=viewer))["viewer"]

    assert [notice["contentHtml"] for notice in notices["notices"]] == [
        "Welcome &amp; enjoy",
        "<b>News</b>",
    ]


async def test_a_question_that_follows_on_another_has_its_line_on_one_page_only(
    db: Database, api: Api
) -> None:
    async with db.begin() as connection:
        viewer, author = await add_user(connection), await add_user(connection)
        first = await add_post(connection, "Q", author_id=viewer)
        answer = await add_post(connection, "A", author_id=viewer, parent_id=first)
        follow_up = await add_post(connection, "Q", author_id=author, parent_id=answer)
        # Somebody who follows the author, and whose answer it follows on, is told of both.
        for question, change in ((follow_up, None), (first, "F")):
            event = {"user_id": viewer, "entity_type": "U", "entity_id": author}
            event |= {"question_id": question, "post_id": follow_up, "change": change}
            event |= {"actor_id": author, "happened_at": BEGINNING}
            await connection.execute(insert(UserEvent).values(event))

    found, after = [], None
    for _ in range(2):
        page = (await api.ask(UPDATES, viewer=viewer, first=1, after=after))["viewer"]["updates"]
        found += [(node["question"]["databaseId"], node["kind"]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert found == [(follow_up, "WRITTEN"), (first, "FOLLOWED_UP")]
    assert not page["pageInfo"]["hasNextPage"]
