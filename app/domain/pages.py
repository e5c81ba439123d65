"""Keyset pages: every list is cut by the values it is ordered by, so that page 1,000 costs as much
as page 1, and rows that come or go between two requests are neither repeated nor skipped.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Integer, Select, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared_up_to
from app.db.running import NOTHING, rows_of
from app.domain.errors import Invalid
from app.domain.orders import Order

MOST = 100
# All lists' statements are kept together: a site's clients ask for few kinds of each.
MOST_LISTS = 500
Item = TypeVar("Item")
Made = TypeVar("Made")


class Window(NamedTuple):
    """Which part of a list is wanted: `size` items from its head, or its tail if `backwards`.

    `after` and `before` are cursors of the same list.
    """

    size: int
    backwards: bool = False
    after: str | None = None
    before: str | None = None


def window(
    *,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    default: int,
) -> Window:
    """The window that a client's arguments ask for; `default` items where neither end is given.

    :raises Invalid: if `first` or `last` is not 1..100, or if both are given
    """
    if first is not None and last is not None:
        raise Invalid("last", "Give `first` or `last`, not both.")
    for name, value in (("first", first), ("last", last)):
        if value is not None and not 1 <= value <= MOST:
            raise Invalid(name, f"`{name}` must be between 1 and {MOST}.")
    if last is not None:
        return Window(last, True, after, before)
    # A list that only says where it ends is read backwards from there.
    backwards = first is None and before is not None and after is None
    return Window(first or min(max(default, 1), MOST), backwards, after, before)


class Page(NamedTuple, Generic[Item]):
    """Part of a list, in the list's order whichever end it was read from.

    `rows` are those that the items were made of; the values of `order` begin at column `width`.
    """

    items: list[Item]
    rows: Sequence[Sequence[Any]]
    width: int
    order: Order
    has_next: bool
    has_previous: bool

    def cursor(self, number: int) -> str:
        """The place in the list of an item of this page."""
        end = self.width + len(self.order.keys)
        return self.order.cursor(self.rows[number][self.width : end])

    def only(self, numbers: Sequence[int], items: list[Made]) -> "Page[Made]":
        """The page without all but the items with these numbers, and `items` in their place."""
        rows = [self.rows[number] for number in numbers]
        return Page(items, rows, self.width, self.order, self.has_next, self.has_previous)


EMPTY: Page[Any] = Page([], (), 0, Order("", ()), has_next=False, has_previous=False)


class Shape(NamedTuple):
    """What a statement has to know of a window before it knows the values in its cursors.

    `after` and `before` say of each value of a cursor whether it is missing.
    """

    backwards: bool
    after: tuple[bool, ...] | None = None
    before: tuple[bool, ...] | None = None


Build = Callable[..., Select[Any]]


@prepared_up_to(MOST_LISTS)
def _listed(build: Build, arguments: tuple[Any, ...], order: Order, shape: Shape) -> Select[Any]:
    return cut(build(*arguments), order, shape)


async def fetch(
    connection: AsyncConnection,
    build: Build,
    *arguments: Hashable,
    values: Mapping[str, Any] = NOTHING,
    order: Order,
    window: Window,
    make: Callable[[Sequence[Any]], Item],
) -> Page[Item]:
    """A page of a list, in one statement that reads one row more than wanted.

    :param build: makes the statement, once for its arguments and the shape of the window
    :param values: of what is bound in the statement that `build` makes
    :param make: makes an item of the statement's columns
    :raises Invalid: if a cursor is not one of this list
    """
    shape, bounds = shaped(order, window)
    statement = _listed(build, arguments, order, shape)
    rows = await rows_of(connection, statement, {**values, **bounds})
    width = statement.width - len(order.keys)
    return paged(rows, order=order, window=window, width=width, make=make)


def shaped(order: Order, window: Window) -> tuple[Shape, dict[str, Any]]:
    """The window's shape, and the values that `cut` and `between` leave room for.

    :raises Invalid: if a cursor is not one of this list
    """
    if window.after is None and window.before is None:
        return Shape(window.backwards), {"most": window.size + 1}
    missing: dict[str, tuple[bool, ...]] = {}
    bounds: dict[str, Any] = {"most": window.size + 1}
    for end, cursor in (("after", window.after), ("before", window.before)):
        if cursor is not None:
            values = order.values(cursor, field=end)
            missing[end] = tuple(value is None for value in values)
            bounds |= {f"{end}_{n}": v for n, v in enumerate(values) if v is not None}
    return Shape(window.backwards, **missing), bounds


def cut(statement: Select[Any], order: Order, shape: Shape) -> Select[Any]:
    """The statement with the order's keys as last columns, cut to the window and one row more.

    It has room for the values of `shaped`.
    """
    bounded = between(statement.add_columns(*(key.selected for key in order.keys)), order, shape)
    bounded = bounded.order_by(*order.clauses(backwards=shape.backwards))
    return bounded.limit(bindparam("most", type_=Integer()))


def between(statement: Select[Any], order: Order, shape: Shape) -> Select[Any]:
    """The statement with only what lies between the window's cursors, of which it has room for
    the values.
    """
    for end, missing in (("after", shape.after), ("before", shape.before)):
        if missing is not None:
            room = [
                None if is_missing else bindparam(f"{end}_{n}", type_=key.selected.type)
                for n, (key, is_missing) in enumerate(zip(order.keys, missing, strict=True))
            ]
            beyond = order.beyond(tuple(room), backwards=end == "before")
            statement = statement.where(beyond)
    return statement


def paged(
    rows: Sequence[Any],
    *,
    order: Order,
    window: Window,
    width: int,
    make: Callable[[Sequence[Any]], Item],
) -> Page[Item]:
    """The page that the rows of a statement make that was `cut`; `width` columns belong to the
    item, those behind them are the order's keys, and what comes then is nobody's.
    """
    more = len(rows) > window.size
    kept = rows[: window.size]
    if window.backwards:
        kept = kept[::-1]
    return Page(
        items=[make(row[:width]) for row in kept],
        rows=kept,
        width=width,
        order=order,
        # Whatever a cursor named was there when it was given out.
        has_next=window.before is not None if window.backwards else more,
        has_previous=more if window.backwards else window.after is not None,
    )
