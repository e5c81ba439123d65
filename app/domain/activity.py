"""Activity: what happened last on the site, one line for each question (FACTS 15)."""

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import value_of
from app.domain import categories, events, pages
from app.domain.categories import CategoryRow, CategoryTree
from app.domain.events import Chosen, Event, Span
from app.domain.orders import Key, KeyValues, Order
from app.domain.pages import Page, Window
from app.domain.posts import COLUMNS, NOBODY, PostRow
from app.domain.threads import WITH_ANCESTORS, WITH_PARENT, is_reachable
from app.models import Post, PostKind

MOST_EVENTS = 1000
NEWEST = (Key(Post.created_at, datetime, True), Key(Post.id, int, True))
RECENT_ORDERS = {
    PostKind.ANSWER: Order("recent-answers", NEWEST),
    PostKind.COMMENT: Order("recent-comments", NEWEST),
}


class ActivityKind(Enum):
    """What can happen; the value is the letter of the posts that it happens to, if of one kind."""

    ASKED = "Q"
    ANSWERED = "A"
    COMMENTED = "C"
    EDITED = ""


class ActivityRow(NamedTuple):
    """Something that happened to a post below, or at, a question; `at` is in the tables' zone.

    `change` is the code of the change if the post was changed (FACTS 2), `by_id` who did it.
    """

    question_id: int
    post_id: int
    kind: ActivityKind
    change: str | None
    at: datetime
    by_id: int | None


def chosen_of(
    kinds: Collection[ActivityKind], *, tree: CategoryTree, category: CategoryRow | None
) -> Chosen:
    """The events of these kinds, in a category and below it if one is given."""
    return Chosen(
        written=frozenset(PostKind(kind.value) for kind in kinds if kind.value),
        edited=ActivityKind.EDITED in kinds,
        depth=tree.depth(category),
        category_id=category.id if category else None,
    )


async def listing(
    connection: AsyncConnection, *, chosen: Chosen, window: Window
) -> Page[ActivityRow]:
    """A page of lines, each the newest event of its question; the newest lines come first.

    Events are read in steps, in the order of the list, until enough of them are the newest of
    their questions. What a step costs depends on the threads that it meets, not on the site.

    :raises Invalid: if a cursor is not one of this list
    """
    order = events.order(0)
    span = Span(
        after=order.values(window.after, field="after") if window.after is not None else None,
        before=order.values(window.before, field="before") if window.before is not None else None,
        backwards=window.backwards,
    )
    lines = await _lines(connection, chosen, span, window.size + 1)
    return pages.paged(
        [(*event, *event.key) for event in lines],
        order=order,
        window=window,
        width=len(Event._fields),
        make=lambda columns: row_of(Event._make(columns)),
    )


async def _lines(
    connection: AsyncConnection, chosen: Chosen, span: Span, wanted: int
) -> list[Event]:
    lines: list[Event] = []
    newest: dict[int, KeyValues] = {}
    # From the top of the list, what is met first of a question is its newest event.
    from_top = span.after is None and not span.backwards
    limit = 4 * wanted
    while len(lines) < wanted:
        step = await events.walk(connection, chosen=chosen, span=span, limit=limit)
        unknown = {event.question_id for event in step} - newest.keys()
        if from_top:
            newest |= {e.question_id: e.key for e in reversed(step) if e.question_id in unknown}
        elif unknown:
            newest |= await events.newest(connection, chosen=chosen, question_ids=sorted(unknown))
        lines += [event for event in step if newest.get(event.question_id) == event.key]
        if len(step) < limit:
            break
        last = step[-1].key
        span = span._replace(before=last) if span.backwards else span._replace(after=last)
        limit = min(2 * limit, MOST_EVENTS)
    return lines[:wanted]


def row_of(event: Event) -> ActivityRow:
    """The line that an event makes."""
    kind = ActivityKind.EDITED if event.edited else ActivityKind(event.kind.value)
    return ActivityRow(event.question_id, event.post_id, kind, event.change, event.at, event.by_id)


async def count(connection: AsyncConnection, *, chosen: Chosen) -> int:
    """How many lines the list has."""
    return await events.count_questions(connection, chosen=chosen)


async def recent(
    connection: AsyncConnection,
    *,
    kind: PostKind,
    tree: CategoryTree,
    category: CategoryRow | None,
    window: Window,
) -> Page[PostRow]:
    """A page of the visible answers, or comments, of the site, newest first.

    :raises Invalid: if a cursor is not one of this list
    """
    return await pages.fetch(
        connection,
        _recent,
        *(kind, tree.depth(category)),
        values={"category_id": category.id} if category else {},
        order=RECENT_ORDERS[kind],
        window=window,
        make=PostRow.of,
    )


async def count_recent(
    connection: AsyncConnection,
    *,
    kind: PostKind,
    tree: CategoryTree,
    category: CategoryRow | None,
) -> int:
    """How many posts of this kind the site, or the category, has."""
    values = {"category_id": category.id} if category else {}
    counted: int = await value_of(connection, _counted(kind, tree.depth(category)), values)
    return counted


def _recent(kind: PostKind, depth: int) -> Select[Any]:
    # The order of the joins is that of the list: no other lets MySQL stop after the limit.
    return _of_kind(select(*COLUMNS), kind, depth).prefix_with("STRAIGHT_JOIN", dialect="mysql")


@prepared
def _counted(kind: PostKind, depth: int) -> Select[Any]:
    return _of_kind(select(func.count()), kind, depth)


def _of_kind(statement: Select[Any], kind: PostKind, depth: int) -> Select[Any]:
    """:param depth: that of the category that they are in or below, 0 where any will do"""
    source = WITH_PARENT if kind is PostKind.ANSWER else WITH_ANCESTORS
    found = statement.select_from(source).where(is_reachable(NOBODY, kind))
    if not depth:
        return found
    return found.where(categories.below_one_of(depth, bindparam("category_id")))
