"""The site's counters."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import counters


async def counters_by_name(connection: AsyncConnection, _names: list[str]) -> dict[str, int]:
    """All of them: one statement reads them together."""
    return await counters.current(connection)
