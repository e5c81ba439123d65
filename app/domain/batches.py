"""The same list of many parents, in batches: every parent gets its own page in one statement."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import NOTHING, rows_of
from app.domain import pages
from app.domain.orders import Order
from app.domain.pages import Page, Shape, Window

Item = TypeVar("Item")
Row = Sequence[Any]
# Viewers differ in what they see, but not in many ways.
MOST_KINDS = 100
# How much longer than another a list may be that is read together with it.
MOST_TIMES = 2
# Short lists are read together to their ends if they have fewer rows than this, or than is wanted,
# but never more than so many.
FEW, MANY = 50, 1_000
# Where they proved to be long, so many batches alike are not tried again.
SPARED = 20


class Below(NamedTuple):
    """The part that is wanted of the list of one parent, where there are several in `order`."""

    parent_id: int
    window: Window
    order: str = ""


@dataclass(frozen=True, eq=False)
class ListKind(Generic[Item]):
    """What a list consists of, whoever it belongs to. There is one object of each kind.

    `id` is the key of the table that `columns` are read from, `source` that table, perhaps joined
    to others, `parent` the column that says whose list a row is in. `joined` adds to a statement
    what else the columns come from. `is_short`: no index cuts such a list, which is read to its end
    anyway; then lists of different lengths are read together, and as a whole while they are few.
    Such a list is ordered by numbers and times only. `spared`: how many batches are not to be tried
    so, by how many rows they want of each list.
    """

    columns: Sequence[Any]
    make: Callable[[Sequence[Any]], Item]
    id: Any
    parent: Any
    source: Any
    condition: ColumnElement[bool]
    order: Order
    joined: Callable[[Select[Any]], Select[Any]] = lambda statement: statement
    is_short: bool = False
    spared: dict[int, int] = field(default_factory=dict)


async def pages_by_parent(
    connection: AsyncConnection,
    *,
    kind: ListKind[Item],
    wanted: Sequence[Below],
    values: Mapping[str, Any] = NOTHING,
) -> dict[Below, Page[Item]]:
    """A page for each of `wanted`: one statement for all that ask for the same window, and for
    windows of similar sizes where lists are short; or two where those prove to be long.

    :param values: of what is bound in the kind's condition
    :raises Invalid: if a cursor is not one of this list
    """
    found = {}
    for belows in _together(wanted, sizes_differ=kind.is_short):
        if len(belows) == 1:
            # Cut by an index: its cost does not depend on how long the list is.
            found[belows[0]] = await pages.fetch(
                connection,
                _of_parent,
                kind,
                values={**values, "parent_id": belows[0].parent_id},
                order=kind.order,
                window=belows[0].window,
                make=kind.make,
            )
            continue
        rows = await _rows_by_parent(connection, kind=kind, wanted=belows, values=values)
        for below in belows:
            found[below] = pages.paged(
                rows[below.parent_id],
                order=kind.order,
                window=below.window,
                width=len(kind.columns),
                make=kind.make,
            )
    return found


async def _rows_by_parent(
    connection: AsyncConnection,
    *,
    kind: ListKind[Any],
    wanted: Sequence[Below],
    values: Mapping[str, Any],
) -> dict[int, list[Row]]:
    """The rows of several lists, by the parent: as many of each as the longest window takes, and
    one more; of lists that are short, perhaps all.
    """
    ids = list({below.parent_id for below in wanted})
    most = max(below.window.size for below in wanted)
    shape, bounds = pages.shaped(kind.order, wanted[0].window._replace(size=most))
    bounds |= {**values, "parent_ids": ids}
    found: Sequence[Row] | None = None
    if kind.is_short:
        found = await _all_rows(connection, kind, shape, bounds)
    if found is None:
        found = await rows_of(connection, _ranked(kind, shape), bounds)
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for row in found:
        rows[row[-1]].append(row)
    return rows


async def _all_rows(
    connection: AsyncConnection, kind: ListKind[Any], shape: Shape, bounds: Mapping[str, Any]
) -> Sequence[Row] | None:
    """All rows of several lists, in the list's order; None if they are too many, or lately were, or
    some have no place in the order.
    """
    most: int = bounds["most"]
    if spared := kind.spared.get(most):
        kind.spared[most] = spared - 1
        return None
    enough = min(max(FEW, len(bounds["parent_ids"]) * most), MANY)
    rows = [*await rows_of(connection, _whole(kind, shape), {**bounds, "enough": enough})]
    if len(rows) == enough:
        kind.spared[most] = SPARED
        return None
    last = len(kind.columns) + len(kind.order.keys) - 1
    try:
        for place, key in enumerate(reversed(kind.order.keys)):
            descending = key.descending != shape.backwards
            rows.sort(key=itemgetter(last - place), reverse=descending)
    except TypeError:
        # Dates that do not exist come as text.
        return None
    return rows


def _together(wanted: Sequence[Below], *, sizes_differ: bool) -> list[list[Below]]:
    """What one statement reads each: windows alike, or that differ in their sizes, if they may, and
    not much.

    As many rows are read of each list as of the longest.
    """
    alike: defaultdict[Window, list[Below]] = defaultdict(list)
    for below in wanted:
        alike[below.window].append(below)
    if len(alike) == 1 or not sizes_differ:
        return list(alike.values())
    groups: list[list[Below]] = []
    newest: dict[Window, list[Below]] = {}
    for window in sorted(alike, key=lambda window: window.size):
        ends = window._replace(size=0)
        group = newest.get(ends)
        if group is None or window.size > MOST_TIMES * group[0].window.size:
            group = newest[ends] = []
            groups.append(group)
        group += alike[window]
    return groups


def _of_parent(kind: ListKind[Any]) -> Select[Any]:
    is_below = kind.parent == bindparam("parent_id")
    statement = kind.joined(select(*kind.columns).select_from(kind.source))
    return statement.where(kind.condition, is_below)


@prepared
def _whole(kind: ListKind[Any], shape: Shape) -> Select[Any]:
    """The lists with all that is in them, in no order, while that is not too much: to number or to
    sort rows takes the server longer than to read a few more. Columns are those of `_ranked`.
    """
    keys = [key.selected.label(f"key_{n}") for n, key in enumerate(kind.order.keys)]
    columns = (*kind.columns, *keys, kind.parent.label("parent"))
    among = kind.parent.in_(many("parent_ids"))
    listed = kind.joined(select(*columns).select_from(kind.source)).where(kind.condition, among)
    return pages.between(listed, kind.order, shape).limit(bindparam("enough", type_=Integer()))


@prepared
def _ranked(kind: ListKind[Any], shape: Shape) -> Select[Any]:
    """Per parent the rows of the window and one more; contents are read of those only.

    Behind the columns stand the keys of the order, and the parent.
    """
    order, parent = kind.order, kind.parent
    clauses = order.clauses(backwards=shape.backwards)
    place = func.row_number().over(partition_by=parent, order_by=clauses)
    keys = [key.selected.label(f"key_{n}") for n, key in enumerate(order.keys)]
    columns = (kind.id.label("id"), parent.label("parent"), place.label("place"), *keys)
    inner: Select[Any] = select(*columns).select_from(kind.source)
    among = parent.in_(many("parent_ids"))
    ranked = pages.between(inner.where(kind.condition, among), order, shape).subquery("ranked")
    outer = select(*kind.columns, *(ranked.c[key.name] for key in keys), ranked.c.parent)
    return (
        kind.joined(outer.join_from(ranked, kind.id.table, kind.id == ranked.c.id))
        .where(ranked.c.place <= bindparam("most", type_=Integer()))
        .order_by(ranked.c.parent, ranked.c.place)
    )


async def counts_by_parent(
    connection: AsyncConnection,
    *,
    kind: ListKind[Item],
    parent_ids: Sequence[int],
    values: Mapping[str, Any] = NOTHING,
) -> dict[int, int]:
    """How long the list of each parent is."""
    bounds = {**values, "parent_ids": parent_ids}
    return dict(await rows_of(connection, _counted(kind), bounds))


@prepared
def _counted(kind: ListKind[Any]) -> Select[Any]:
    return (
        select(kind.parent, func.count())
        .select_from(kind.source)
        .where(kind.condition, kind.parent.in_(many("parent_ids")))
        .group_by(kind.parent)
    )
