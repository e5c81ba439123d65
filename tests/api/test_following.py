"""Following things as a client does it, and the streams of events that it fills."""

import asyncio
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.domain.favorites import FavoriteKind
from app.models import Category, Favorite, Option, Post, SharedEvent, User, UserEvent, Word
from schema import nodes
from tests.conftest import Api
from tests.meadow import (
    BEGINNING,
    add_post,
    add_user,
    expect_no_differences,
    set_option,
    settle,
)

DOCUMENT = """
    mutation ($id: ID!) {
        result: MUTATION(input: { id: $id }) {
            __typename
            ... on SUCCESS {
                subject {
                    __typename
                    ... on Question { viewerHasFavorited }
                    ... on User { viewerHasFavorited }
                    ... on Tag { viewerHasFavorited }
                    ... on Category { viewerHasFavorited }
                }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
FAVORITE = DOCUMENT.replace("MUTATION", "favorite").replace("SUCCESS", "FavoriteSuccess")
UNFAVORITE = DOCUMENT.replace("MUTATION", "unfavorite").replace("SUCCESS", "UnfavoriteSuccess")
TYPES = ["Question", "User", "Tag", "Category"]


class Meadow(NamedTuple):
    """One thing of each kind, by the name of its type, and somebody who may follow it."""

    follower: int
    things: dict[str, int]


async def add_meadow(db: Database, **options: Any) -> Meadow:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        author, follower = await add_user(connection), await add_user(connection)
        category: dict[Any, Any] = {
            Category.id: 1,
            Category.title: "Flight",
            Category.slug: "flight",
            Category.description: "",
            Category.reversed_path: "flight",
            Category.question_count: 0,
            Category.position: 1,
        }
        await connection.execute(insert(Category).values(category))
        question = await add_post(
            connection, "Q", author_id=author, tags="wings", category_id=1, category_1_id=1
        )
        await settle(connection)
        word = select(Word.id).where(Word.tag_count > 0)
        tag = (await connection.execute(word)).scalar_one()
    return Meadow(follower, {"Question": question, "User": author, "Tag": tag, "Category": 1})


async def add_events(db: Database, type: str, id: int, *, questions: list[int]) -> None:
    async with db.begin() as connection:
        for number, question in enumerate(questions):
            row = {
                SharedEvent.entity_type: KIND_OF[type],
                SharedEvent.entity_id: id,
                SharedEvent.question_id: question,
                SharedEvent.post_id: question,
                SharedEvent.actor_id: 1,
                SharedEvent.happened_at: BEGINNING + timedelta(minutes=number),
            }
            await connection.execute(insert(SharedEvent).values(row))


KIND_OF = {
    "Question": FavoriteKind.QUESTION.value,
    "User": FavoriteKind.USER.value,
    "Tag": FavoriteKind.TAG.value,
    "Category": FavoriteKind.CATEGORY.value,
}


async def follow(api: Api, type: str, id: int, viewer: int) -> Any:
    return (await api.ask(FAVORITE, id=nodes.encode(type, id), viewer=viewer))["result"]


async def unfollow(api: Api, type: str, id: int, viewer: int) -> Any:
    id_ = nodes.encode(type, id)
    return (await api.ask(UNFAVORITE, id=id_, viewer=viewer))["result"]


async def stream_of(db: Database, user_id: int) -> list[int]:
    """The questions of the events in somebody's own stream, oldest first."""
    query = select(UserEvent.question_id).where(UserEvent.user_id == user_id)
    async with db.read() as connection:
        found = await connection.execute(query.order_by(UserEvent.happened_at))
        return list(found.scalars())


async def favorites(db: Database, type: str) -> dict[int, int]:
    """Who follows things of this type, and whether they read the shared streams of them."""
    query = select(Favorite.user_id, Favorite.reads_shared_events)
    async with db.read() as connection:
        found = await connection.execute(query.where(Favorite.entity_type == KIND_OF[type]))
        return dict(found.all())


