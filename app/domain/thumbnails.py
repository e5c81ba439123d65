"""Scaled pictures that the storage keeps, so that nobody has to wait for them (FACTS 13)."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.dialects import upsert
from app.db.failures import Failure, failure_of
from app.db.prepared import prepared
from app.db.running import rows_of
from app.db.zones import in_utc
from app.domain import images
from app.domain.options import Options, load
from app.domain.storage import Storage, blob_folder
from app.models import Blob
from app.models.waggle import Thumbnails

# What pages of many widths ask for.
CONTENT_SIZES = (600, 1200)
FORMATS = {"webp": images.as_webp, "jpg": images.as_jpeg}
MEDIA_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
LARGEST = 2000
_ORIGINAL: Final = re.compile(r"blobs/\d{3}/(\d{1,20})\.(jpg|jpeg|png|gif)")


class Original(NamedTuple):
    """A picture of the storage, as its key names it."""

    key: str
    blob_id: int
    format: str


class Thumbnail(NamedTuple):
    """A scaled picture: `format` is one of `FORMATS`, its sides have `size` pixels at the most."""

    size: int
    format: str
    content: bytes


def original_of(key: str) -> Original | None:
    """What a key of the storage names; None if that is no picture of q2a's."""
    match = _ORIGINAL.fullmatch(key)
    return Original(key, int(match[1]), match[2]) if match else None


def thumbnail_folder(blob_id: int) -> str:
    return f"{blob_folder(blob_id, below='thumbnails')}/{blob_id}"


def thumbnail_key(blob_id: int, *, size: int, format: str) -> str:
    return f"{thumbnail_folder(blob_id)}/{size}.{format}"


async def sizes_of(connection: AsyncConnection, *, blob_id: int) -> set[int]:
    """The sizes that the storage has of a blob, unless that was deleted."""
    try:
        rows = await rows_of(connection, _sizes(), {"of_blob": blob_id})
    except DBAPIError as error:
        # Reading works before Waggle's own tables are made.
        if failure_of(error) is not Failure.UNMIGRATED:
            raise
        return set()
    return {int(size) for (sizes,) in rows for size in sizes.split(",") if size}


@prepared
def _sizes() -> Select[Any]:
    with_blob: Select[Any] = select(Thumbnails.sizes).join(Blob, Blob.id == Thumbnails.blob_id)
    return with_blob.where(Thumbnails.blob_id == bindparam("of_blob"))


async def make(db: Database, storage: Storage, *, original: Original, now: datetime) -> int:
    """Make the thumbnails of a picture, unless they are there. It may be repeated and interrupted.

    :param now: with a zone
    :returns: how many were made
    :raises NotStored: if the picture is not in the storage any more
    :raises Invalid: if it is not a picture, is damaged or too large
    """
    async with db.read() as connection:
        wanted = sizes_for(await load(connection), original.format)
        if await _made(connection, original.blob_id) == wanted:
            return 0
    content = await storage.get(original.key)
    made = await images.apart(partial(thumbnails, content, sizes=wanted))
    for thumbnail in made:
        await storage.put(
            thumbnail_key(original.blob_id, size=thumbnail.size, format=thumbnail.format),
            thumbnail.content,
            content_type=MEDIA_TYPES[thumbnail.format],
        )
    await _note(db, original.blob_id, wanted, now)
    return len(made)


def sizes_for(options: Options, format: str) -> list[int]:
    """The sizes to make, ascending: those of the site's pages for an avatar (format `jpeg`)."""
    if format != "jpeg":
        return list(CONTENT_SIZES)
    sizes = {
        options.avatar_profile_size,
        options.avatar_users_size,
        options.avatar_q_page_q_size,
        options.avatar_q_page_a_size,
        options.avatar_q_page_c_size,
        options.avatar_q_list_size,
        options.avatar_message_list_size,
    }
    return sorted(size for size in sizes if 0 < size <= LARGEST)


def thumbnails(content: bytes, *, sizes: Sequence[int]) -> list[Thumbnail]:
    """The picture at each of the sizes, in each of the formats; never larger than it is.

    :param sizes: ascending
    :raises Invalid: if it is not a picture, is damaged, or has too many pixels
    """
    if not sizes:
        return []
    with images.opened(content, field="content") as image:
        image.draft("RGB", (sizes[-1], sizes[-1]))
        largest = images.opaque(images.fitting(images.upright(image), sizes[-1]))
        return [
            Thumbnail(size, format, write(images.fitting(largest, size)))
            for size in sizes
            for format, write in FORMATS.items()
        ]


async def _made(connection: AsyncConnection, blob_id: int) -> list[int]:
    sizes = await connection.scalar(select(Thumbnails.sizes).where(Thumbnails.blob_id == blob_id))
    return [int(size) for size in (sizes or "").split(",") if size]


async def _note(db: Database, blob_id: int, sizes: Sequence[int], now: datetime) -> None:
    row: dict[Any, Any] = {
        Thumbnails.blob_id: blob_id,
        Thumbnails.sizes: ",".join(map(str, sizes)),
        Thumbnails.made_at: in_utc(now),
    }
    changes = [(Thumbnails.sizes, row[Thumbnails.sizes])]
    async with db.begin() as connection:
        dialect, keys = connection.dialect.name, [Thumbnails.blob_id]
        await connection.execute(upsert(dialect, Thumbnails, [row], keys=keys, changes=changes))
