"""The audit: every denormalised figure of a site against the rows that it sums up (FACTS 3-6, 14).

`differences` is what `waggle recount` prints, and what tests expect to be empty.
"""

from collections.abc import AsyncIterator, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.audit import people, posts, sites, words
from app.domain.audit.differences import Difference as Difference
from app.domain.audit.differences import store as store
from app.domain.audit.words import indexed_posts as indexed_posts
from app.domain.options import load

Progress = Callable[[str, int, int], None]
# Later ones count what earlier ones have put right.
PARTS = (posts.differences, words.differences, people.differences, sites.differences)


async def differences(connection: AsyncConnection) -> AsyncIterator[Difference]:
    """Every figure that is not what its definition says, found in chunks; nothing is changed."""
    options = await load(connection)
    for part in PARTS:
        async for difference in part(connection, options):
            yield difference