@pytest.mark.parametrize("type", TYPES)
async def test_a_thing_can_be_followed_and_no_longer_followed(
    api: Api, db: Database, type: str
) -> None:
    meadow = await add_meadow(db)
    id, follower = meadow.things[type], meadow.follower

    assert await follow(api, type, id, follower) == {
        "__typename": "FavoriteSuccess",
        "subject": {"__typename": type, "viewerHasFavorited": True},
    }
    assert await favorites(db, type) == {follower: 0}
    assert await unfollow(api, type, id, follower) == {
        "__typename": "UnfavoriteSuccess",
        "subject": {"__typename": type, "viewerHasFavorited": False},
    }
    assert await favorites(db, type) == {}
    await expect_no_differences(db)


@pytest.mark.parametrize("type", TYPES)
async def test_the_first_followers_get_copies_of_what_has_happened(
    api: Api, db: Database, type: str
) -> None:
    meadow = await add_meadow(db)
    id, follower = meadow.things[type], meadow.follower
    await add_events(db, type, id, questions=[7, 8, 9])
    await add_events(db, "Category" if type != "Category" else "Tag", id, questions=[10])

    await follow(api, type, id, follower)
    await follow(api, type, id, follower)

    assert await stream_of(db, follower) == [7, 8, 9]
    await unfollow(api, type, id, follower)
    await unfollow(api, type, id, follower)
    assert await stream_of(db, follower) == []


async def test_a_stream_is_not_made_longer_than_the_site_wants_it(api: Api, db: Database) -> None:
    meadow = await add_meadow(db, max_store_user_updates=2)
    await add_events(db, "Question", meadow.things["Question"], questions=[5, 6, 7, 8])

    await follow(api, "Question", meadow.things["Question"], meadow.follower)

    assert await stream_of(db, meadow.follower) == [7, 8]


async def test_what_has_many_followers_is_read_from_one_stream_for_good(
    api: Api, db: Database
) -> None:
    meadow = await add_meadow(db, max_copy_user_updates=3)
    question = meadow.things["Question"]
    await add_events(db, "Question", question, questions=[question])
    async with db.begin() as connection:
        others = [await add_user(connection) for _ in range(3)]

    for follower in others[:2]:
        await follow(api, "Question", question, follower)
    assert await favorites(db, "Question") == {others[0]: 0, others[1]: 0}
    await follow(api, "Question", question, others[2])
    assert await favorites(db, "Question") == dict.fromkeys(others, 1)
    assert await stream_of(db, others[2]) == []

    for follower in others[1:]:
        await unfollow(api, "Question", question, follower)
    await follow(api, "Question", question, meadow.follower)

    assert await favorites(db, "Question") == {others[0]: 1, meadow.follower: 1}


async def test_more_is_copied_once_somebody_reads_as_many_shared_streams(
    api: Api, db: Database
) -> None:
    meadow = await add_meadow(db, max_copy_user_updates=1)
    threshold = select(Option.value).where(Option.name == "max_copy_user_updates")

    await follow(api, "Question", meadow.things["Question"], meadow.follower)

    async with db.read() as connection:
        assert (await connection.execute(threshold)).scalar_one() == "2"


async def test_nobody_follows_themselves_or_as_a_guest(api: Api, db: Database) -> None:
    meadow = await add_meadow(db)
    author, question = meadow.things["User"], nodes.encode("Question", meadow.things["Question"])

    own = await follow(api, "User", author, author)
    guests = await api.ask(FAVORITE, id=question, guest=5)

    assert (own["reason"], guests["result"]["reason"]) == ("YOURSELF", "SIGNED_OUT")
    assert await favorites(db, "User") == {}


@pytest.mark.parametrize(
    ("values", "options", "reason"),
    [
        ({"flags": 2}, {}, "BLOCKED"),
        ({"flags": 128}, {}, "UNCONFIRMED"),
        ({}, {"block_ips_write": "127.0.0.*"}, "IP_BLOCKED"),
    ],
)
async def test_who_may_not_write_may_not_follow(
    api: Api, db: Database, values: dict[str, int], options: dict[str, str], reason: str
) -> None:
    meadow = await add_meadow(db, **options)
    await change(db, User, meadow.follower, **values)

    for type, id in meadow.things.items():
        assert (await follow(api, type, id, meadow.follower))["reason"] == reason
        assert (await unfollow(api, type, id, meadow.follower))["reason"] == reason


