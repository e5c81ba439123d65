"""Answers by question."""

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import answers, children, posts
from app.domain.children import Below
from app.domain.options import Options
from app.domain.pages import Page
from app.domain.posts import PostRow, Sight
from app.domain.viewers import Viewer
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type


async def answers_by_question(
    connection: AsyncConnection, wanted: list[Below], *, sight: Sight, options: Options
) -> dict[Below, Page[PostRow]]:
    return await children.pages_below(
        connection,
        wanted=wanted,
        condition=posts.seen(sight, PostKind.ANSWER),
        orders=answers.orders(options),
        source=answers.WITH_QUESTION,
    )


async def answer_count_by_question(
    connection: AsyncConnection, ids: list[int], *, sight: Sight
) -> dict[int, int]:
    condition = posts.seen(sight, PostKind.ANSWER)
    return await children.count_below(connection, parent_ids=ids, condition=condition)


async def has_answered_by_question(
    connection: AsyncConnection, ids: list[int], *, viewer: Viewer
) -> dict[int, bool]:
    """Which questions have an answer of the viewer's that is not hidden."""
    types = [post_type(PostKind.ANSWER), post_type(PostKind.ANSWER, PostState.QUEUED)]
    own = [Post.author_id == viewer.id] if viewer.id else []
    if viewer.id is None and viewer.cookie_id:
        own = [and_(Post.author_id.is_(None), Post.cookie_id == viewer.cookie_id)]
    if not own:
        return {}
    query = select(Post.parent_id).where(Post.parent_id.in_(ids), Post.type.in_(types), or_(*own))
    return {id: True for id in (await connection.execute(query)).scalars() if id}
