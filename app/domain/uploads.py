"""Uploads: what people were allowed to upload, and what came of it."""

from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.viewers import Viewer
from app.models.waggle import Upload

# Where uploads are until they are confirmed.
INCOMING = "incoming/"


class UploadPurpose(Enum):
    """What a picture is for."""

    AVATAR = "avatar"
    CONTENT = "content"


class UploadRow(NamedTuple):
    """One upload. `requested_at` and `confirmed_at` are in UTC, without a zone."""

    blob_id: int
    purpose: str
    filename: str
    content_type: str
    size: int
    user_id: int | None
    cookie_id: int | None
    requested_at: datetime
    attempts: int
    confirmed_at: datetime | None
    format: str | None
    width: int | None
    height: int | None


_COLUMNS: tuple[Any, ...] = tuple(getattr(Upload, name) for name in UploadRow._fields)


def incoming_key(blob_id: int) -> str:
    """Where an upload is until it is confirmed: nothing there has been looked at."""
    return f"{INCOMING}{blob_id}"


async def own(
    connection: AsyncConnection, *, viewer: Viewer, blob_id: int, lock: bool = False
) -> UploadRow:
    """The viewer's upload of this number.

    :raises NotFound: if there is none, or it is somebody else's
    """
    query = select(*_COLUMNS).where(Upload.blob_id == blob_id)
    if lock:
        query = query.with_for_update()
    found = (await connection.execute(query)).first()
    row = UploadRow._make(found) if found else None
    if row is None or not viewer.wrote(row.user_id, row.cookie_id):
        raise NotFound("There is no such upload.")
    return row


async def ensure_awaited(connection: AsyncConnection, *, key: str) -> None:
    """:raises NotFound: if no upload waits for a file under this key"""
    number = key.removeprefix(INCOMING)
    query = select(Upload.blob_id).where(
        Upload.blob_id == int(number), Upload.confirmed_at.is_(None)
    )
    if await connection.scalar(query) is None:
        raise NotFound("This upload was confirmed, or is over: ask for another.")
