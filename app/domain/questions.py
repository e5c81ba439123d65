"""Questions: the lists of them, and the orders they come in (FACTS 15)."""

from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, join, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import as_double
from app.db.prepared import prepared, prepared_up_to
from app.db.running import Values, rows_of, value_of
from app.domain import categories, pages, posts
from app.domain.categories import CategoryRow, CategoryTree
from app.domain.orders import Key, Order
from app.domain.pages import Page, Shape, Window
from app.domain.posts import WHOLE, Detail, PostRow
from app.models import Post, PostKind, PostTag
from app.models.kinds import post_type


class QuestionOrder(Enum):
    NEWEST = "newest"
    HOT = "hot"
    VOTES = "votes"
    ANSWERS = "answers"
    VIEWS = "views"


class Unanswered(Enum):
    """Open questions that still lack something; the value only names the kind in cursors."""

    NO_ANSWER = "no-answer"
    NO_ACCEPTED = "no-accepted"
    NO_UPVOTED = "no-upvoted"


_NEWEST = (Key(Post.created_at, datetime, True), Key(Post.id, int, True))
# Each is an index of q2a's read backwards, the id that closes it included.
ORDERS = {
    QuestionOrder.NEWEST: Order("newest", _NEWEST),
    QuestionOrder.HOT: Order(
        "hot",
        (
            Key(Post.hotness, float, True, as_double(Post.hotness), nullable=True),
            Key(Post.id, int, True),
        ),
    ),
    QuestionOrder.VOTES: Order("votes", (Key(Post.score, int, True), *_NEWEST)),
    QuestionOrder.ANSWERS: Order("answers", (Key(Post.answer_count, int, True), *_NEWEST)),
    QuestionOrder.VIEWS: Order("views", (Key(Post.view_count, int, True), *_NEWEST)),
}
TAGGED_NEWEST = Order(
    "tagged", (Key(PostTag.post_created_at, datetime, True), Key(PostTag.post_id, int, True))
)
VISIBLE_QUESTION = post_type(PostKind.QUESTION)
# Statements about several lists are long: some 20 kB for each list.
MOST_OF_SEVERAL = 50
# Ends of a list whose window reaches further than the list.
EARLIEST, LATEST = (datetime.fromisoformat(day) for day in ("1000-01-01", "9999-12-31"))


class Filters(NamedTuple):
    """Which questions a list is about; every part given narrows it.

    `tag_id` is a `words` id.
    """

    unanswered: Unanswered | None = None
    tag_id: int | None = None
    category: CategoryRow | None = None


class Narrowing(NamedTuple):
    """What a statement has to know of `Filters` before it knows the values in them.

    `depth` is that of the category, 0 where there is none.
    """

    unanswered: Unanswered | None
    is_tagged: bool
    depth: int


def narrowed(filters: Filters, tree: CategoryTree, place: int = 0) -> tuple[Narrowing, Values]:
    """The kind of the filters, and the values that `among` leaves room for.

    :param place: tells lists apart that one statement reads
    """
    category = filters.category
    values = {f"tag_{place}": filters.tag_id, f"category_{place}": category and category.id}
    given = {name: value for name, value in values.items() if value is not None}
    return Narrowing(filters.unanswered, filters.tag_id is not None, tree.depth(category)), given


def _condition(narrowing: Narrowing, place: int) -> ColumnElement[bool]:
    """What makes a question part of the list; lists show what everybody sees."""
    parts = [Post.type == VISIBLE_QUESTION]
    if narrowing.unanswered is not None:
        parts.append(_unanswered(narrowing.unanswered))
    if narrowing.depth:
        category: Any = bindparam(f"category_{place}")
        parts.append(categories.below_one_of(narrowing.depth, category))
    return and_(*parts)


def _unanswered(kind: Unanswered) -> ColumnElement[bool]:
    lacking = {
        Unanswered.NO_ANSWER: Post.answer_count == 0,
        Unanswered.NO_ACCEPTED: Post.accepted_answer_id.is_(None),
        Unanswered.NO_UPVOTED: Post.best_answer_score == 0,
    }
    return and_(Post.closed_by_id.is_(None), lacking[kind])


