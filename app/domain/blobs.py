"""Uploaded files and avatars: in q2a's table, in its directory (FACTS 13), or in the storage."""

import asyncio
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.failures import Failure, failure_of
from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain.errors import NotFound
from app.domain.storage import NotStored, Storage
from app.models import Blob, CachedImage
from app.models.waggle import StoredBlob

# Ids are unsigned numbers of 64 bits.
LARGEST_ID = 2**64 - 1


class BlobRow(NamedTuple):
    """A file as its row describes it.

    Without `content` its bytes, `size` of them, are under `key` in the storage or, without one,
    on disk.
    """

    id: int
    format: str
    content: bytes | None
    filename: str | None
    key: str | None = None
    size: int = 0


class StoredFile(NamedTuple):
    """A file with its bytes. `format` is the extension in lower case, without a dot."""

    id: int
    format: str
    content: bytes
    filename: str | None


async def file_row(connection: AsyncConnection, *, blob_id: int) -> BlobRow:
    """The row of a file.

    :raises NotFound: if there is none
    """
    rows = await rows_of(connection, _file(), {"of_blob": blob_id})
    if not rows:
        raise NotFound("There is no such file.")
    row = BlobRow(*rows[0])
    if row.content is not None:
        return row
    try:
        stored = await rows_of(connection, _place(), {"of_blob": blob_id})
    except DBAPIError as error:
        # Reading works before Waggle's own tables are made.
        if failure_of(error) is not Failure.UNMIGRATED:
            raise
        stored = ()
    return BlobRow(*rows[0], *stored[0]) if stored else row


@prepared
def _file() -> Select[Any]:
    columns: Sequence[Any] = (Blob.id, Blob.format, Blob.content, Blob.filename)
    return select(*columns).where(Blob.id == bindparam("of_blob"))


@prepared
def _place() -> Select[Any]:
    columns: Sequence[Any] = (StoredBlob.key, StoredBlob.size)
    return select(*columns).where(StoredBlob.blob_id == bindparam("of_blob"))


async def in_directory(connection: AsyncConnection) -> list[BlobRow]:
    """The files whose bytes are neither in the table nor in the storage: q2a's directory has them.

    Where Waggle's own tables are missing, those of the storage are taken for some of them.
    """
    query = select(Blob.id, Blob.format, Blob.content, Blob.filename).where(Blob.content.is_(None))
    stored = select(StoredBlob.blob_id).where(StoredBlob.blob_id == Blob.id).exists()
    try:
        rows = await connection.execute(query.where(~stored))
    except DBAPIError as error:
        if failure_of(error) is not Failure.UNMIGRATED:
            raise
        rows = await connection.execute(query)
    return [BlobRow(*row) for row in rows]


async def cached_image(connection: AsyncConnection, *, blob_id: int, size: int) -> bytes | None:
    """The JPEG that q2a keeps of an image scaled to fit `size` pixels, if it keeps one."""
    values = {"kind": f"i_{size}", "of_blob": blob_id}
    rows = await rows_of(connection, _cached_image(), values)
    return rows[0][0] if rows else None


@prepared
def _cached_image() -> Select[Any]:
    of_kind = CachedImage.type == bindparam("kind")
    these: Select[Any] = select(CachedImage.content).where(of_kind)
    return these.where(CachedImage.blob_id == bindparam("of_blob"))


async def with_content(row: BlobRow, *, storage: Storage, directory: Path | None) -> StoredFile:
    """The file of a row, read from the storage or from `directory` where the row has no bytes.

    :raises NotFound: if they are nowhere
    :raises StorageError: if the storage fails
    """
    content = row.content
    if content is None and row.key is not None:
        with suppress(NotStored):
            content = await storage.get(row.key)
    if content is None:
        content = await asyncio.to_thread(_read, path_of(row, directory=directory))
    return StoredFile(row.id, row.format.lower(), content, row.filename)


def path_of(row: BlobRow, *, directory: Path | None) -> Path:
    """Where q2a puts a file: below the first three of twenty digits of its id (FACTS 13).

    :raises NotFound: if there is no directory, or the format is none
    """
    # A format is part of a path here, and rows may be written by others.
    if directory is None or not row.format.isalnum():
        raise NotFound("There is no such file.")
    return directory / f"{row.id:020d}"[:3] / f"{row.id}.{row.format}"


async def write(path: Path, content: bytes) -> None:
    """Make a file of q2a's directory, whole or not at all."""
    await asyncio.to_thread(_write, path, content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound("There is no such file.") from None
