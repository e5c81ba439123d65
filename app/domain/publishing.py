"""Publishing: putting what happened into the streams of those who follow it (FACTS 7).

Every followed thing has a shared stream; people get copies of its events as long as it has few
followers. Streams are kept short.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.transactions import after_commit
from app.domain.changes import ChangeKind
from app.domain.favorites import FavoriteKind
from app.domain.options import Options
from app.domain.posts import PostRow
from app.domain.updates import PERSONAL
from app.domain.writing import Writer
from app.models import Favorite, SharedEvent, UserEvent, Word

MOST_OF_ONE_QUESTION = 5


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
    # The column's collation finds others, too; of a word that is there twice, the older one counts.
    query = select(Word.text, Word.id).where(Word.text.in_(names)).order_by(Word.id.desc())
    found = dict((await connection.execute(query)).all())
    ids = [found[name] for name in names if name in found]
    return [Entity(FavoriteKind.TAG.value, id) for id in ids]


async def to_followers(
    connection: AsyncConnection, *, options: Options, event: Event, entities: Sequence[Entity]
) -> None:
    """Tell those who follow one of these; each of these has the event in its own stream, too."""
    if not entities:
        return
    rows = [
        {"entity_type": entity.type, "entity_id": entity.id, **event._asdict()}
        for entity in entities
    ]
    await connection.execute(insert(SharedEvent).values(rows))
    copied = and_(_among(Favorite, entities), Favorite.reads_shared_events == 0)
    columns = ("user_id", "entity_type", "entity_id")
    targets = [getattr(UserEvent, name) for name in (*columns, *event._fields)]
    # With the columns' own types: SQLite compares times as texts, which have to look the same.
    values = [
        literal(value, column.type)
        for value, column in zip(event, targets[len(columns) :], strict=True)
    ]
    copies = select(*(getattr(Favorite, name) for name in columns), *values)
    await connection.execute(insert(UserEvent).from_select(targets, copies.where(copied)))

    followers = UserEvent.user_id.in_(select(Favorite.user_id).where(copied))

    async def trim(connection: AsyncConnection) -> None:
        shared = _among(SharedEvent, entities)
        await _trim(connection, options, event, SHARED_STREAMS, shared)
        await _trim(connection, options, event, PERSONAL_STREAMS, followers)

    # Whoever trims wants old events alone that others look through, too (decision 50).
    await after_commit(connection, trim)


async def to_people(
    connection: AsyncConnection, *, options: Options, event: Event, user_ids: Iterable[int | None]
) -> None:
    """Tell people whose own posts were touched; nobody is told what they did themselves."""
    people = sorted({id for id in user_ids if id is not None and id != event.actor_id})
    if not people:
        return
    rows = [
        {"user_id": id, "entity_type": PERSONAL, "entity_id": 0, **event._asdict()} for id in people
    ]
    await connection.execute(insert(UserEvent).values(rows))

    async def trim(connection: AsyncConnection) -> None:
        theirs = UserEvent.user_id.in_(people)
        await _trim(connection, options, event, PERSONAL_STREAMS, theirs)

    await after_commit(connection, trim)


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


def _among(model: Any, entities: Iterable[Entity]) -> ColumnElement[bool]:
    return or_(*(and_(model.entity_type == type, model.entity_id == id) for type, id in entities))


class _Streams(NamedTuple):
    """A table of streams, and the columns that tell the streams apart."""

    model: Any
    keys: Sequence[Any]


SHARED_STREAMS = _Streams(SharedEvent, (SharedEvent.entity_type, SharedEvent.entity_id))
PERSONAL_STREAMS = _Streams(UserEvent, (UserEvent.user_id,))


async def _trim(
    connection: AsyncConnection,
    options: Options,
    event: Event,
    streams: _Streams,
    condition: ColumnElement[bool],
) -> None:
    """Shorten those of the streams to which one event was one too many.

    First goes what is too much of the event's question; only a stream that has not too much of
    that is shortened as a whole. All that are as old as the first one beyond the bound go.
    """
    model, keys = streams
    bounds = await _bounds(connection, options, event, streams, condition)
    of_question = {stream for stream, is_of_question, _ in bounds if is_of_question}
    doomed = []
    for stream, is_of_question, since in bounds:
        if is_of_question == (stream in of_question):
            named = [key == value for key, value in zip(keys, stream, strict=True)]
            of_one = [model.question_id == event.question_id] if is_of_question else []
            doomed.append(and_(*named, *of_one, model.happened_at <= since))
    if doomed:
        await connection.execute(delete(model).where(or_(*doomed)))


async def _bounds(
    connection: AsyncConnection,
    options: Options,
    event: Event,
    streams: _Streams,
    condition: ColumnElement[bool],
) -> list[tuple[tuple[Any, ...], bool, datetime]]:
    """The streams that are too long: each with whether it is so by the question, and since when."""
    model, keys = streams
    newest = model.happened_at.desc()
    in_all = func.row_number().over(partition_by=keys, order_by=newest)
    of_one = func.row_number().over(partition_by=[*keys, model.question_id], order_by=newest)
    placed = (
        select(*keys, model.happened_at, model.question_id)
        .add_columns(in_all.label("in_all"), of_one.label("of_one"))
        .where(condition)
        .subquery("placed")
    )
    too_many_of_one = and_(
        placed.c.of_one == MOST_OF_ONE_QUESTION + 1,
        placed.c[model.question_id.key] == event.question_id,
    )
    too_many_in_all = placed.c.in_all == options.max_store_user_updates + 1
    query = select(
        *(placed.c[key.key] for key in keys),
        case((too_many_of_one, 1), else_=0),
        placed.c[model.happened_at.key],
    ).where(or_(too_many_in_all, too_many_of_one))
    return [
        (tuple(stream), bool(is_of_question), since)
        for *stream, is_of_question, since in await connection.execute(query)
    ]
