"""The same list of many parents, in batches: every parent gets its own page in one statement."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import pages
from app.domain.pages import Order, Page, Window

Item = TypeVar("Item")


class Below(NamedTuple):
    """The part that is wanted of the list of one parent, where there are several in `order`."""

    parent_id: int
    window: Window
    order: str = ""


class ListKind(NamedTuple, Generic[Item]):
    """What a list consists of, whoever it belongs to.

    `id` is the key of the table that `columns` are read from, `source` that table, perhaps joined
    to others, `parent` the column that says whose list a row is in.
    """

    columns: Sequence[Any]
    make: Callable[[Sequence[Any]], Item]
    id: Any
    parent: Any
    source: Any
    condition: ColumnElement[bool]
    order: Order


async def pages_by_parent(
    connection: AsyncConnection, *, kind: ListKind[Item], wanted: Sequence[Below]
) -> dict[Below, Page[Item]]:
    """A page for each of `wanted`: one statement for all that ask for the same window.

    :raises Invalid: if a cursor is not one of this list
    """
    alike: defaultdict[Window, list[Below]] = defaultdict(list)
    for below in wanted:
        alike[below.window].append(below)
    found = {}
    for window, belows in alike.items():
        if len(belows) == 1:
            found[belows[0]] = await _single(connection, kind, belows[0].parent_id, window)
            continue
        rows = await _ranked(connection, kind, [below.parent_id for below in belows], window)
        for below in belows:
            found[below] = pages.paged(
                rows[below.parent_id],
                order=kind.order,
                window=window,
                width=len(kind.columns),
                make=kind.make,
            )
    return found


async def _single(
    connection: AsyncConnection, kind: ListKind[Item], parent_id: int, window: Window
) -> Page[Item]:
    """The page of one parent, cut by an index: its cost does not depend on how long the list is."""
    statement = (
        select(*kind.columns)
        .select_from(kind.source)
        .where(kind.condition, kind.parent == parent_id)
    )
    return await pages.fetch(
        connection, statement=statement, order=kind.order, window=window, make=kind.make
    )


async def _ranked(
    connection: AsyncConnection, kind: ListKind[Item], parent_ids: list[int], window: Window
) -> defaultdict[int, list[Sequence[Any]]]:
    """Per parent the rows of the window and one more; contents are read of those only."""
    order, parent = kind.order, kind.parent
    clauses = order.clauses(backwards=window.backwards)
    place = func.row_number().over(partition_by=parent, order_by=clauses)
    keys = [key.selected.label(f"key_{n}") for n, key in enumerate(order.keys)]
    columns = (kind.id.label("id"), parent.label("parent"), place.label("place"), *keys)
    inner: Select[Any] = select(*columns).select_from(kind.source)
    inner = pages.within(inner.where(kind.condition, parent.in_(parent_ids)), order, window)
    ranked = inner.subquery("ranked")
    statement = (
        select(*kind.columns, *(ranked.c[key.name] for key in keys), ranked.c.parent)
        .join_from(ranked, kind.id.class_, kind.id == ranked.c.id)
        .where(ranked.c.place <= window.size + 1)
        .order_by(ranked.c.parent, ranked.c.place)
    )
    rows: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in (await connection.execute(statement)).all():
        rows[row[-1]].append(row[:-1])
    return rows


async def counts_by_parent(
    connection: AsyncConnection, *, kind: ListKind[Item], parent_ids: Sequence[int]
) -> dict[int, int]:
    """How long the list of each parent is."""
    statement = (
        select(kind.parent, func.count())
        .select_from(kind.source)
        .where(kind.condition, kind.parent.in_(parent_ids))
        .group_by(kind.parent)
    )
    return dict((await connection.execute(statement)).all())
