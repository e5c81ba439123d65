"""Wall posts by the person whose wall they are on."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import batches, messages
from app.domain.batches import Below
from app.domain.messages import MessageRow
from app.domain.pages import Page


async def wall_posts_by_owner(
    connection: AsyncConnection, wanted: list[Below]
) -> dict[Below, Page[MessageRow]]:
    return await batches.pages_by_parent(connection, kind=messages.WALL, wanted=wanted)


async def wall_post_count_by_owner(connection: AsyncConnection, ids: list[int]) -> dict[int, int]:
    return await batches.counts_by_parent(connection, kind=messages.WALL, parent_ids=ids)


async def newest_by_others(
    connection: AsyncConnection, owner_ids: list[int], *, user_id: int | None
) -> dict[int, int]:
    if user_id is None:
        return {}
    return await messages.newest_by_others(connection, owner_ids=owner_ids, user_id=user_id)
