"""What a user did last: posts and changes of posts, one line for each question (FACTS 15)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain import activity, events, pages, threads
from app.domain.activity import ActivityRow
from app.domain.batches import Below
from app.domain.events import Chosen, Event
from app.domain.orders import Key, Order
from app.domain.pages import Page, Shape, Window
from app.domain.posts import NOBODY
from app.models import Post, PostKind

# What to select the posts of a kind from, and which question they are below.
_THREADS: dict[PostKind, tuple[Any, Any]] = {
    PostKind.QUESTION: (Post, Post.id),
    PostKind.ANSWER: (threads.WITH_PARENT, threads.PARENT.id),
    PostKind.COMMENT: (threads.WITH_ANCESTORS, threads.ROOT_ID),
}


async def pages_by_user(
    connection: AsyncConnection, *, wanted: Sequence[Below]
) -> dict[Below, Page[ActivityRow]]:
    """A page for each of `wanted`.

    One user's page is read from the newest events on, however much they have done; for several,
    one statement reads all that they did.

    :raises Invalid: if a cursor is not one of this list
    """
    alike: defaultdict[Window, list[int]] = defaultdict(list)
    for below in wanted:
        alike[below.window].append(below.parent_id)
    found = {}
    for window, user_ids in alike.items():
        if len(user_ids) == 1:
            chosen = Chosen(frozenset(events.KINDS), edited=True, by_id=user_ids[0])
            page = await activity.listing(connection, chosen=chosen, window=window)
            found[Below(user_ids[0], window)] = page
        else:
            found |= await _together(connection, user_ids, window)
    return found


async def _together(
    connection: AsyncConnection, user_ids: Sequence[int], window: Window
) -> dict[Below, Page[ActivityRow]]:
    order = _lines().order
    shape, bounds = pages.shaped(order, window)
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in await rows_of(connection, _ranked(shape), {**bounds, "user_ids": user_ids}):
        event = Event._make(row)
        rows[event.by_id or 0].append((*event, *event.key))
    return {
        Below(user_id, window): pages.paged(
            rows[user_id],
            order=order,
            window=window,
            width=len(Event._fields),
            make=lambda columns: activity.row_of(Event._make(columns)),
        )
        for user_id in user_ids
    }


@prepared
def _ranked(shape: Shape) -> Select[Any]:
    """Per user the lines of the window and one more."""
    line, order = _lines()
    clauses = order.clauses(backwards=shape.backwards)
    rank = func.row_number().over(partition_by=line.c.by_id, order_by=clauses)
    lines = select(*line.c, rank.label("rank_of_line")).where(line.c.place_there == 1)
    ranked = pages.between(lines, order, shape).subquery("ranked")
    statement = select(*(ranked.c[name] for name in Event._fields))
    statement = statement.where(ranked.c.rank_of_line <= bindparam("most", type_=Integer()))
    return statement.order_by(ranked.c.by_id, ranked.c.rank_of_line)


class Lines(NamedTuple):
    """What users did, and at which place from the newest in that question; and the order of it."""

    line: Any
    order: Order


@lru_cache
def _lines() -> Lines:
    event = _events()
    newest = [event.c[name].desc() for name in Event._fields[: events.KEYS]]
    among = (event.c.by_id, event.c.question_id)
    place_there = func.row_number().over(partition_by=among, order_by=newest)
    line = select(*event.c, place_there.label("place_there")).subquery("line")
    return Lines(line, _order(line))


def _order(line: Any) -> Order:
    """The order of `events`, so that cursors are the same, whoever is asked for beside."""
    types = (datetime, int, int, int)
    names = Event._fields[: events.KEYS]
    keys = (Key(line.c[name], type, True) for name, type in zip(names, types, strict=True))
    return Order(events.order(0).name, tuple(keys))


def _events() -> Any:
    """What the users did to posts that everybody sees: wrote them, or changed them."""
    found = []
    for place, kind in enumerate(events.KINDS, start=1):
        source, question_id = _THREADS[kind]
        for edited in (0, 1):
            by_id = Post.changed_by_id if edited else Post.author_id
            at = Post.changed_at if edited else Post.created_at
            statement = select(
                at.label("at"),
                literal(edited).label("edited"),
                literal(place).label("place"),
                Post.id.label("post_id"),
                question_id.label("question_id"),
                (Post.change if edited else null()).label("change"),
                by_id.label("by_id"),
            )
            condition = and_(threads.is_reachable(NOBODY, kind), at.is_not(None))
            among = by_id.in_(many("user_ids"))
            found.append(statement.select_from(source).where(condition, among))
    return union_all(*found).subquery("event")


async def counts_by_user(connection: AsyncConnection, *, user_ids: Sequence[int]) -> dict[int, int]:
    """How many questions each of the users did something at."""
    return dict(await rows_of(connection, _counted(), {"user_ids": user_ids}))


@prepared
def _counted() -> Select[Any]:
    event = _events()
    statement = select(event.c.by_id, func.count(event.c.question_id.distinct()))
    return statement.group_by(event.c.by_id)
