"""Leases: two that start the same job at once do the work once.

A lease is a row with its owner and an end, in the database's own time. Its owner renews it while
it works; the lease of one that was killed ends by itself.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.dialects import upsert, utc_now
from app.db.transactions import Busy, transact
from app.db.zones import in_utc
from app.models.waggle import JobRun

Result = TypeVar("Result")
LEASE_SECONDS = 60
RENEW_SECONDS = 15.0
LONGEST_SUMMARY = 1000


class Held(Exception):
    """Somebody else is at it."""


class AlreadyDone(Exception):
    """The run of this slot was done by somebody else."""


class LeaseLost(Exception):
    """The lease could not be renewed, or somebody else has it by now; the work was broken off."""


class Lease:
    """The right to do a job, as long as it is renewed."""

    def __init__(self, db: Database, name: str, seconds: int) -> None:
        self._db = db
        self._seconds = seconds
        self.name = name
        self.owner = secrets.token_hex(8)

    async def take(self, *, slot: datetime | None, starts_at_once: bool) -> None:
        """Take the lease.

        :param slot: what the run is for, with a zone; None: whoever asks wants it now
        :param starts_at_once: whether a slot counts that was there before the job's first run
        :raises Held: if somebody else has it
        :raises AlreadyDone: if the run of the slot is over
        """
        slot = _stored(slot)
        done_before = None if starts_at_once else slot
        free = or_(JobRun.owner.is_(None), JobRun.lease_until < utc_now(0))
        due = [or_(JobRun.done_slot.is_(None), JobRun.done_slot < slot)] if slot else []
        values = {
            JobRun.owner: self.owner,
            JobRun.lease_until: utc_now(self._seconds),
            JobRun.started_at: utc_now(0),
        }

        async def take(connection: AsyncConnection) -> Exception | None:
            row = {JobRun.name: self.name, JobRun.done_slot: done_before}
            changes = [(JobRun.done_slot, func.coalesce(JobRun.done_slot, done_before))]
            keys = [JobRun.name]
            await connection.execute(
                upsert(connection.dialect.name, JobRun, [row], keys=keys, changes=changes)
            )
            this = update(JobRun).where(JobRun.name == self.name, free, *due)
            taken = await connection.execute(this.values(values))
            if taken.rowcount:
                return None
            done = select(JobRun.done_slot).where(JobRun.name == self.name)
            done_slot = (await connection.execute(done)).scalar_one()
            return AlreadyDone() if slot and done_slot and done_slot >= slot else Held()

        # The row stays also where the lease is not to be had.
        if refused := await transact(self._db, take):
            raise refused

    async def renew(self) -> None:
        """:raises LeaseLost: if somebody else has taken it"""
        if not await self._change({JobRun.lease_until: utc_now(self._seconds)}):
            raise LeaseLost(f"Somebody else has taken over {self.name}.")

    async def keep(self, every: float) -> None:
        """Renew it for ever.

        :param every: seconds between two renewals
        :raises LeaseLost: if that does not succeed for as long as the lease lasts
        """
        ends = time.monotonic() + self._seconds
        while True:
            await asyncio.sleep(every)
            asked = time.monotonic()
            try:
                await self.renew()
                ends = asked + self._seconds
            except (DBAPIError, PoolTimeout, OSError, Busy) as error:
                if time.monotonic() + every > ends:
                    raise LeaseLost(f"The lease of {self.name} cannot be renewed.") from error

    async def end(self, *, slot: datetime | None, summary: str | None) -> None:
        """Give it back.

        :param slot: what was done; None: it is not to be noted as done
        :param summary: what came of it; None: it did not come to an end
        """
        values: dict[Any, Any] = {JobRun.owner: None, JobRun.lease_until: None}
        if summary is not None:
            values |= {JobRun.ended_at: utc_now(0), JobRun.summary: summary[:LONGEST_SUMMARY]}
        if slot is not None:
            values[JobRun.done_slot] = _stored(slot)
        await self._change(values)

    async def _change(self, values: dict[Any, Any]) -> bool:
        mine = update(JobRun).where(JobRun.name == self.name, JobRun.owner == self.owner)

        async def change(connection: AsyncConnection) -> bool:
            return bool((await connection.execute(mine.values(values))).rowcount)

        return await transact(self._db, change)


async def alone(lease: Lease, work: Callable[[], Awaitable[Result]], *, renew: float) -> Result:
    """Do the work while the lease, taken already, is kept; break it off if that fails.

    :raises LeaseLost: if it was broken off
    """
    doing = asyncio.ensure_future(work())
    keeping = asyncio.create_task(lease.keep(renew))
    try:
        await asyncio.wait({doing, keeping}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            keeping.result()
        return await doing
    finally:
        for task in (doing, keeping):
            task.cancel()
        await asyncio.gather(doing, keeping, return_exceptions=True)


def _stored(slot: datetime | None) -> datetime | None:
    return slot and in_utc(slot)
