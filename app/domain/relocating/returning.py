"""Putting every file back where q2a had it, byte for byte, and then removing the copies."""

import asyncio
import tempfile
from functools import partial
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.transactions import transact
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
from app.domain.relocating.forgetting import remove
from app.domain.relocating.releasing import COPIED, place_of
from app.domain.storage import CHUNK_BYTES, NotStored
from app.models import Blob


class _Spoiled(Exception):
    """What was written is not what was copied; the transaction has to be rolled back."""


async def unreturned(task: Task) -> Total:
    """What `give_back` would put back or, where q2a has it still, remove the copy of."""
    files, size = 0, 0
    async for batch in task.batches(COPIED, CopiedFile._make, lambda file: file.id):
        files, size = files + len(batch), size + sum(file.size for file in batch)
    return Total(files, size)


async def give_back(task: Task) -> None:
    """Put the bytes of every copied file back where q2a had them, and remove the copies.

    What was written is read again and compared before a copy is removed. Counts `returned`
    (of which q2a still had some), and `failed`: those keep their copies.
    """
    async for batch in task.batches(COPIED, CopiedFile._make, lambda file: file.id):
        for group in grouped(batch, _held):
            done = await _return_group(task, group)
            await remove(task, [(file.id, file.key) for file in done])
            task.counts["returned"] += len(done)
            task.tell(len(group))


def _held(file: CopiedFile) -> int:
    return file.size if file.size <= LARGEST_SMALL else CHUNK_BYTES


def _is_for_directory(task: Task, file: CopiedFile) -> bool:
    if file.held is not None:
        return False
    return file.origin == DIRECTORY or (file.origin is None and task.directory is not None)


async def _return_group(task: Task, group: list[CopiedFile]) -> list[CopiedFile]:
    """The files of a group that q2a certainly has again."""
    small = [f for f in group if f.size <= LARGEST_SMALL and not _is_for_directory(task, f)]
    others = [file for file in group if file not in small]
    done = await _return_small(task, small) if small else []
    returned = await task.each(others, partial(_return_one, task))
    return done + [file for file, is_done in zip(others, returned, strict=True) if is_done]


async def _return_small(task: Task, files: list[CopiedFile]) -> list[CopiedFile]:
    """Put small files into the table, all in one transaction."""
    needed = [file for file in files if file.held is None]
    fetched = await task.each(needed, partial(_fetched, task))
    found = {f.id: content for f, content in zip(needed, fetched, strict=True)}
    sound = {id: content for id, content in found.items() if content is not None}
    wanted = [file for file in files if file.held is not None or file.id in sound]
    same = set(await transact(task.db, partial(_fill_rows, files=wanted, found=sound)))
    for file in wanted:
        if file.id not in same:
            _fail(task, file, "q2a has other bytes than the copy, which is kept")
    return [file for file in wanted if file.id in same]


async def _fetched(task: Task, file: CopiedFile) -> bytes | None:
    """The bytes of a copy; None if they are not what they should be."""
    try:
        content = await task.storage.get(file.key)
        if new_sha256(content).digest() == file.sha256:
            return content
    except NotStored:
        pass
    _fail(task, file, "the copy is damaged or missing")
    return None


async def _fill_rows(
    connection: AsyncConnection, *, files: list[CopiedFile], found: dict[int, bytes]
) -> list[int]:
    """Put bytes into the rows that have none; returns the files that are as they were copied."""
    ids = [file.id for file in files]
    read = await contents.many_from_table(connection, blob_ids=ids, lock=True)
    for id in [id for id, content in read.items() if content is None and id in found]:
        values = {Blob.content: found[id]}
        await connection.execute(update(Blob).where(Blob.id == id).values(values))
    written = await contents.many_from_table(connection, blob_ids=ids)
    expected = {file.id: file.sha256 for file in files}
    return [
        id
        for id, content in written.items()
        if content is not None and new_sha256(content).digest() == expected[id]
    ]


async def _return_one(task: Task, file: CopiedFile) -> bool:
    """Put a large file, or one of the directory, back; False if that cannot be."""
    if await _has_it(task, file):
        return True
    with tempfile.TemporaryFile() as draft:
        if not await _download(task, file, draft):
            return False
        if _is_for_directory(task, file):
            return await _into_directory(task, file, draft)
        return await _into_table(task, file, draft)


async def _has_it(task: Task, file: CopiedFile) -> bool:
    """Whether q2a has the bytes as they were copied."""
    path = place_of(task, file)
    try:
        if file.held is not None:
            async with task.connection() as connection:
                pieces = Digested(contents.from_table(connection, blob_id=file.id))
                return await pieces.run_through() == file.sha256
        if _is_for_directory(task, file) and path is not None:
            return await Digested(contents.from_file(path)).run_through() == file.sha256
    except Missing:
        pass
    return False


async def _download(task: Task, file: CopiedFile, draft: BinaryIO) -> bool:
    pieces = Digested(task.storage.stream(file.key))
    try:
        async for piece in pieces:
            await asyncio.to_thread(draft.write, piece)
        if pieces.sha256 == file.sha256:
            return True
    except NotStored:
        pass
    return _fail(task, file, "the copy is damaged or missing")


async def _into_table(task: Task, file: CopiedFile, draft: BinaryIO) -> bool:
    async def work(connection: AsyncConnection) -> bool:
        held = select(Blob.content.is_not(None)).where(Blob.id == file.id).with_for_update()
        if await connection.scalar(held):
            return False
        await contents.into_table(connection, blob_id=file.id, file=draft)
        pieces = Digested(contents.from_table(connection, blob_id=file.id))
        if await pieces.run_through() != file.sha256:
            raise _Spoiled
        return True

    try:
        if await transact(task.db, work):
            return True
        return _fail(task, file, "q2a has other bytes than the copy, which is kept")
    except Missing:
        return _fail(task, file, "q2a has just deleted the file")
    except _Spoiled:
        return _fail(task, file, "the database did not keep the bytes as they are")


async def _into_directory(task: Task, file: CopiedFile, draft: BinaryIO) -> bool:
    path = place_of(task, file)
    if path is None:
        return _fail(task, file, "it was in a directory, which BLOBS_DIRECTORY has to name")
    if await asyncio.to_thread(path.exists):
        return _fail(task, file, "q2a has other bytes than the copy, which is kept")
    await asyncio.to_thread(contents.into_directory, path, draft)
    return await _is_written(task, file, path)


async def _is_written(task: Task, file: CopiedFile, path: Path) -> bool:
    if await Digested(contents.from_file(path)).run_through() == file.sha256:
        return True
    return _fail(task, file, "the directory did not keep the bytes as they are")


def _fail(task: Task, file: CopiedFile, reason: str) -> bool:
    task.counts["failed"] += 1
    task.warn(reason, file.id)
    return False


GIVE_BACK = Step("Giving back", COPIED, give_back)
