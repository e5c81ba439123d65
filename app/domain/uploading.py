"""Uploading pictures: asked for, sent to the storage by the client, and then confirmed (FACTS 13).

Between the two the database knows nothing of the file. What is confirmed is checked, written anew,
and becomes a blob of q2a's, so that the old pages show it as well.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.zones import in_utc
from app.domain import (
    blobs,
    drafts,
    guests,
    images,
    limiting,
    permissions,
    pictures,
    profile_editing,
    uploads,
    writing,
)
from app.domain.errors import Denial, Invalid
from app.domain.limits import LimitedAction
from app.domain.options import Options
from app.domain.permits import Permit, permit_denial
from app.domain.pictures import Picture
from app.domain.storage import NotStored, Storage, UploadForm, blob_key
from app.domain.uploads import UploadPurpose, UploadRow, incoming_key
from app.domain.viewers import Viewer
from app.domain.writing import Writer
from app.models import Blob
from app.models.waggle import StoredBlob, Upload

# For how long a form may be used, and its file waits to be confirmed.
TIME_TO_UPLOAD = timedelta(minutes=15)
MOST_ATTEMPTS = 20
LONGEST_FILENAME = 255
POSTING = (Permit.POST_Q, Permit.POST_A, Permit.POST_C)
MEDIA_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
NO_FILE = "There is no file: it was not uploaded, or it was refused."


@dataclass(frozen=True)
class Wish:
    """What somebody wants to upload; `size` is in bytes."""

    filename: str
    content_type: str
    size: int
    purpose: UploadPurpose


class Requested(NamedTuple):
    """An upload that may begin; `cookie_id` is what its sender is known by, a guest."""

    upload: UploadRow
    expires_at: datetime
    cookie_id: int | None


def denial(viewer: Viewer, options: Options, purpose: UploadPurpose) -> Denial | None:
    """May the viewer upload pictures for this? q2a's editor has a switch of its own for it.

    Contents are for those who may write any: q2a lets everybody upload who finds the address.
    """
    if purpose is UploadPurpose.AVATAR:
        found = profile_editing.denial(viewer, options)
        return found or (None if options.avatar_allow_upload else Denial.SWITCHED_OFF)
    if not options.wysiwyg_editor_upload_images:
        return Denial.SWITCHED_OFF
    denials = [permit_denial(viewer, options, permit) for permit in POSTING]
    return None if None in denials else denials[0]


def most_bytes(options: Options, purpose: UploadPurpose, *, limit: int) -> int:
    """The largest file that is accepted.

    :param limit: that of the settings
    """
    if purpose is UploadPurpose.AVATAR:
        return limit
    return min(max(options.wysiwyg_editor_upload_max_size, 0), limit)


async def request(
    connection: AsyncConnection, *, writer: Writer, wish: Wish, limit: int
) -> Requested:
    """Let the writer upload a file. A guest without a cookie gets one.

    :param limit: the most bytes that the settings allow
    :raises NotAllowed: if the writer may not upload for this purpose
    :raises Invalid: if the name, the type or the size is not acceptable
    :raises RateLimited: if the writer has uploaded too much in this hour
    """
    permissions.ensure(denial(writer.viewer, writer.options, wish.purpose))
    filename = await _acceptable(connection, writer.options, wish, limit)
    writer = await guests.known(connection, writer=writer)
    await writing.mark(connection, writer=writer)
    await limiting.count(connection, writer=writer, action=LimitedAction.UPLOAD)
    row = UploadRow(
        blob_id=guests.SMALLEST + secrets.randbelow(guests.LARGEST - guests.SMALLEST),
        purpose=wish.purpose.value,
        filename=filename,
        content_type=wish.content_type,
        size=wish.size,
        user_id=writer.viewer.id,
        cookie_id=None if writer.viewer.account else writer.viewer.cookie_id,
        requested_at=in_utc(writer.now),
        attempts=0,
        confirmed_at=None,
        format=None,
        width=None,
        height=None,
    )
    values: dict[Any, Any] = {getattr(Upload, name): value for name, value in row._asdict().items()}
    values[Upload.requested_from] = writer.viewer.address
    await connection.execute(insert(Upload).values(values))
    return Requested(row, writer.now + TIME_TO_UPLOAD, row.cookie_id)


async def _acceptable(connection: AsyncConnection, options: Options, wish: Wish, limit: int) -> str:
    """The file's name as it is stored, if all of the wish can be fulfilled."""
    if wish.content_type not in pictures.MEDIA_TYPES:
        accepted = ", ".join(pictures.MEDIA_TYPES)
        raise Invalid("contentType", f"The types that are accepted are {accepted}.")
    most = most_bytes(options, wish.purpose, limit=limit)
    if not 0 < wish.size <= most:
        raise Invalid("size", f"A file has 1 to {most:,} bytes here.")
    # Browsers may send a path.
    filename = drafts.on_one_line(wish.filename.replace("\\", "/").rpartition("/")[2])
    if not 0 < len(filename) <= LONGEST_FILENAME:
        raise Invalid("filename", f"A file's name has 1 to {LONGEST_FILENAME} characters.")
    return await drafts.storable(connection, Blob.filename, filename, field="filename")