async def test_who_does_not_see_a_question_cannot_learn_that_it_exists(
    api: Api, db: Database
) -> None:
    meadow = await add_meadow(db)
    question = meadow.things["Question"]
    await change(db, Post, question, type="Q_HIDDEN")

    hidden = await follow(api, "Question", question, meadow.follower)

    assert hidden == {"__typename": "NotFound", "message": "There is no such post."}
    assert hidden == await follow(api, "Question", 999, meadow.follower)
    own = await follow(api, "Question", question, meadow.things["User"])
    assert (own["__typename"], own["reason"]) == ("NotAllowed", "HIDDEN")


@pytest.mark.parametrize("type", TYPES)
async def test_what_is_not_there_cannot_be_followed(api: Api, db: Database, type: str) -> None:
    meadow = await add_meadow(db)

    assert (await follow(api, type, 999, meadow.follower))["__typename"] == "NotFound"
    assert (await unfollow(api, type, 999, meadow.follower))["__typename"] == "NotFound"
    assert await favorites(db, type) == {}


async def test_a_tag_without_questions_can_only_be_left(api: Api, db: Database) -> None:
    meadow = await add_meadow(db)
    tag = meadow.things["Tag"]
    await follow(api, "Tag", tag, meadow.follower)
    await change(db, Word, tag, tag_count=0)

    other = await follow(api, "Tag", tag, meadow.things["User"])
    own = await unfollow(api, "Tag", tag, meadow.follower)

    assert (other["__typename"], own["__typename"]) == ("NotFound", "UnfavoriteSuccess")


@pytest.mark.parametrize("id", ["", "nonsense", nodes.encode("Answer", 1)])
async def test_an_id_that_is_none_of_these_is_named(api: Api, db: Database, id: str) -> None:
    meadow = await add_meadow(db)

    for document in (FAVORITE, UNFAVORITE):
        result = (await api.ask(document, id=id, viewer=meadow.follower))["result"]
        assert (result["__typename"], result["field"]) == ("Invalid", "id")


@pytest.mark.mariadb
async def test_those_who_begin_to_follow_at_once_are_counted_once_each(
    api: Api, db: Database
) -> None:
    meadow = await add_meadow(db)
    async with db.begin() as connection:
        people = [await add_user(connection) for _ in range(12)]
        await settle(connection)
    for type, id in meadow.things.items():
        await add_events(db, type, id, questions=[meadow.things["Question"]])

    results = await asyncio.gather(
        *(follow(api, type, id, one) for one in people for type, id in meadow.things.items()),
        *(follow(api, "Question", meadow.things["Question"], people[0]) for _ in range(3)),
        # Each follows the other.
        *(follow(api, "User", people[n ^ 1], people[n]) for n in range(12)),
    )

    assert {result["__typename"] for result in results} == {"FavoriteSuccess"}
    for type in ("Question", "Tag", "Category"):
        assert await favorites(db, type) == dict.fromkeys(people, 1)
    await expect_no_differences(db)


@pytest.mark.mariadb
async def test_one_who_follows_twice_at_once_has_everything_once(api: Api, db: Database) -> None:
    meadow = await add_meadow(db)
    await add_events(db, "Tag", meadow.things["Tag"], questions=[7, 8])

    await asyncio.gather(
        *(follow(api, "Tag", meadow.things["Tag"], meadow.follower) for _ in range(6))
    )

    assert await stream_of(db, meadow.follower) == [7, 8]
    async with db.read() as connection:
        rows: int = (await connection.execute(select(func.count(Favorite.user_id)))).scalar_one()
    assert rows == 1


async def change(db: Database, model: Any, id: int, **values: Any) -> None:
    async with db.begin() as connection:
        await _change(connection, model, id, values)


async def _change(connection: AsyncConnection, model: Any, id: int, values: dict[str, Any]) -> None:
    if values:
        columns = {getattr(model, name): value for name, value in values.items()}
        await connection.execute(update(model).where(model.id == id).values(columns))
