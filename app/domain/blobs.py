"""Uploaded files and avatars, kept by q2a in the database or in a directory (FACTS 13)."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.models import Blob, CachedImage

# Ids are unsigned numbers of 64 bits.
LARGEST_ID = 2**64 - 1


class BlobRow(NamedTuple):
    """A file as its row describes it; without `content` its bytes are on disk."""

    id: int
    format: str
    content: bytes | None
    filename: str | None


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
    query = select(Blob.id, Blob.format, Blob.content, Blob.filename).where(Blob.id == blob_id)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("There is no such file.")
    return BlobRow(*row)


async def cached_image(connection: AsyncConnection, *, blob_id: int, size: int) -> bytes | None:
    """The JPEG that q2a keeps of an image scaled to fit `size` pixels, if it keeps one."""
    query = select(CachedImage.content).where(
        CachedImage.type == f"i_{size}", CachedImage.blob_id == blob_id
    )
    content: bytes | None = await connection.scalar(query)
    return content


async def with_content(row: BlobRow, *, directory: Path | None) -> StoredFile:
    """The file of a row, read from `directory` where the row does not hold its bytes.

    :raises NotFound: if they are in neither place
    """
    content = row.content
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound("There is no such file.") from None
