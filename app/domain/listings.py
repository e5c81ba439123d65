"""Several lists of questions at once, such as those of all the tags on a page."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, Subquery, func, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared_up_to
from app.db.running import Values, rows_of
from app.domain import pages, posts, questions
from app.domain.categories import CategoryTree
from app.domain.orders import Order
from app.domain.pages import Page, Shape, Window
from app.domain.posts import Detail, PostRow
from app.domain.questions import MOST_OF_SEVERAL, Filters, Narrowing, QuestionOrder
from app.models import Post

# RDS Proxy pins a connection for a statement beyond 16 kB: more lists go in several statements.
MOST_AT_ONCE = 16


class Listing(NamedTuple):
    """The part that is wanted of one list of questions."""

    filters: Filters
    order_by: QuestionOrder
    window: Window


async def fetch(
    connection: AsyncConnection, *, tree: CategoryTree, wanted: Sequence[Listing], detail: Detail
) -> dict[Listing, Page[PostRow]]:
    """A page for each of `wanted`; a statement serves up to 16 of the same order and window,
    and another one before it the newest with a tag.

    Every list is cut by itself, so that a long one costs no more than a short one.

    :raises Invalid: if a cursor is not one of its list
    """
    alike: defaultdict[tuple[Order, Window], list[Listing]] = defaultdict(list)
    for listing in wanted:
        alike[questions.order_of(listing.filters, listing.order_by), listing.window].append(listing)
    found: dict[Listing, Page[PostRow]] = {}
    for (order, window), listings in alike.items():
        for start in range(0, len(listings), MOST_AT_ONCE):
            part = listings[start : start + MOST_AT_ONCE]
            found |= await _pages(connection, tree, part, order, window, detail)
    return found


async def counts(
    connection: AsyncConnection, *, tree: CategoryTree, wanted: Sequence[Filters]
) -> dict[Filters, int]:
    """How many questions each of the lists has; a statement counts up to 16."""
    found: dict[Filters, int] = {}
    for start in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[start : start + MOST_AT_ONCE]
        narrowings, values = _narrowed(part, tree)
        rows = await rows_of(connection, _counted(narrowings), values)
        found |= {part[place]: count for place, count in rows}
    return found


@prepared_up_to(MOST_OF_SEVERAL)
def _counted(narrowings: tuple[Narrowing, ...]) -> CompoundSelect[Any]:
    branches = [
        questions.among(_numbered(place, func.count()), narrowing, place)
        for place, narrowing in enumerate(narrowings)
    ]
    return union_all(*branches)


def _narrowed(
    wanted: Sequence[Filters], tree: CategoryTree
) -> tuple[tuple[Narrowing, ...], Values]:
    """The kinds of the filters, and the values of all of them, each by its place."""
    kinds: list[Narrowing] = []
    values: dict[str, Any] = {}
    for place, filters in enumerate(wanted):
        narrowing, given = questions.narrowed(filters, tree, place)
        kinds.append(narrowing)
        values |= given
    return tuple(kinds), values


def _numbered(place: int, *columns: Any) -> Select[Any]:
    return select(literal_column(str(place)).label("place"), *columns)


async def _pages(
    connection: AsyncConnection,
    tree: CategoryTree,
    listings: Sequence[Listing],
    order: Order,
    window: Window,
    detail: Detail,
) -> dict[Listing, Page[PostRow]]:
    narrowings, values = _narrowed([listing.filters for listing in listings], tree)
    ends = await questions.edges(
        connection, narrowings=narrowings, order=order, window=window, values=values
    )
    shape, bounds = pages.shaped(order, window)
    statement = _statement(narrowings, order, shape, detail)
    rows: list[list[Sequence[Any]]] = [[] for _ in listings]
    for row in await rows_of(connection, statement, {**values, **ends, **bounds}):
        rows[row[-1]].append(row[:-1])
    read = posts.selection(detail)
    width = len(read.columns)
    return {
        listing: pages.paged(its, order=order, window=window, width=width, make=read.make)
        for listing, its in zip(listings, rows, strict=True)
    }


def _found(narrowings: Sequence[Narrowing], order: Order, shape: Shape) -> Subquery:
    """The places of the lists, and in them the ids and the keys of what is in their windows."""
    names = _names(order)
    keys = [key.selected.label(name) for key, name in zip(order.keys, names, strict=True)]
    branches = []
    for place, narrowing in enumerate(narrowings):
        statement = questions.among(select(), narrowing, place)
        statement = questions.up_to(statement, order, backwards=shape.backwards, place=place)
        columns = [literal_column(str(place)).label("place"), Post.id.label("id"), *keys]
        bounded = pages.cut(statement, order, shape)
        branches.append(select(bounded.with_only_columns(*columns).subquery()))
    return union_all(*branches).subquery("found")


def _names(order: Order) -> list[str]:
    return [f"key_{n}" for n in range(len(order.keys))]


@prepared_up_to(MOST_OF_SEVERAL)
def _statement(
    narrowings: tuple[Narrowing, ...], order: Order, shape: Shape, detail: Detail
) -> Select[Any]:
    """The rows of what was found: contents are read of those only that are given out."""
    found = _found(narrowings, order, shape)
    read, names = posts.selection(detail), _names(order)
    clauses = [
        found.c[name].desc() if key.descending != shape.backwards else found.c[name].asc()
        for key, name in zip(order.keys, names, strict=True)
    ]
    columns = (*read.columns, *(found.c[name] for name in names), found.c.place)
    statement = read.joined(select(*columns).join_from(found, Post, Post.id == found.c.id))
    return statement.order_by(found.c.place, *clauses)
