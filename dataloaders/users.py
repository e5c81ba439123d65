"""Users by id, and what belongs to a single user."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import users
from app.domain.users import UserRow


async def users_by_id(connection: AsyncConnection, ids: list[int]) -> dict[int, UserRow | None]:
    return {**await users.by_ids(connection, ids=ids)}
