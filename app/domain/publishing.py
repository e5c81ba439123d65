"""Publishing: putting what happened into the streams of those who follow it (FACTS 7).

Every followed thing has a shared stream; people get copies of its events as long as it has few
followers. Streams are kept short.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import insert_rows, run
from app.db.transactions import after_commit
from app.domain import trimming, word_index
from app.domain.changes import ChangeKind
from app.domain.favorites import FavoriteKind
from app.domain.options import Options
from app.domain.posts import PostRow
from app.domain.updates import PERSONAL
from app.domain.writing import Writer
from app.models import Favorite, SharedEvent, UserEvent


class Entity(NamedTuple):
    """Something that can be followed: its letter, and the id of a post, user, word or category."""

    type: str
    id: int


class Event(NamedTuple):
    """Something that happened to a post; `change` is a code of FACTS 2 or 7, None for a new post.

    `at` is in the zone of the tables.
    """

    question_id: int
    post_id: int
    change: str | None
    actor_id: int | None
    happened_at: datetime


def event_of(writer: Writer, *, question: PostRow, post: PostRow, change: ChangeKind) -> Event:
    """What the writer does now to a post."""
    return Event(question.id, post.id, change.value, writer.viewer.id, writer.time)


def around(question: PostRow, *, actor_id: int | None) -> list[Entity]:
    """The question itself, and whoever acts on it: whose followers hear of nearly everything."""
    actor = [Entity(FavoriteKind.USER.value, actor_id)] if actor_id is not None else []
    return [Entity(FavoriteKind.QUESTION.value, question.id), *actor]


def categories_of(question: PostRow) -> list[Entity]:
    """The categories on the path of a question, from the top."""
    path = [*question.category_path[1:], question.category_path[0]]
    ids = [id for id in dict.fromkeys(path) if id is not None]
    return [Entity(FavoriteKind.CATEGORY.value, id) for id in ids]


async def tags_of(connection: AsyncConnection, *, question: PostRow) -> list[Entity]:
    """The tags of a question that is in the word index."""
    names = [name for name in (question.tags or "").split(",") if name]
    if not names:
        return []
    # The column's collation finds others, too.
    found = await word_index.look_up(connection, texts=names)
    ids = [found[name] for name in names if name in found]
    return [Entity(FavoriteKind.TAG.value, id) for id in ids]


async def to_followers(
    connection: AsyncConnection, *, options: Options, event: Event, entities: Sequence[Entity]
) -> None:
    """Tell those who follow one of these; each of these has the event in its own stream, too."""
    if not entities:
        return
    said = _said(SharedEvent, event)
    rows = [
        {SharedEvent.entity_type: entity.type, SharedEvent.entity_id: entity.id, **said}
        for entity in entities
    ]
    await insert_rows(connection, SharedEvent, rows)
    these: dict[str, Any] = {}
    for n, entity in enumerate(entities):
        these |= {f"letter_{n}": entity.type, f"entity_{n}": entity.id}
    happened = {f"its_{name}": value for name, value in event._asdict().items()}
    await run(connection, _copies(len(entities)), {**these, **happened})

    async def trim(connection: AsyncConnection) -> None:
        for streams, chosen in (
            (trimming.SHARED, trimming.of_entities),
            (trimming.PERSONAL, trimming.of_followers),
        ):
            await trimming.trim(
                connection,
                options=options,
                streams=streams,
                chosen=chosen,
                number=len(entities),
                values=these,
                question_id=event.question_id,
            )

    # Whoever trims wants old events alone that others look through, too (decision 50).
    await after_commit(connection, trim)


@prepared
def _copies(number: int) -> Insert:
    """The event for each of those who have copies of those of so many entities."""
    names = ("user_id", "entity_type", "entity_id")
    targets = [getattr(UserEvent, name) for name in (*names, *Event._fields)]
    # With the columns' own types: SQLite compares times as texts, which have to look the same.
    values = [
        bindparam(f"its_{name}", type_=getattr(UserEvent, name).type) for name in Event._fields
    ]
    copies = select(*(getattr(Favorite, name) for name in names), *values)
    return insert(UserEvent).from_select(targets, copies.where(trimming.copied_from(number)))


async def to_people(
    connection: AsyncConnection, *, options: Options, event: Event, user_ids: Iterable[int | None]
) -> None:
    """Tell people whose own posts were touched; nobody is told what they did themselves."""
    people = sorted({id for id in user_ids if id is not None and id != event.actor_id})
    if not people:
        return
    said = {
        UserEvent.entity_type: PERSONAL,
        UserEvent.entity_id: 0,
        **_said(UserEvent, event),
    }
    await insert_rows(connection, UserEvent, [{UserEvent.user_id: id, **said} for id in people])

    async def trim(connection: AsyncConnection) -> None:
        await trimming.trim(
            connection,
            options=options,
            streams=trimming.PERSONAL,
            chosen=trimming.of_people,
            values={"people": people},
            question_id=event.question_id,
        )

    await after_commit(connection, trim)


def _said(model: Any, event: Event) -> dict[Any, Any]:
    return {getattr(model, name): value for name, value in event._asdict().items()}


async def tell_of_change(
    connection: AsyncConnection,
    *,
    writer: Writer,
    question: PostRow,
    post: PostRow,
    change: ChangeKind,
) -> None:
    """Tell of what the writer does to a post: whoever follows the question or the writer, and
    the author of the post.
    """
    event = event_of(writer, question=question, post=post, change=change)
    entities = around(question, actor_id=writer.viewer.id)
    options = writer.options
    await to_followers(connection, options=options, event=event, entities=entities)
    await to_people(connection, options=options, event=event, user_ids=[post.author_id])
