"""The posts below a post, in batches: one statement gives every parent its own page of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import pages
from app.domain.pages import Order, Page, Window
from app.domain.posts import COLUMNS, PostRow
from app.models import Post


class Below(NamedTuple):
    """The part that is wanted of what is below one post, in a named order."""

    parent_id: int
    window: Window
    order: str = ""


async def pages_below(
    connection: AsyncConnection,
    *,
    wanted: Sequence[Below],
    condition: ColumnElement[bool],
    orders: dict[str, Order],
    parent: Any = Post.parent_id,
    source: Any = Post,
) -> dict[Below, Page[PostRow]]:
    """A page for each of `wanted`: one statement for all that ask for the same window and order.

    :param parent: the column that a post is grouped by
    :param source: what is selected from: `Post`, perhaps joined to what `orders` need
    :raises Invalid: if a cursor is not one of this list
    """
    alike: defaultdict[tuple[Window, str], list[int]] = defaultdict(list)
    for below in wanted:
        alike[below.window, below.order].append(below.parent_id)
    found = {}
    for (window, order_name), parent_ids in alike.items():
        order = orders[order_name]
        among = condition & parent.in_(parent_ids)
        rows = await _ranked(connection, among, order, window, parent, source)
        for parent_id in parent_ids:
            page = pages.paged(
                rows[parent_id],
                order=order,
                window=window,
                width=len(COLUMNS),
                make=PostRow._make,
            )
            found[Below(parent_id, window, order_name)] = page
    return found


async def _ranked(
    connection: AsyncConnection,
    condition: ColumnElement[bool],
    order: Order,
    window: Window,
    parent: Any,
    source: Any,
) -> defaultdict[int, list[Sequence[Any]]]:
    """Per parent the rows of the window and one more; contents are read of those only."""
    clauses = order.clauses(backwards=window.backwards)
    place = func.row_number().over(partition_by=parent, order_by=clauses)
    keys = [key.selected.label(f"key_{n}") for n, key in enumerate(order.keys)]
    inner = select(Post.id.label("id"), parent.label("parent"), place.label("place"), *keys)
    inner = inner.select_from(source).where(condition)
    if window.after is not None:
        values = order.values(window.after, field="after")
        inner = inner.where(order.beyond(values, backwards=False))
    if window.before is not None:
        values = order.values(window.before, field="before")
        inner = inner.where(order.beyond(values, backwards=True))
    ranked = inner.subquery("ranked")
    statement = (
        select(*COLUMNS, *(ranked.c[key.name] for key in keys), ranked.c.parent)
        .join_from(ranked, Post, Post.id == ranked.c.id)
        .where(ranked.c.place <= window.size + 1)
        .order_by(ranked.c.parent, ranked.c.place)
    )
    rows: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in await connection.execute(statement):
        rows[row[-1]].append(row[:-1])
    return rows


async def count_below(
    connection: AsyncConnection,
    *,
    parent_ids: Sequence[int],
    condition: ColumnElement[bool],
    parent: Any = Post.parent_id,
    source: Any = Post,
) -> dict[int, int]:
    """How many there are below each of the parents."""
    statement = (
        select(parent, func.count())
        .select_from(source)
        .where(condition & parent.in_(parent_ids))
        .group_by(parent)
    )
    return dict((await connection.execute(statement)).all())