def among(statement: Select[Any], narrowing: Narrowing, place: int = 0) -> Select[Any]:
    """`statement`, which selects from posts, with what makes a question part of the list."""
    condition = _condition(narrowing, place)
    if not narrowing.is_tagged:
        return statement.select_from(Post).where(condition)
    tagged = and_(PostTag.post_id == Post.id, PostTag.word_id == bindparam(f"tag_{place}"))
    return statement.select_from(join(PostTag, Post, tagged)).where(condition)


def order_of(filters: Filters, order_by: QuestionOrder) -> Order:
    """The order of a list; the newest with a tag are found by the tag's own index."""
    by_tag = filters.tag_id is not None and order_by is QuestionOrder.NEWEST
    return TAGGED_NEWEST if by_tag else ORDERS[order_by]


async def edges(
    connection: AsyncConnection,
    *,
    narrowings: tuple[Narrowing, ...],
    order: Order,
    window: Window,
    values: Values,
) -> dict[str, datetime]:
    """How far the window goes in each of the lists: values for `up_to`.

    The index of a tag's questions knows their times but not their ids: MySQL would sort all of
    them for the sake of those of the same second, unless it is told where the window ends. Other
    lists have the order of an index, and no edges.
    """
    if order is not TAGGED_NEWEST:
        return {}
    shape, bounds = pages.shaped(order, window)
    given = {**values, **bounds, "size": window.size}
    [found] = await rows_of(connection, _edges(narrowings, order, shape), given)
    end = LATEST if window.backwards else EARLIEST
    return {f"edge_{place}": edge or end for place, edge in enumerate(found)}


@prepared_up_to(MOST_OF_SEVERAL)
def _edges(narrowings: tuple[Narrowing, ...], order: Order, shape: Shape) -> Select[Any]:
    columns = [
        _edge(narrowing, place, order, shape).scalar_subquery().label(f"edge_{place}")
        for place, narrowing in enumerate(narrowings)
    ]
    return select(*columns)


def _edge(narrowing: Narrowing, place: int, order: Order, shape: Shape) -> Select[Any]:
    at = PostTag.post_created_at
    found = pages.between(among(select(at), narrowing, place), order, shape)
    found = found.order_by(at.asc() if shape.backwards else at.desc())
    # The join follows the index of times, which no other order of the tables lets it do.
    found = found.prefix_with("STRAIGHT_JOIN", dialect="mysql")
    return found.limit(1).offset(bindparam("size", type_=Integer()))


def up_to(statement: Select[Any], order: Order, *, backwards: bool, place: int = 0) -> Select[Any]:
    """`statement`, made by `among`, without what lies beyond the edge."""
    if order is not TAGGED_NEWEST:
        return statement
    at: Any = PostTag.post_created_at
    edge: Any = bindparam(f"edge_{place}")
    return statement.where(at <= edge if backwards else at >= edge)


async def listing(
    connection: AsyncConnection,
    *,
    tree: CategoryTree,
    filters: Filters,
    order_by: QuestionOrder,
    window: Window,
    detail: Detail = WHOLE,
) -> Page[PostRow]:
    """A page of questions, in one statement, or in two if it is the newest with a tag.

    :raises Invalid: if a cursor is not one of this list
    """
    order = order_of(filters, order_by)
    narrowing, values = narrowed(filters, tree)
    ends = await edges(
        connection, narrowings=(narrowing,), order=order, window=window, values=values
    )
    return await pages.fetch(
        connection,
        _listed,
        *(narrowing, order, window.backwards, detail),
        values={**values, **ends},
        order=order,
        window=window,
        make=posts.selection(detail).make,
    )


def _listed(narrowing: Narrowing, order: Order, backwards: bool, detail: Detail) -> Select[Any]:
    read = posts.selection(detail)
    listed = among(select(*read.columns), narrowing)
    return read.joined(up_to(listed, order, backwards=backwards))


async def count(connection: AsyncConnection, *, tree: CategoryTree, filters: Filters) -> int:
    """How many questions the list has."""
    narrowing, values = narrowed(filters, tree)
    counted: int = await value_of(connection, _counted(narrowing), values)
    return counted


@prepared
def _counted(narrowing: Narrowing) -> Select[Any]:
    return among(select(func.count()), narrowing)
