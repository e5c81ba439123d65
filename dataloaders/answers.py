"""Answers by question."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import answers, children, posts
from app.domain.children import Below
from app.domain.options import Options
from app.domain.pages import Page
from app.domain.posts import PostRow, Sight
from app.domain.viewers import Viewer
from app.models import PostKind


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
    answered = await answers.answered_by(connection, viewer=viewer, question_ids=ids)
    return dict.fromkeys(answered, True)
