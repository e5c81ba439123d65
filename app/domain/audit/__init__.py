"""The audit: every denormalised figure of a site against the rows that it sums up (FACTS 3-6, 14).

`differences` is what `waggle recount` prints, and what tests expect to be empty; `repair` is what
`waggle recount --fix` does to each.
"""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.audit import people, posts, sites, words
from app.domain.audit.differences import Difference as Difference
from app.domain.audit.differences import Progress as Progress
from app.domain.audit.differences import unheard
from app.domain.audit.repairs import repair as repair
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
