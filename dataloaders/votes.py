"""The viewer's own votes by post."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import votes
from app.domain.votes import CastVote


async def votes_by_post(
    connection: AsyncConnection, ids: list[int], *, user_id: int | None
) -> dict[int, CastVote]:
    if user_id is None:
        return {}
    return await votes.by_posts(connection, user_id=user_id, post_ids=ids)
