"""What q2a's admin pages would write if somebody pressed their "recalculate" buttons now.

A second opinion beside `waggle recount`, and independent of it: made from the description of
q2a alone (FACTS 2-7 and 14), in plain SQL over q2a's own names, so that somebody who knows q2a
can compare the two line by line. It knows nothing of `app.domain`.

    differences(connection)     what stands in the tables, and what q2a would make of it
    write(connection)           press the buttons: write what q2a would write
"""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.recalculation import categories, counters, events, index, points, posts
from tests.recalculation.figures import Expected

RECALCULATIONS = (
    posts.votes,
    posts.answers,
    posts.hotness,
    points.recalculated,
    categories.post_paths,
    categories.recalculated,
    counters.wall_posts,
)


async def expected(connection: AsyncConnection, *, notes: bool = True) -> AsyncIterator[Expected]:
    """What each recalculation would write, one after the other.

    :param notes: whether closing notes are in the word index, as they are when q2a writes them;
        its own reindexing drops them (FACTS 22.10)
    """
    for recalculated in RECALCULATIONS:
        yield await recalculated(connection)
    for table in await index.recalculated(connection, notes=notes):
        yield table
    yield await counters.recalculated(connection)


async def differences(connection: AsyncConnection, *, notes: bool = True) -> list[str]:
    """What q2a would write otherwise than it stands, a line each."""
    return [
        line
        async for table in expected(connection, notes=notes)
        for line in await table.differences(connection)
    ]


async def write(connection: AsyncConnection) -> None:
    """Write what q2a's own buttons would write."""
    async for table in expected(connection, notes=False):
        await table.write(connection)
    await index.drop_unused_words(connection)
    await events.refill(connection)
