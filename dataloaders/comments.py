"""Comments and follow-on questions by the post they belong to."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import children, comments, posts
from app.domain.children import Below
from app.domain.pages import Page
from app.domain.posts import PostRow, Sight
from app.models import Post, PostKind


async def comments_by_parent(
    connection: AsyncConnection, wanted: list[Below], *, sight: Sight
) -> dict[Below, Page[PostRow]]:
    condition = posts.seen(sight, PostKind.COMMENT)
    return await children.pages_below(
        connection, wanted=wanted, condition=condition, orders=comments.ORDERS
    )


async def comment_count_by_parent(
    connection: AsyncConnection, ids: list[int], *, sight: Sight
) -> dict[int, int]:
    condition = posts.seen(sight, PostKind.COMMENT)
    return await children.count_below(connection, parent_ids=ids, condition=condition)


async def follow_ups_by_answer(
    connection: AsyncConnection, wanted: list[Below]
) -> dict[Below, Page[PostRow]]:
    return await children.pages_below(
        connection,
        wanted=wanted,
        condition=comments.IS_FOLLOW_UP,
        orders=comments.FOLLOW_UP_ORDERS,
    )


async def follow_up_count_by_answer(connection: AsyncConnection, ids: list[int]) -> dict[int, int]:
    return await children.count_below(connection, parent_ids=ids, condition=comments.IS_FOLLOW_UP)


async def follow_ups_by_question(
    connection: AsyncConnection, wanted: list[Below], *, sight: Sight
) -> dict[Below, Page[PostRow]]:
    """Questions that were asked from any of the question's answers."""
    return await children.pages_below(
        connection,
        wanted=wanted,
        condition=posts.seen(sight, PostKind.QUESTION)
        & posts.seen(sight, PostKind.ANSWER, of=comments.ANSWER),
        orders=comments.FOLLOW_UP_ORDERS,
        parent=comments.ANSWER.parent_id,
        source=comments.WITH_ANSWER,
    )


async def follow_up_count_by_question(
    connection: AsyncConnection, ids: list[int], *, sight: Sight
) -> dict[int, int]:
    return await children.count_below(
        connection,
        parent_ids=ids,
        condition=posts.seen(sight, PostKind.QUESTION)
        & posts.seen(sight, PostKind.ANSWER, of=comments.ANSWER),
        parent=comments.ANSWER.parent_id,
        source=comments.WITH_ANSWER,
    )


async def duplicates_by_question(
    connection: AsyncConnection, wanted: list[Below]
) -> dict[Below, Page[PostRow]]:
    """Questions that were closed because they repeat the question."""
    return await children.pages_below(
        connection,
        wanted=wanted,
        condition=comments.IS_FOLLOW_UP,
        orders=comments.DUPLICATE_ORDERS,
        parent=Post.closed_by_id,
    )


async def duplicate_count_by_question(
    connection: AsyncConnection, ids: list[int]
) -> dict[int, int]:
    return await children.count_below(
        connection, parent_ids=ids, condition=comments.IS_FOLLOW_UP, parent=Post.closed_by_id
    )
