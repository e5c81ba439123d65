"""Questions: the lists of them, and the orders they come in (FACTS 15)."""

from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import as_double
from app.domain import categories, pages, posts
from app.domain.categories import CategoryRow, CategoryTree
from app.domain.pages import Key, Order, Page, Window
from app.domain.posts import PostRow
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
        "hot", (Key(Post.hotness, float, True, as_double(Post.hotness)), Key(Post.id, int, True))
    ),
    QuestionOrder.VOTES: Order("votes", (Key(Post.score, int, True), *_NEWEST)),
    QuestionOrder.ANSWERS: Order("answers", (Key(Post.answer_count, int, True), *_NEWEST)),
    QuestionOrder.VIEWS: Order("views", (Key(Post.view_count, int, True), *_NEWEST)),
}
TAGGED_NEWEST = Order(
    "tagged", (Key(PostTag.post_created_at, datetime, True), Key(PostTag.post_id, int, True))
)
VISIBLE_QUESTION = post_type(PostKind.QUESTION)


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
    chosen = statement.select_from(Post).where(condition(filters, tree))
    if filters.tag_id is None:
        return chosen
    tagged = and_(PostTag.post_id == Post.id, PostTag.word_id == filters.tag_id)
    return chosen.join(PostTag, tagged)


def order_of(filters: Filters, order_by: QuestionOrder) -> Order:
    """The order of a list; the newest with a tag are found by the tag's own index."""
    by_tag = filters.tag_id is not None and order_by is QuestionOrder.NEWEST
    return TAGGED_NEWEST if by_tag else ORDERS[order_by]


async def listing(
    connection: AsyncConnection,
    *,
    tree: CategoryTree,
    filters: Filters,
    order_by: QuestionOrder,
    window: Window,
) -> Page[PostRow]:
    """A page of questions in one statement.

    :raises Invalid: if a cursor is not one of this list
    """
    return await pages.fetch(
        connection,
        statement=among(select(*posts.COLUMNS), filters, tree),
        order=order_of(filters, order_by),
        window=window,
        make=PostRow._make,
    )


async def count(connection: AsyncConnection, *, tree: CategoryTree, filters: Filters) -> int:
    """How many questions the list has."""
    statement = among(select(func.count()), filters, tree)
    counted: int = (await connection.execute(statement)).scalar_one()
    return counted
