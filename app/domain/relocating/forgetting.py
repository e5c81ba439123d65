"""Forgetting copies: of files that q2a has deleted, and of those that are back where they were."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.transactions import transact
from app.domain.relocating.files import ROWS_AT_ONCE, Step, Task
from app.models import Blob
from app.models.waggle import StoredBlob

COLUMNS: tuple[Any, ...] = (StoredBlob.blob_id, StoredBlob.key)
DELETED: Select[Any] = (
    select(*COLUMNS).outerjoin(Blob, Blob.id == StoredBlob.blob_id).where(Blob.id.is_(None))
)


async def forget(task: Task) -> None:
    """Remove the copies of files that q2a has deleted. Counts `forgotten`."""
    page = DELETED.limit(ROWS_AT_ONCE)
    while not task.must_stop():
        async with task.connection() as connection:
            copies = [(id, key) for id, key in await connection.execute(page)]
        if not copies:
            return
        await remove(task, copies)
        task.counts["forgotten"] += len(copies)
        task.tell(len(copies))


async def remove(task: Task, copies: Sequence[tuple[int, str]]) -> None:
    """Remove copies, by number and key: first the objects, so that none is left without a row."""
    await task.each([key for _, key in copies], task.storage.delete)
    await drop(task, [id for id, _ in copies])


async def drop(task: Task, blob_ids: Sequence[int]) -> None:
    """Note that these files have no copies."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(StoredBlob).where(StoredBlob.blob_id.in_(blob_ids)))

    if blob_ids:
        await transact(task.db, work)


FORGET = Step("Forgetting", DELETED, forget)
