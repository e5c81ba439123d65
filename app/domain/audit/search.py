"""Looking for what is wrong on a site, part by part."""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.audit import people, posts, sites, words
from app.domain.audit.differences import Difference, Progress, unheard
from app.domain.options import load

# Later ones count what earlier ones have put right.
PARTS = (posts.differences, words.differences, people.differences, sites.differences)


async def differences(
    connection: AsyncConnection, *, tell: Progress = unheard
) -> AsyncIterator[Difference]:
    """Every figure that is not what its definition says, found in chunks; nothing is changed."""
    options = await load(connection)
    for part in PARTS:
        async for difference in part(connection, options, tell):
            yield difference