async def form_of(storage: Storage, requested: Requested) -> UploadForm:
    """The form by which the client sends the file."""
    upload = requested.upload
    return await storage.presign_upload(
        incoming_key(upload.blob_id),
        content_type=upload.content_type,
        max_bytes=upload.size,
        expires_at=requested.expires_at,
    )


async def attempt(connection: AsyncConnection, *, writer: Writer, blob_id: int) -> UploadRow:
    """Begin to confirm an upload, unless it is confirmed. Each time may cost seconds of work.

    :returns: the upload as it is
    :raises NotFound: if it is not the writer's, or was removed
    :raises Invalid: if that was tried too often
    """
    upload = await uploads.own(connection, viewer=writer.viewer, blob_id=blob_id, lock=True)
    if upload.confirmed_at is not None:
        return upload
    if upload.attempts >= MOST_ATTEMPTS:
        raise Invalid("uploadId", "This was tried too often: ask for another upload.")
    this = update(Upload).where(Upload.blob_id == blob_id)
    await connection.execute(this.values({Upload.attempts: Upload.attempts + 1}))
    return upload


async def receive(storage: Storage, *, upload: UploadRow, options: Options) -> Picture:
    """The picture that was uploaded, written anew, and put where thumbnails are made of it.

    :raises Invalid: if nothing was uploaded, or nothing that is accepted; that is removed
    """
    key = incoming_key(upload.blob_id)
    found = await storage.head(key)
    if found is None:
        raise Invalid("uploadId", NO_FILE)
    try:
        # Not every storage holds clients to the size of the form.
        if found.size > upload.size:
            raise Invalid("uploadId", "The file is larger than was announced.")
        picture = await images.apart(_cleaning(await storage.get(key), upload, options))
    except NotStored:
        raise Invalid("uploadId", NO_FILE) from None
    except Invalid:
        await storage.delete(key)
        raise
    await storage.put(
        blob_key(upload.blob_id, picture.format),
        picture.content,
        content_type=MEDIA_TYPES[picture.format],
        sha256=sha256(picture.content).digest(),
    )
    return picture


def _cleaning(content: bytes, upload: UploadRow, options: Options) -> "partial[Picture]":
    if upload.purpose == UploadPurpose.AVATAR.value:
        size = max(options.avatar_store_size, 1)
        return partial(pictures.avatar, content, size=size, field="uploadId")
    return partial(pictures.cleaned, content, field="uploadId")


async def confirm(
    connection: AsyncConnection,
    *,
    writer: Writer,
    blob_id: int,
    picture: Picture,
    directory: Path | None,
) -> UploadRow:
    """Make an upload a blob of q2a's. Of several who come at once, one does.

    :param directory: where q2a has its files, and this one is already; None: in the table
    :raises NotFound: if the upload is not the writer's, or was removed in the meantime
    :raises NotAllowed: if the writer may not upload any more
    """
    await writing.mark(connection, writer=writer)
    upload = await uploads.own(connection, viewer=writer.viewer, blob_id=blob_id, lock=True)
    if upload.confirmed_at is not None:
        return upload
    permissions.ensure(denial(writer.viewer, writer.options, UploadPurpose(upload.purpose)))
    confirmed = upload._replace(
        confirmed_at=in_utc(writer.now),
        format=picture.format,
        width=picture.width,
        height=picture.height,
    )
    await connection.execute(
        insert(Blob).values(_blob(writer, confirmed, None if directory else picture.content))
    )
    origin = "directory" if directory else "table"
    await connection.execute(insert(StoredBlob).values(_stored_blob(confirmed, picture, origin)))
    changed = ("confirmed_at", "format", "width", "height")
    await connection.execute(
        update(Upload)
        .where(Upload.blob_id == blob_id)
        .values({getattr(Upload, name): getattr(confirmed, name) for name in changed})
    )
    return confirmed


def _blob(writer: Writer, upload: UploadRow, content: bytes | None) -> dict[Any, Any]:
    # q2a gives avatars no name.
    is_avatar = upload.purpose == UploadPurpose.AVATAR.value
    return {
        Blob.id: upload.blob_id,
        Blob.format: upload.format,
        Blob.content: content,
        Blob.filename: None if is_avatar else upload.filename,
        Blob.user_id: upload.user_id,
        Blob.cookie_id: upload.cookie_id,
        Blob.created_from: writer.viewer.address,
        Blob.created_at: writer.time,
    }


def _stored_blob(upload: UploadRow, picture: Picture, origin: str) -> dict[Any, Any]:
    return {
        StoredBlob.blob_id: upload.blob_id,
        StoredBlob.key: blob_key(upload.blob_id, picture.format),
        StoredBlob.sha256: sha256(picture.content).digest(),
        StoredBlob.size: len(picture.content),
        StoredBlob.content_type: MEDIA_TYPES[picture.format],
        StoredBlob.origin: origin,
        StoredBlob.stored_at: upload.confirmed_at,
    }


async def keep_on_disk(directory: Path, *, upload: UploadRow, picture: Picture) -> None:
    """Put the picture where q2a looks for a blob without content."""
    row = blobs.BlobRow(upload.blob_id, picture.format, None, None)
    await blobs.write(blobs.path_of(row, directory=directory), picture.content)
