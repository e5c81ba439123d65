"""What happens reaches those who follow it, and streams do not grow without end (FACTS 7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import insert, select

from app.db import Database
from app.domain import publishing
from app.domain.options import Options, load
from app.domain.publishing import Entity, Event
from app.models import Favorite, SharedEvent, UserEvent
from tests.meadow import BEGINNING, add_user, set_option

QUESTION = Entity("Q", 9)


def event(number: int, *, question: int = 9, actor: int | None = None) -> Event:
    return Event(question, question, "E", actor, BEGINNING + timedelta(minutes=number))


async def people(db: Database, *, shared: int = 0, **options: int) -> tuple[int, int]:
    """Two people, the first of whom follows question 9."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        follower, other = await add_user(connection), await add_user(connection)
        row = {"user_id": follower, "entity_type": "Q", "entity_id": 9}
        await connection.execute(insert(Favorite).values(reads_shared_events=shared, **row))
    return follower, other


async def publish(db: Database, make: Callable[[Any, Options], Any]) -> None:
    async with db.begin() as connection:
        await make(connection, await load(connection))


async def to_followers(db: Database, event: Event, *entities: Entity) -> None:
    await publish(
        db,
        lambda connection, options: publishing.to_followers(
            connection, options=options, event=event, entities=entities or [QUESTION]
        ),
    )


async def minutes(db: Database, model: Any, **where: Any) -> list[int]:
    """When the events of a stream happened, in minutes."""
    query = select(model.happened_at).filter_by(**where).order_by(model.happened_at)
    async with db.read() as connection:
        times = (await connection.execute(query)).scalars().all()
    return [int((time - BEGINNING).total_seconds()) // 60 for time in times]


@pytest.mark.parametrize(("shared", "copies"), [(0, [1]), (1, [])])
async def test_followers_get_copies_unless_they_are_too_many(
    db: Database, shared: int, copies: list[int]
) -> None:
    follower, other = await people(db, shared=shared)

    await to_followers(db, event(1), QUESTION, Entity("U", other))

    assert await minutes(db, UserEvent, user_id=follower) == copies
    assert await minutes(db, UserEvent, user_id=other) == []
    assert await minutes(db, SharedEvent, entity_type="Q") == [1]
    assert await minutes(db, SharedEvent, entity_type="U", entity_id=other) == [1]


async def test_nobody_is_told_what_they_did_themselves(db: Database) -> None:
    first, second = await people(db)

    await publish(
        db,
        lambda connection, options: publishing.to_people(
            connection,
            options=options,
            event=event(1, actor=first),
            user_ids=[first, second, None, second],
        ),
    )

    assert await minutes(db, UserEvent, entity_type="-") == [1]
    assert await minutes(db, UserEvent, user_id=second) == [1]


async def test_a_stream_keeps_five_events_of_one_question(db: Database) -> None:
    follower, _ = await people(db)

    for number in range(8):
        await to_followers(db, event(number))

    assert await minutes(db, UserEvent, user_id=follower) == [3, 4, 5, 6, 7]
    assert await minutes(db, SharedEvent) == [3, 4, 5, 6, 7]


async def test_a_stream_is_as_long_as_the_site_says(db: Database) -> None:
    follower, _ = await people(db, max_store_user_updates=3)

    for number in range(5):
        await to_followers(db, event(number, question=100 + number))

    assert await minutes(db, UserEvent, user_id=follower) == [2, 3, 4]
    assert await minutes(db, SharedEvent) == [2, 3, 4]


async def test_many_streams_are_shortened_by_short_statements(db: Database) -> None:
    await people(db, max_store_user_updates=1, max_copy_user_updates=1000)
    async with db.begin() as connection:
        followers = [await add_user(connection) for _ in range(300)]
        rows = [{"user_id": id, "entity_type": "Q", "entity_id": 9} for id in followers]
        await connection.execute(insert(Favorite).values(reads_shared_events=0), rows)
    lengths: list[int] = []

    def listen(*given: Any) -> None:
        if given[2].startswith("DELETE"):
            lengths.append(len(given[2]))

    engine = db.engine.sync_engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", listen)
    await to_followers(db, event(0, question=100))
    await to_followers(db, event(1, question=101))
    sqlalchemy_event.remove(engine, "before_cursor_execute", listen)

    async with db.read() as connection:
        left = (await connection.execute(select(UserEvent.user_id, UserEvent.question_id))).all()
    assert {id for id, _ in left} > set(followers)
    assert {question for _, question in left} == {101}
    # Beyond that RDS Proxy would keep the connection for itself.
    assert 0 < max(lengths) < 16_000
