"""What stands below a question or an answer, by the post it belongs to."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import batches, comments
from app.domain.batches import Below, ListKind
from app.domain.pages import Page
from app.domain.posts import WHOLE, Detail, PostRow, Sight

KindFor = Callable[[Sight, Detail], ListKind[PostRow]]


async def comments_by_parent(
    connection: AsyncConnection, wanted: list[Below], *, sight: Sight, detail: Detail
) -> dict[Below, Page[PostRow]]:
    placed, values = sight.placed()
    kind = comments.below(placed, detail)
    return await batches.pages_by_parent(connection, kind=kind, wanted=wanted, values=values)


async def comment_count_by_parent(
    connection: AsyncConnection, ids: list[int], *, sight: Sight
) -> dict[int, int]:
    placed, values = sight.placed()
    kind = comments.below(placed, WHOLE)
    return await batches.counts_by_parent(connection, kind=kind, parent_ids=ids, values=values)


async def questions_by_parent(
    connection: AsyncConnection,
    wanted: list[Below],
    *,
    kind: KindFor,
    sight: Sight,
    detail: Detail,
) -> dict[Below, Page[PostRow]]:
    """Questions that follow on from a post, or repeat it."""
    placed, values = sight.placed()
    return await batches.pages_by_parent(
        connection, kind=kind(placed, detail), wanted=wanted, values=values
    )


async def question_count_by_parent(
    connection: AsyncConnection, ids: list[int], *, kind: KindFor, sight: Sight
) -> dict[int, int]:
    placed, values = sight.placed()
    return await batches.counts_by_parent(
        connection, kind=kind(placed, WHOLE), parent_ids=ids, values=values
    )
