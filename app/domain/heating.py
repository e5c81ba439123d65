"""Heating: reckoning the hotness of questions anew where it is not what the formula says (FACTS 4).

q2a leaves it as it was when the owner changes a weight, when an account is deleted with its votes,
when an answer is deleted for good, and for views if an option says so.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.transactions import transact
from app.domain import hotness
from app.domain.audit.differences import Progress, chunks
from app.domain.audit.posts import stale_hotness
from app.domain.options import Options, load
from app.models import Post

# So many threads wait for one transaction at the most.
AT_ONCE = 50


async def heat(db: Database, *, tell: Progress) -> int:
    """Go through all questions, and reckon the stale ones anew, some at a time.

    It may be interrupted and run again: what is right by then is only read.

    :returns: how many were stale
    """
    stale = 0
    async with db.read() as connection:
        options = await load(connection)
        async for chunk in chunks(connection, Post.id, part="Questions", tell=tell):
            found = await stale_hotness(connection, chunk, options)
            ids = [difference.keys["id"] for difference in found]
            for start in range(0, len(ids), AT_ONCE):
                some = ids[start : start + AT_ONCE]
                await transact(db, partial(_heat, options=options, question_ids=some))
            stale += len(ids)
    return stale


async def _heat(
    connection: AsyncConnection, *, options: Options, question_ids: Sequence[int]
) -> None:
    """Reckon questions anew, while nobody else changes their threads."""
    these = Post.id.in_(question_ids)
    await connection.execute(select(Post.id).where(these).order_by(Post.id).with_for_update())
    value = hotness.expression(options).label("value")
    # MySQL reads the table that it changes only where it has to make a copy of what it reads.
    reckoned = select(Post.id, value).where(these).limit(len(question_ids)).subquery("reckoned")
    statement = (
        update(Post).where(Post.id == reckoned.c.id).values({Post.hotness: reckoned.c.value})
    )
    await connection.execute(statement)
