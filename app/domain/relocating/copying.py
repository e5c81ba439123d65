"""Copying files into the storage; where q2a has them they stay as they are."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256 as new_sha256
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.transactions import transact
from app.db.zones import in_utc
from app.domain.blobs import BlobRow, path_of
from app.domain.errors import NotFound
from app.domain.relocating import contents
from app.domain.relocating.contents import Digested, Missing
from app.domain.relocating.files import (
    DIRECTORY,
    LARGEST_SMALL,
    TABLE,
    QFile,
    Step,
    Task,
    Total,
    grouped,
)
from app.domain.storage import CHUNK_BYTES, blob_key
from app.models import Blob
from app.models.waggle import StoredBlob

# Anything else could carry a script, should somebody open it in place.
PICTURES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
}
OTHERS = "application/octet-stream"
Copied = dict[Any, Any]
UNCOPIED: Select[Any] = (
    select(Blob.id, Blob.format, func.length(Blob.content))
    .outerjoin(StoredBlob, StoredBlob.blob_id == Blob.id)
    .where(StoredBlob.blob_id.is_(None))
)


async def uncopied(task: Task) -> Total:
    """What `copy` would copy now."""
    files, size = 0, 0
    async for batch in task.batches(UNCOPIED, QFile._make, lambda file: file.id):
        for file in batch:
            with suppress(Missing):
                size += await asyncio.to_thread(_size, task, file)
                files += 1
    return Total(files, size)


async def copy(task: Task) -> None:
    """Copy every file that has no copy yet.

    Counts `copied` and `bytes`, and `missing`: files that q2a has lost.
    """
    async for batch in task.batches(UNCOPIED, QFile._make, lambda file: file.id):
        for group in grouped(batch, _held):
            await _copy_group(task, group)
            task.tell(len(group))


def _size(task: Task, file: QFile) -> int:
    if file.size is not None:
        return file.size
    try:
        return path_of(_row(file), directory=task.directory).stat().st_size
    except (FileNotFoundError, NotFound):
        raise Missing from None


def _is_small(file: QFile) -> bool:
    return file.size is not None and file.size <= LARGEST_SMALL


def _held(file: QFile) -> int:
    """How much memory a file takes on its way."""
    return file.size if file.size is not None and _is_small(file) else CHUNK_BYTES


async def _copy_group(task: Task, group: list[QFile]) -> None:
    small = [file.id for file in group if _is_small(file)]
    async with task.connection() as connection:
        read = await contents.many_from_table(connection, blob_ids=small)
    copies = await task.each(group, lambda file: _copy(task, file, read.get(file.id)))
    noted = await transact(task.db, partial(_note, copies=[copy for copy in copies if copy]))
    gone = [copy for copy in copies if copy and copy[StoredBlob.blob_id] not in noted]
    await task.each([copy[StoredBlob.key] for copy in gone], task.storage.delete)
    task.counts["copied"] += len(noted)
    task.counts["bytes"] += sum(noted.values())


async def _copy(task: Task, file: QFile, content: bytes | None) -> Copied | None:
    """Put one file into the storage; None if it is nowhere.

    :param content: the bytes of a small one
    """
    key = key_of(file)
    content_type = PICTURES.get(file.format.lower(), OTHERS)
    try:
        if content is not None:
            sha256 = new_sha256(content).digest()
            await task.storage.put(key, content, content_type=content_type, sha256=sha256)
            return _noted(file, key, content_type, sha256, len(content))
        return await _copy_large(task, file, key, content_type)
    except Missing:
        task.counts["missing"] += 1
        task.warn("q2a has no bytes of the file", file.id)
        return None


async def _copy_large(task: Task, file: QFile, key: str, content_type: str) -> Copied:
    if file.size is None:
        try:
            pieces = Digested(contents.from_file(path_of(_row(file), directory=task.directory)))
        except NotFound:
            raise Missing from None
        await task.storage.put(key, pieces, content_type=content_type)
    else:
        async with aclosing(_from_table(task, file)) as read:
            pieces = Digested(read)
            await task.storage.put(key, pieces, content_type=content_type)
    return _noted(file, key, content_type, pieces.sha256, pieces.size)


async def _from_table(task: Task, file: QFile) -> AsyncGenerator[bytes, None]:
    # The connection is free again before a storage elsewhere takes its time.
    async with task.connection() as connection:
        async for piece in contents.from_table(connection, blob_id=file.id):
            yield piece


def key_of(file: QFile) -> str:
    """Where in the storage a file goes: its format is whatever stood behind the last dot."""
    try:
        return blob_key(file.id, file.format)
    except ValueError:
        return blob_key(file.id, "bin")


def _noted(file: QFile, key: str, content_type: str, sha256: bytes, size: int) -> Copied:
    return {
        StoredBlob.blob_id: file.id,
        StoredBlob.key: key,
        StoredBlob.sha256: sha256,
        StoredBlob.size: size,
        StoredBlob.content_type: content_type,
        StoredBlob.origin: DIRECTORY if file.size is None else TABLE,
        StoredBlob.stored_at: in_utc(datetime.now(UTC)),
    }


async def _note(connection: AsyncConnection, *, copies: list[Copied]) -> dict[int, int]:
    """Note the copies of those files that q2a has not deleted meanwhile.

    :returns: their sizes, by number
    """
    ids = [copy[StoredBlob.blob_id] for copy in copies]
    query = select(Blob.id).where(Blob.id.in_(ids)).order_by(Blob.id)
    present = set(await connection.scalars(query.with_for_update(read=True)))
    rows = [copy for copy in copies if copy[StoredBlob.blob_id] in present]
    if rows:
        keys = [StoredBlob.blob_id]
        await connection.execute(upsert(connection.dialect.name, StoredBlob, rows, keys=keys))
    return {row[StoredBlob.blob_id]: row[StoredBlob.size] for row in rows}


def _row(file: QFile) -> BlobRow:
    return BlobRow(file.id, file.format, None, None)


COPY = Step("Copying", UNCOPIED, copy)
