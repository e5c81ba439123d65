"""What stands below a question or an answer, by the post it belongs to."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import batches, comments
from app.domain.batches import Below, ListKind
from app.domain.pages import Page
from app.domain.posts import PostRow, Sight


async def comments_by_parent(
    connection: AsyncConnection, wanted: list[Below], *, sight: Sight
) -> dict[Below, Page[PostRow]]:
    kind = comments.below(sight)
    return await batches.pages_by_parent(connection, kind=kind, wanted=wanted)


async def comment_count_by_parent(
    connection: AsyncConnection, ids: list[int], *, sight: Sight
) -> dict[int, int]:
    kind = comments.below(sight)
    return await batches.counts_by_parent(connection, kind=kind, parent_ids=ids)


async def questions_by_parent(
    connection: AsyncConnection, wanted: list[Below], *, kind: ListKind[PostRow]
) -> dict[Below, Page[PostRow]]:
    """Questions that follow on from a post, or repeat it."""
    return await batches.pages_by_parent(connection, kind=kind, wanted=wanted)


async def question_count_by_parent(
    connection: AsyncConnection, ids: list[int], *, kind: ListKind[PostRow]
) -> dict[int, int]:
    return await batches.counts_by_parent(connection, kind=kind, parent_ids=ids)
