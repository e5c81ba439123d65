"""What the viewer follows."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import favorites
from app.domain.favorites import Followed


async def is_followed(
    connection: AsyncConnection, things: list[Followed], *, user_id: int | None
) -> dict[Followed, bool]:
    """Which of the things the user follows; nobody follows anything as a guest."""
    if user_id is None:
        return {}
    found = await favorites.among(connection, user_id=user_id, things=things)
    return dict.fromkeys(found, True)
