"""Removing from q2a's table and directory what the storage certainly has."""

import asyncio
from collections.abc import Sequence
from functools import partial
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.transactions import transact
from app.domain.blobs import BlobRow, path_of
from app.domain.errors import NotFound
from app.domain.relocating import contents
from app.domain.relocating.contents import Digested, Missing
from app.domain.relocating.files import (
    DIRECTORY,
    LARGEST_SMALL,
    CopiedFile,
    Step,
    Task,
    Total,
    grouped,
)
from app.domain.relocating.forgetting import drop
from app.domain.storage import CHUNK_BYTES, NotStored
from app.models import Blob
from app.models.waggle import StoredBlob

COLUMNS = (
    Blob.id,
    Blob.format,
    func.length(Blob.content),
    StoredBlob.key,
    StoredBlob.sha256,
    StoredBlob.size,
    StoredBlob.origin,
)
COPIED: Select[Any] = select(*COLUMNS).join(StoredBlob, StoredBlob.blob_id == Blob.id)
# Whether a file is in the directory still, only the directory knows.
HELD = COPIED.where(or_(Blob.content.is_not(None), StoredBlob.origin == DIRECTORY))


async def unreleased(task: Task) -> Total:
    """What `release` would remove now from q2a's table and directory."""
    files, size = 0, 0
    async for batch in task.batches(HELD, CopiedFile._make, lambda file: file.id):
        for file in batch:
            if file.held is not None or await _is_in_directory(task, file):
                files, size = files + 1, size + file.size
    return Total(files, size)


async def release(task: Task) -> None:
    """Remove the bytes of every copied file from where q2a has them.

    The copy is read back and compared first, and then what is removed, under a lock. Counts
    `released`, `damaged` (the copy is not what it should be) and `changed` (q2a's file is not
    what was copied); of those two q2a keeps its bytes, and the next run copies them again.
    """
    async for batch in task.batches(HELD, CopiedFile._make, lambda file: file.id):
        for group in grouped(batch, _held):
            await _release_group(task, group)
            task.tell(len(group))


def _held(file: CopiedFile) -> int:
    return file.size if file.size <= LARGEST_SMALL else CHUNK_BYTES


async def _release_group(task: Task, group: list[CopiedFile]) -> None:
    there = [file for file in group if file.held is not None or await _is_in_directory(task, file)]
    sound = await task.each(there, partial(_has_sound_copy, task))
    good = [file for file, is_sound in zip(there, sound, strict=True) if is_sound]
    small = [f for f in good if f.held is not None and f.size <= LARGEST_SMALL]
    released = set(await transact(task.db, partial(_empty_small, files=small))) if small else set()
    others = [file for file in good if file not in small]
    for file, is_done in zip(
        others, await task.each(others, partial(_empty_one, task)), strict=True
    ):
        released |= {file.id} if is_done else set()
    _tell_of_changed(task, [file for file in good if file.id not in released])
    task.counts["released"] += len(released)
    await drop(task, [file.id for file in there if file.id not in released])


async def _has_sound_copy(task: Task, file: CopiedFile) -> bool:
    try:
        if await Digested(task.storage.stream(file.key)).run_through() == file.sha256:
            return True
    except NotStored:
        pass
    task.counts["damaged"] += 1
    task.warn("the copy is damaged or missing, and will be made again", file.id)
    return False


async def _empty_small(connection: AsyncConnection, *, files: Sequence[CopiedFile]) -> list[int]:
    """Empty the rows whose bytes are the copied ones; returns which."""
    expected = {file.id: file.sha256 for file in files}
    read = await contents.many_from_table(connection, blob_ids=expected, lock=True)
    same = [
        id
        for id, content in read.items()
        if content is not None and new_sha256(content).digest() == expected[id]
    ]
    await _empty(connection, same)
    return same


async def _empty_one(task: Task, file: CopiedFile) -> bool:
    """Empty a large file's row, or remove it from the directory; False if it has changed."""
    if file.held is None:
        return await _empty_directory(task, file)

    async def work(connection: AsyncConnection) -> bool:
        await connection.execute(select(Blob.id).where(Blob.id == file.id).with_for_update())
        pieces = Digested(contents.from_table(connection, blob_id=file.id))
        if await pieces.run_through() != file.sha256:
            return False
        await _empty(connection, [file.id])
        return True

    try:
        return await transact(task.db, work)
    except Missing:
        return False


async def _empty_directory(task: Task, file: CopiedFile) -> bool:
    path = place_of(task, file)
    try:
        if path and await Digested(contents.from_file(path)).run_through() == file.sha256:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return True
    except Missing:
        pass
    return False


async def _empty(connection: AsyncConnection, blob_ids: Sequence[int]) -> None:
    this = update(Blob).where(Blob.id.in_(blob_ids))
    await connection.execute(this.values({Blob.content: None}))


def _tell_of_changed(task: Task, files: Sequence[CopiedFile]) -> None:
    for file in files:
        task.counts["changed"] += 1
        task.warn("q2a has changed the file since it was copied; it will be copied again", file.id)


async def _is_in_directory(task: Task, file: CopiedFile) -> bool:
    path = place_of(task, file)
    return path is not None and await asyncio.to_thread(path.is_file)


def place_of(task: Task, file: CopiedFile) -> Path | None:
    """Where q2a's directory has the file, or had it; None where there is no directory."""
    try:
        row = BlobRow(file.id, file.format, None, None)
        return path_of(row, directory=task.directory)
    except NotFound:
        return None


RELEASE = Step("Releasing", HELD, release)
