"""Transactions that are tried again when the server breaks them off for the sake of others."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]

# A row changed under a snapshot, a lock waited for too long, a deadlock.
SERVER_GAVE_WAY = {1020, 1205, 1213}
FOREIGN_KEY_FAILED = {1216, 1217, 1451, 1452}
# Whoever is refused that often refers to what never was.
MOST_ORPHANED = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.5
KEEP_TRYING_SECONDS = 20.0


class Busy(Exception):
    """The rows were fought for so long that the transaction was given up; nothing was written."""


async def transact(db: Database, work: Work[Result]) -> Result:
    """Run `work` in one transaction: all of what it writes is committed, or none.

    It is run again from its beginning, after a pause, when the server has rolled it back because
    of a deadlock or a lock that it waited for too long. It is run again, too, when a row that it
    refers to was deleted since it looked: then it finds out for itself. It must therefore do
    nothing but speak to the database.

    :raises Busy: if that goes on for `KEEP_TRYING_SECONDS`
    """
    give_up_at = time.monotonic() + KEEP_TRYING_SECONDS
    pause, orphaned = FIRST_PAUSE, 0
    while True:
        try:
            async with db.begin() as connection:
                return await work(connection)
        except DBAPIError as error:
            orphaned += is_orphaned(error)
            if not gave_way(error) and not 0 < orphaned < MOST_ORPHANED:
                raise
            if time.monotonic() > give_up_at:
                raise Busy("Too many others are writing here just now; try again.") from error
        # Whoever met must not meet again: pauses differ.
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - nothing secret
        pause = min(pause * 2, LONGEST_PAUSE)


def is_orphaned(error: DBAPIError) -> bool:
    """Whether a row was refused because of another one that it refers to, or that refers to it."""
    if not isinstance(error, IntegrityError):
        return False
    return _code(error) in FOREIGN_KEY_FAILED or str(error.orig).startswith("FOREIGN KEY")


def gave_way(error: DBAPIError) -> bool:
    """Whether the server broke a transaction off that may well succeed the next time."""
    # SQLite's driver gives no codes before Python 3.12.
    return _code(error) in SERVER_GAVE_WAY or str(error.orig).startswith("database is locked")


def _code(error: DBAPIError) -> Any:
    return error.orig.args[0] if error.orig and error.orig.args else None
