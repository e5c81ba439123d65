"""Questions: the lists of them, and the orders they come in (FACTS 15)."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, join, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import as_double
from app.domain import categories, pages, posts
from app.domain.categories import CategoryRow, CategoryTree
from app.domain.orders import Key, Order
from app.domain.pages import Page, Window
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
NO_CATEGORIES = CategoryTree([])


class Filters(NamedTuple):
    """Which questions a list is about; every part given narrows it.

    `tag_id` is a `words` id, `followed_answer_ids` those of answers that were followed up.
    """

    unanswered: Unanswered | None = None
    tag_id: int | None = None
    category: CategoryRow | None = None
    author_id: int | None = None


def condition(filters: Filters, tree: CategoryTree) -> ColumnElement[bool]:
    """What makes a question part of the list; lists show what everybody sees."""
    parts = [Post.type == VISIBLE_QUESTION]
    if filters.unanswered is not None:
        parts.append(_unanswered(filters.unanswered))
    if filters.category is not None:
        parts.append(categories.below(tree, filters.category))
    if filters.author_id is not None:
        parts.append(Post.author_id == filters.author_id)
    return and_(*parts)


def _unanswered(kind: Unanswered) -> ColumnElement[bool]:
    lacking = {
        Unanswered.NO_ANSWER: Post.answer_count == 0,
        Unanswered.NO_ACCEPTED: Post.accepted_answer_id.is_(None),
        Unanswered.NO_UPVOTED: Post.best_answer_score == 0,
    }
    return and_(Post.closed_by_id.is_(None), lacking[kind])


def among(statement: Select[Any], filters: Filters, tree: CategoryTree) -> Select[Any]:
    """`statement`, which selects from posts, with what makes a question part of the list."""
    if filters.tag_id is None:
        return statement.select_from(Post).where(condition(filters, tree))
    tagged = and_(PostTag.post_id == Post.id, PostTag.word_id == filters.tag_id)
    return statement.select_from(join(PostTag, Post, tagged)).where(condition(filters, tree))


def order_of(filters: Filters, order_by: QuestionOrder) -> Order:
    """The order of a list; the newest with a tag are found by the tag's own index."""
    by_tag = filters.tag_id is not None and order_by is QuestionOrder.NEWEST
    return TAGGED_NEWEST if by_tag else ORDERS[order_by]


async def edges(
    connection: AsyncConnection,
    *,
    tree: CategoryTree,
    wanted: Sequence[Filters],
    order: Order,
    window: Window,
) -> list[datetime | None]:
    """How far the window goes in each of the lists, where the order is not that of its index.

    The index of a tag's questions knows their times but not their ids: MySQL would sort all of
    them for the sake of those of the same second, unless it is told where the window ends. None
    if it reaches the end of the list.
    """
    if order is not TAGGED_NEWEST:
        return [None] * len(wanted)
    columns = [_edge(filters, tree, order, window).scalar_subquery() for filters in wanted]
    labelled = [column.label(f"edge_{n}") for n, column in enumerate(columns)]
    return list((await connection.execute(select(*labelled))).one())


def _edge(filters: Filters, tree: CategoryTree, order: Order, window: Window) -> Select[Any]:
    at = PostTag.post_created_at
    found = pages.within(among(select(at), filters, tree), order, window)
    found = found.order_by(at.asc() if window.backwards else at.desc())
    # The join follows the index of times, which no other order of the tables lets it do.
    found = found.prefix_with("STRAIGHT_JOIN", dialect="mysql")
    return found.limit(1).offset(window.size)


def up_to(statement: Select[Any], edge: datetime | None, window: Window) -> Select[Any]:
    """`statement`, made by `among`, without what lies beyond the edge."""
    if edge is None:
        return statement
    at = PostTag.post_created_at
    return statement.where(at <= edge if window.backwards else at >= edge)


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
    order, read = order_of(filters, order_by), posts.selection(detail)
    if filters.category is None and filters.tag_id is None and filters.author_id is None:
        return await pages.fetch_prepared(
            connection, _all, filters, detail, order=order, window=window, make=read.make
        )
    [edge] = await edges(connection, tree=tree, wanted=[filters], order=order, window=window)
    return await pages.fetch(
        connection,
        statement=read.joined(up_to(among(select(*read.columns), filters, tree), edge, window)),
        order=order,
        window=window,
        make=read.make,
    )


def _all(filters: Filters, detail: Detail) -> Select[Any]:
    read = posts.selection(detail)
    return read.joined(among(select(*read.columns), filters, NO_CATEGORIES))


async def count(connection: AsyncConnection, *, tree: CategoryTree, filters: Filters) -> int:
    """How many questions the list has."""
    statement = among(select(func.count()), filters, tree)
    counted: int = (await connection.execute(statement)).scalar_one()
    return counted
