"""Tags by name or by number, and what belongs to a single tag."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import tags
from app.domain.tags import TagRow


async def tags_by_name(connection: AsyncConnection, names: list[str]) -> dict[str, TagRow | None]:
    return {**await tags.by_names(connection, names=names)}


async def tags_by_id(connection: AsyncConnection, ids: list[int]) -> dict[int, TagRow | None]:
    return {**await tags.by_ids(connection, ids=ids)}


async def descriptions_by_tag(
    connection: AsyncConnection, names: list[str]
) -> dict[str, str | None]:
    return {**await tags.descriptions(connection, names=names)}
