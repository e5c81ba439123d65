"""Orphans: what was uploaded and is nowhere is removed, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.db import Database
from app.domain import orphans
from app.domain.orphans import Removed
from app.domain.storage import Storage
from app.models import Blob, Message, Option, Page, Post, User, UserMeta
from app.models.waggle import Revision, StoredBlob, Thumbnails, Upload
from tests import pictures
from tests.api.test_avatars import avatar, set_avatar
from tests.api.test_uploading import ME, OTHER, Serve, made, requested, send, uploaded
from tests.conftest import Api, database_of
from tests.meadow import add_post

LONG_AGO = datetime(2020, 1, 1, 12, 0)  # noqa: DTZ001 - in the zone of the tables


@pytest.fixture
async def hive(site_url: str, serve: Serve, tmp_path: Path) -> Api:
    return await made(site_url, serve, tmp_path)


async def content(api: Api) -> int:
    """The number of a confirmed upload."""
    answer = await uploaded(api, pictures.file(pictures.image(700, 20)))
    return int(answer["upload"]["id"])


def html(blob_id: int) -> str:
    return f'<p><img src="https://bees.example/?qa=blob&amp;qa_blobid={blob_id}"></p>'


async def add(db: Database, model: Any, **values: Any) -> None:
    async with db.begin() as connection:
        row = {getattr(model, name): value for name, value in values.items()}
        await connection.execute(insert(model).values(row))


async def used_everywhere(api: Api) -> list[int]:
    """Uploads that are in all kinds of places."""
    db, ids = database_of(api), [await content(api) for _ in range(8)]
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    async with db.begin() as connection:
        await add_post(connection, "Q", content=html(ids[0]), created_at=now)
        await add_post(connection, "A_HIDDEN", content=html(ids[1]), created_at=now)
        old = await add_post(connection, "C", content=html(ids[2]), created_at=LONG_AGO)
        edited = update(Post).where(Post.id == old).values({Post.changed_at: now})
        await connection.execute(edited)
    await add(db, Revision, post_id=old, replaced_at=now, content=html(ids[3]), format="html")
    await add(db, Message, type="PUBLIC", content=html(ids[4]), format="html", created_at=now)
    await add(
        db, Page, id=1, title="a", slug="a", content=html(ids[5]), nav="O", position=1, flags=0
    )
    await add(db, Option, name="custom_header", value=html(ids[6]))
    await add(db, UserMeta, user_id=ME, title="card", content=html(ids[7]))
    return ids


async def numbers(db: Database, column: Any) -> set[int]:
    async with db.read() as connection:
        return set((await connection.execute(select(column))).scalars())


async def keys(storage: Storage) -> list[str]:
    return [entry.key async for entry in storage.list("")]


async def test_only_what_nobody_needs_is_removed(hive: Api) -> None:
    db, storage = database_of(hive), hive.app.state.storage
    kept = await used_everywhere(hive)
    mine, former, default = [int(await avatar(hive)) for _ in range(3)]
    for id in (former, mine):
        await set_avatar(hive, str(id))
    await add(db, Option, name="avatar_default_blobid", value=str(default))
    kept += [mine, default]
    unused = [await content(hive), int(await avatar(hive, viewer=OTHER))]
    unsent, unconfirmed = [await requested(hive, size=99) for _ in range(2)]
    await send(hive, unconfirmed, pictures.file(pictures.image()))
    await storage.put(f"incoming/{kept[0]}", b"once more", content_type="image/png")
    await hive.app.state.events.over()
    now = datetime.now(UTC)

    early = await orphans.remove(db, storage, now=now)
    stopped = await orphans.remove(db, storage, now=now + timedelta(days=8), must_stop=lambda: True)
    assert early == stopped == Removed()
    assert await numbers(db, Blob.id) == {*kept, *unused}
    a_day_later = await orphans.remove(db, storage, now=now + timedelta(days=2))
    later = [await orphans.remove(db, storage, now=now + timedelta(days=8)) for _ in range(2)]

    # What the former avatar was, and its thumbnails.
    assert a_day_later == Removed(unconfirmed=2, unused=0, gone=1, left=1)
    assert later == [Removed(unconfirmed=0, unused=2, gone=0), Removed()]
    for column in (Blob.id, StoredBlob.blob_id, Thumbnails.blob_id, Upload.blob_id):
        assert await numbers(db, column) == set(kept), column
    named = {key.replace(".", "/").split("/")[2] for key in await keys(storage)}
    assert named == {str(id) for id in kept}
    assert unsent["__typename"] == "RequestUploadSuccess"


async def test_what_was_used_once_is_kept_for_good(hive: Api) -> None:
    db, storage, id = database_of(hive), hive.app.state.storage, await content(hive)
    async with db.begin() as connection:
        when = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        post = await add_post(connection, "Q", content=html(id), created_at=when)
    await orphans.remove(db, storage, now=datetime.now(UTC) + timedelta(days=8))
    async with db.begin() as connection:
        await connection.execute(update(Post).where(Post.id == post).values({Post.content: ""}))

    removed = await orphans.remove(db, storage, now=datetime.now(UTC) + timedelta(days=80))

    assert removed == Removed()
    assert await numbers(db, Blob.id) == {id}


async def test_files_in_q2as_directory_are_removed_as_well(
    empty_file: Path, serve: Serve, tmp_path: Path
) -> None:
    site, blobs = tmp_path / "site.sqlite", tmp_path / "blobs"
    site.write_bytes(empty_file.read_bytes())  # noqa: ASYNC240
    blobs.mkdir()
    api = await made(f"sqlite+aiosqlite:///{site}", serve, tmp_path, BLOBS_DIRECTORY=str(blobs))
    await content(api)
    strange = blobs / "184" / "1.png"
    strange.parent.mkdir(exist_ok=True)
    strange.write_bytes(b"")
    later = datetime.now(UTC) + timedelta(days=8)

    await orphans.remove(database_of(api), api.app.state.storage, now=later)

    assert [path for path in blobs.rglob("*") if path.is_file()] == [strange]
    assert await numbers(database_of(api), User.id) == {ME, OTHER}
