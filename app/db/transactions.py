"""Transactions that are tried again when the server breaks them off for the sake of others."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]
# What is to be done after the commit of the transaction that is running.
_later: ContextVar[list[Work[None]] | None] = ContextVar("_later", default=None)

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

    async def collecting(connection: AsyncConnection) -> tuple[Result, list[Work[None]]]:
        later: list[Work[None]] = []
        token = _later.set(later)
        try:
            return await work(connection), later
        finally:
            _later.reset(token)

    result, later = await _keep_trying(db.begin, collecting)
    await _finish(db, later)
    return result


async def after_commit(connection: AsyncConnection, work: Work[None]) -> None:
    """Have `work` done once the transaction is committed, before `transact` ends.

    It is for what others would have to wait for, and what nobody misses: each of its statements is
    committed by itself, and a process that is killed in between leaves the rest undone. It may be
    run twice. Where `transact` is not running, it is done at once.
    """
    later = _later.get()
    if later is None:
        await work(connection)
    else:
        later.append(work)


async def _finish(db: Database, later: list[Work[None]]) -> None:
    async def all_of_them(connection: AsyncConnection) -> None:
        for work in later:
            await work(connection)

    try:
        if later:
            await _keep_trying(db.connect, all_of_them)
    except (DBAPIError, PoolTimeout, Busy):
        # What was asked for is committed.
        logger.warning("Something was left undone after a write.", exc_info=True)


async def _keep_trying(
    connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]], work: Work[Result]
) -> Result:
    give_up_at = time.monotonic() + KEEP_TRYING_SECONDS
    pause, orphaned = FIRST_PAUSE, 0
    while True:
        try:
            async with connect() as connection:
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
