"""The bytes of files where q2a has them: read, compared, written and removed there."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import LargeBinary, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import appended
from app.domain.storage import CHUNK_BYTES
from app.models import Blob

# Escaped, a piece is up to twice as long, and has to fit into the smallest packet of a server.
PIECE_WRITTEN = 256 << 10


class Missing(Exception):
    """The bytes are not there (any more)."""


class Digested:
    """Pieces of a file on their way, with the digest and the size of what has passed."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._digest = new_sha256()
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self._digest.update(piece)
            self.size += len(piece)
            yield piece

    @property
    def sha256(self) -> bytes:
        return self._digest.digest()

    async def run_through(self) -> bytes:
        """Read all of it for the sake of its digest."""
        async for _ in self:
            pass
        return self.sha256


async def from_table(connection: AsyncConnection, *, blob_id: int) -> AsyncIterator[bytes]:
    """A file in q2a's table, a piece for each statement, however large it is.

    :raises Missing: if its row is gone, or has no bytes
    """
    start = 1
    while True:
        piece = func.substring(Blob.content, start, CHUNK_BYTES, type_=LargeBinary())
        found: bytes | None = await connection.scalar(select(piece).where(Blob.id == blob_id))
        if found is None:
            raise Missing
        if found:
            yield found
        if len(found) < CHUNK_BYTES:
            return
        start += CHUNK_BYTES


async def many_from_table(
    connection: AsyncConnection, *, blob_ids: Iterable[int], lock: bool = False
) -> dict[int, bytes | None]:
    """Small files in q2a's table, by their numbers; `lock` keeps others from changing them."""
    query = select(Blob.id, Blob.content).where(Blob.id.in_(blob_ids)).order_by(Blob.id)
    rows = await connection.execute(query.with_for_update() if lock else query)
    return dict(rows.all())


async def from_file(path: Path) -> AsyncIterator[bytes]:
    """:raises Missing: if there is no such file"""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        raise Missing from None
    with file:
        while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield piece


async def into_table(connection: AsyncConnection, *, blob_id: int, file: BinaryIO) -> None:
    """Put the bytes of an open file, from its beginning, into its row of q2a's table."""
    file.seek(0)
    this = update(Blob).where(Blob.id == blob_id)
    await connection.execute(this.values({Blob.content: b""}))
    while piece := await asyncio.to_thread(file.read, PIECE_WRITTEN):
        await connection.execute(this.values({Blob.content: appended(Blob.content, piece)}))


def into_directory(path: Path, file: BinaryIO) -> None:
    """Make a file with the bytes of an open one; it appears whole or not at all."""
    file.seek(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always of the same name: one that a killed run has left is written over.
    draft = path.with_name(f".{path.name}")
    with draft.open("wb") as copy:
        while piece := file.read(CHUNK_BYTES):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # The copy is removed next: also the name must be there after a power cut.
        os.fsync(folder)
    finally:
        os.close(folder)
