"""Trimming: streams of events are kept short (FACTS 7)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of, run
from app.domain.options import Options
from app.domain.placed import PLACED, numbers
from app.models import Favorite, SharedEvent, UserEvent

MOST_OF_ONE_QUESTION = 5
# Streams that a statement ends: every number of them makes another statement, which is kept.
MOST_AT_ONCE = 20


class Streams(NamedTuple):
    """A table of streams, and the attributes that tell the streams apart."""

    model: Any
    keys: tuple[str, ...]


SHARED = Streams(SharedEvent, ("entity_type", "entity_id"))
PERSONAL = Streams(UserEvent, ("user_id",))
# Which rows of a table of streams are meant, given how many values there are to say so.
Chosen = Callable[[int], ColumnElement[bool]]


def of_entities(number: int, *, model: Any = SharedEvent) -> ColumnElement[bool]:
    """Those of so many entities, of which `letter_0` and `entity_0` and so on are given."""
    letter, entity = model.entity_type, model.entity_id
    return or_(
        *(
            and_(letter == bindparam(f"letter_{n}"), entity == bindparam(f"entity_{n}"))
            for n in range(number)
        )
    )


def copied_from(number: int) -> ColumnElement[bool]:
    """Who follows one of so many entities, and has copies of its events."""
    return and_(of_entities(number, model=Favorite), Favorite.reads_shared_events == 0)


def of_followers(number: int) -> ColumnElement[bool]:
    """Those of the followers of so many entities."""
    return UserEvent.user_id.in_(select(Favorite.user_id).where(copied_from(number)))


def of_people(_number: int) -> ColumnElement[bool]:
    """Those of some `people`."""
    return UserEvent.user_id.in_(many("people"))


async def trim(
    connection: AsyncConnection,
    *,
    options: Options,
    streams: Streams,
    chosen: Chosen,
    values: Mapping[str, Any],
    question_id: int,
    number: int = 0,
) -> None:
    """Shorten those of the streams to which one event was one too many.

    First goes what is too much of the event's question; only a stream that has not too much of
    that is shortened as a whole. All that are as old as the first one beyond the bound go.

    :param values: of what `chosen` has room for
    """
    statement = _bounds(streams, chosen, number)
    given = {"question": question_id, **values, **numbers(options, statement)}
    bounds = await rows_of(connection, statement, given)
    of_question = [_Bound(row[:-2], row[-1]) for row in bounds if row[-2]]
    streams_of_question = {bound.stream for bound in of_question}
    in_all = [_Bound(row[:-2], row[-1]) for row in bounds if not row[-2]]
    in_all = [bound for bound in in_all if bound.stream not in streams_of_question]
    await _end(connection, streams, of_question, question_id=question_id)
    await _end(connection, streams, in_all)


class _Bound(NamedTuple):
    """Where a stream is to end: the columns that tell it from others, and a time."""

    stream: tuple[Any, ...]
    since: datetime


async def _end(
    connection: AsyncConnection,
    streams: Streams,
    bounds: Sequence[_Bound],
    *,
    question_id: int | None = None,
) -> None:
    """Delete what lies beyond the bounds.

    :param question_id: only what is about this question; None: everything
    """
    given = {} if question_id is None else {"question": question_id}
    for start in range(0, len(bounds), MOST_AT_ONCE):
        part = bounds[start : start + MOST_AT_ONCE]
        doomed: dict[str, Any] = {}
        for n, (stream, since) in enumerate(part):
            told_apart = zip(streams.keys, stream, strict=True)
            doomed |= {f"{key}_{n}": value for key, value in told_apart}
            doomed[f"since_{n}"] = since
        statement = _ending(streams, len(part), question_id is not None)
        await run(connection, statement, {**given, **doomed})


@prepared
def _bounds(streams: Streams, chosen: Chosen, number: int) -> Select[Any]:
    """The streams that are too long: each with whether it is so by the question, and since when."""
    model = streams.model
    keys = [getattr(model, key) for key in streams.keys]
    newest = model.happened_at.desc()
    in_all = func.row_number().over(partition_by=keys, order_by=newest)
    of_one = func.row_number().over(partition_by=[*keys, model.question_id], order_by=newest)
    placed = (
        select(*keys, model.happened_at, model.question_id)
        .add_columns(in_all.label("in_all"), of_one.label("of_one"))
        .where(chosen(number))
        .subquery("placed")
    )
    too_many_of_one = and_(
        placed.c.of_one == MOST_OF_ONE_QUESTION + 1,
        placed.c[model.question_id.key] == bindparam("question"),
    )
    too_many_in_all = placed.c.in_all == PLACED.max_store_user_updates + 1
    return select(
        *(placed.c[key.key] for key in keys),
        case((too_many_of_one, 1), else_=0),
        placed.c[model.happened_at.key],
    ).where(or_(too_many_in_all, too_many_of_one))


@prepared
def _ending(streams: Streams, number: int, of_question: bool) -> Delete:
    """What is too old in so many streams: all of that, or what is about a question."""
    model, doomed = streams.model, []
    for n in range(number):
        these = [getattr(model, key) == bindparam(f"{key}_{n}") for key in streams.keys]
        doomed.append(and_(*these, model.happened_at <= bindparam(f"since_{n}")))
    about = [model.question_id == bindparam("question")] if of_question else []
    return delete(model).where(*about, or_(*doomed))
