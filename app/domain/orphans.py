"""Orphans: uploads that nobody confirmed or used, and files whose blob is gone.

Files are removed before rows: whoever is interrupted leaves rows by which the next run finds the
rest.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, delete, func, select, update

from app.db import Database
from app.db.zones import in_utc
from app.domain import blobs
from app.domain.options import load, number_of
from app.domain.storage import Storage, blob_folder
from app.domain.thumbnails import thumbnail_folder
from app.domain.uploads import INCOMING, incoming_key
from app.models import (
    Blob,
    Category,
    CategoryMeta,
    Message,
    Option,
    Page,
    Post,
    PostMeta,
    ProfileValue,
    TagMeta,
    User,
    UserMeta,
)
from app.models.kinds import KINDS
from app.models.waggle import Revision, Source, StoredBlob, Thumbnails, Upload

# A form is good for a quarter of an hour.
NEVER_CONFIRMED = timedelta(days=1)
# Somebody may take long to write what a picture is for.
NEVER_USED = timedelta(days=7)
# Thumbnails may be made before their blob is committed.
JUST_MADE = timedelta(hours=1)
AT_ONCE = 200
FORMATS = ("jpg", "png", "gif", "jpeg")
# What every address of a file has in it, however its ampersand is written.
MARK = "qa_blobid="
_NAMED: Final = re.compile(rf"{MARK}(\d{{1,20}})")
# Where addresses may be besides posts: few rows, or few that have the mark.
_TEXTS: Sequence[Any] = (
    Page.content,
    Option.value,
    Category.description,
    ProfileValue.value,
    PostMeta.content,
    CategoryMeta.content,
    TagMeta.content,
    UserMeta.content,
    Source.text,
)


class Removed(NamedTuple):
    """How many uploads were never confirmed, how many never used, how many blobs are gone, and how
    many files were left where uploads wait to be confirmed.
    """

    unconfirmed: int = 0
    unused: int = 0
    gone: int = 0
    left: int = 0


def _never() -> bool:
    return False


async def remove(
    db: Database, storage: Storage, *, now: datetime, must_stop: Callable[[], bool] = _never
) -> Removed:
    """Remove what nobody needs. Two at once do no harm, and it may be interrupted.

    :param now: with a zone
    :param must_stop: whether to end early; the next run does the rest
    :raises StorageError: if the storage fails
    """
    moment = in_utc(now)
    sweep = _Sweep(db, storage, must_stop)
    return Removed(
        unconfirmed=await sweep.away(_unconfirmed(moment - NEVER_CONFIRMED)),
        unused=await _remove_unused(sweep, moment - NEVER_USED),
        gone=await sweep.away(_gone(StoredBlob, StoredBlob.stored_at, moment - JUST_MADE))
        + await sweep.away(_gone(Thumbnails, Thumbnails.made_at, moment - JUST_MADE)),
        left=await _remove_left(sweep, now - NEVER_CONFIRMED),
    )


class _Sweep:
    """Removes blobs by their numbers."""

    def __init__(self, db: Database, storage: Storage, must_stop: Callable[[], bool]) -> None:
        self.db = db
        self.storage = storage
        self.must_stop = must_stop

    async def away(self, query: Select[Any]) -> int:
        """Remove what `query` finds, until it finds nothing."""
        count = 0
        while not self.must_stop():
            ids = await self.found(query)
            for blob_id in ids:
                await self.remove(blob_id)
            count += len(ids)
            if len(ids) < AT_ONCE:
                break
        return count

    async def found(self, query: Select[Any]) -> Sequence[int]:
        async with self.db.read() as connection:
            return list((await connection.execute(query.limit(AT_ONCE))).scalars())

    async def remove(self, blob_id: int) -> None:
        """Remove all files of a blob, and then its rows."""
        await self.storage.delete(incoming_key(blob_id))
        for prefix in (f"{blob_folder(blob_id)}/{blob_id}.", f"{thumbnail_folder(blob_id)}/"):
            for entry in [entry async for entry in self.storage.list(prefix)]:
                await self.storage.delete(entry.key)
        await self._remove_from_disk(blob_id)
        async with self.db.begin() as connection:
            for model, column in (
                (Blob, Blob.id),
                (StoredBlob, StoredBlob.blob_id),
                (Thumbnails, Thumbnails.blob_id),
                (Upload, Upload.blob_id),
            ):
                await connection.execute(delete(model).where(column == blob_id))

    async def _remove_from_disk(self, blob_id: int) -> None:
        directory = self.db.settings.blobs_directory
        if directory is None:
            return
        for format in FORMATS:
            row = blobs.BlobRow(blob_id, format, None, None)
            path = blobs.path_of(row, directory=directory)
            await asyncio.to_thread(path.unlink, missing_ok=True)


def _unconfirmed(before: datetime) -> Select[Any]:
    return select(Upload.blob_id).where(
        Upload.kept_at.is_(None), Upload.confirmed_at.is_(None), Upload.requested_at < before
    )


def _gone(model: Any, moment: Any, before: datetime) -> Select[Any]:
    """What is stored of blobs that q2a, or a change of avatars, has deleted."""
    return (
        select(model.blob_id)
        .outerjoin(Blob, Blob.id == model.blob_id)
        .where(Blob.id.is_(None), moment < before)
    )


async def _remove_unused(sweep: _Sweep, before: datetime) -> int:
    """Remove uploads that were confirmed long ago and are nowhere; the others are kept for good."""
    query = select(Upload.blob_id).where(
        Upload.kept_at.is_(None), Upload.confirmed_at.is_not(None), Upload.requested_at < before
    )
    count = 0
    while not sweep.must_stop():
        ids = await sweep.found(query.order_by(Upload.requested_at))
        used = await _used(sweep.db, ids)
        await _keep(sweep.db, used)
        for blob_id in set(ids) - used:
            await sweep.remove(blob_id)
            count += 1
        if len(ids) < AT_ONCE:
            break
    return count


async def _remove_left(sweep: _Sweep, before: datetime) -> int:
    """Remove what was confirmed by somebody who was interrupted then, or sent once more."""
    left = [
        entry.key
        async for entry in sweep.storage.list(INCOMING)
        if entry.modified_at < before and not sweep.must_stop()
    ]
    for key in left:
        await sweep.storage.delete(key)
    return len(left)


async def _keep(db: Database, ids: Collection[int]) -> None:
    async with db.begin() as connection:
        statement = update(Upload).where(Upload.blob_id.in_(ids))
        await connection.execute(statement.values({Upload.kept_at: Upload.confirmed_at}))


async def _used(db: Database, ids: Sequence[int]) -> set[int]:
    """Which of the uploads are shown by a profile, or named by any text of the site."""
    if not ids:
        return set()
    async with db.read() as connection:
        earliest = select(func.min(Upload.requested_at)).where(Upload.blob_id.in_(ids))
        first = await connection.scalar(earliest)
        avatars = select(User.avatar_blob_id).where(User.avatar_blob_id.in_(ids))
        found = {id or 0 for id in (await connection.execute(avatars)).scalars()}
        found.add(number_of((await load(connection)).avatar_default_blobid))
        if first is not None:
            # Clocks differ, and hours are skipped or repeated in summer and winter.
            since = first - timedelta(hours=3)
            local = (await db.zone()).to_local(since.replace(tzinfo=UTC))
            for query in _texts(since=since, local=local):
                async for text in (await connection.stream(query)).scalars():
                    found.update(int(number) for number in _NAMED.findall(text))
    return found & set(ids)


def _texts(*, since: datetime, local: datetime) -> list[Select[Any]]:
    """All texts that may name an upload that was requested after `since` (UTC; here: `local`)."""
    queries = [
        # Two questions, so that each has its index.
        (Post.content, Post.type.in_(KINDS) & (Post.created_at >= local)),
        (Post.content, Post.changed_at >= local),
        (Message.content, Message.created_at >= local),
        (Revision.content, Revision.replaced_at >= since),
        *((column, None) for column in _TEXTS),
    ]
    return [
        select(column).where(column.contains(MARK, autoescape=True), *_given(condition))
        for column, condition in queries
    ]


def _given(condition: Any) -> list[Any]:
    return [] if condition is None else [condition]
