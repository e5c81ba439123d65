"""Answers by question."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import answers, batches
from app.domain.answers import AnswerOrder
from app.domain.batches import Below
from app.domain.options import Options
from app.domain.pages import Page
from app.domain.posts import Detail, PostRow, Sight
from app.domain.viewers import Viewer


async def answers_by_question(
    connection: AsyncConnection,
    wanted: list[Below],
    *,
    sight: Sight,
    options: Options,
    detail: Detail,
) -> dict[Below, Page[PostRow]]:
    found: dict[Below, Page[PostRow]] = {}
    placed, values = sight.placed()
    for order in AnswerOrder:
        ordered = [below for below in wanted if below.order == order.value]
        kind = answers.below(
            placed, order, selected_first=options.show_selected_first, detail=detail
        )
        found |= await batches.pages_by_parent(connection, kind=kind, wanted=ordered, values=values)
    return found


async def answer_count_by_question(
    connection: AsyncConnection, ids: list[int], *, sight: Sight, options: Options
) -> dict[int, int]:
    placed, values = sight.placed()
    kind = answers.below(placed, AnswerOrder.OLDEST, selected_first=options.show_selected_first)
    return await batches.counts_by_parent(connection, kind=kind, parent_ids=ids, values=values)


async def has_answered_by_question(
    connection: AsyncConnection, ids: list[int], *, viewer: Viewer
) -> dict[int, bool]:
    """Which questions have an answer of the viewer's that is not hidden."""
    answered = await answers.answered_by(connection, viewer=viewer, question_ids=ids)
    return dict.fromkeys(answered, True)
