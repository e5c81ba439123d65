"""Going through a whole site: every difference is told, and put right if that is wanted."""

from collections.abc import Callable
from functools import partial

from app.db import Database
from app.db.transactions import transact
from app.domain.audit.differences import Difference, Progress
from app.domain.audit.repairs import repair
from app.domain.audit.search import differences
from app.domain.options import load

# Figures that are counted from others may need another pass; their depth is less than this.
MOST_PASSES = 5


async def look(db: Database, *, tell: Progress, report: Callable[[Difference], None]) -> int:
    """Report every difference; nothing is changed.

    :returns: how many there are
    """
    found = 0
    async with db.read() as connection:
        async for difference in differences(connection, tell=tell):
            report(difference)
            found += 1
    return found


async def fix(db: Database, *, tell: Progress, report: Callable[[Difference], None]) -> int:
    """Report every difference and put it right, each in a transaction of its own.

    If it is interrupted, what is right by then remains so: run it again for the rest.

    :returns: how many are left, if others change the site at the same time
    """
    for _ in range(MOST_PASSES):
        found = 0
        async with db.read() as connection:
            options = await load(connection)
            async for difference in differences(connection, tell=tell):
                report(difference)
                found += 1
                await transact(db, partial(repair, options=options, difference=difference))
        if not found:
            return 0
    return found
