"""Storage: the same promises from a local folder and from S3."""

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from app.aws.local_storage import LocalStorage
from app.aws.storage import storage_of
from app.config import Settings
from app.domain.storage import (
    CHUNK_BYTES,
    Damaged,
    NotStored,
    Storage,
    StorageError,
    StoredObject,
    blob_key,
)

BIG = 18_446_743_999_999_999_999


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        return storage_of(Settings(storage_url=request.getfixturevalue("s3_url")))
    return storage_of(Settings(storage_url=(tmp_path / "my files").as_uri()))


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def keys(storage: Storage, prefix: str) -> list[str]:
    return [entry.key async for entry in storage.list(prefix)]


async def test_an_object_comes_back_as_it_was_put(storage: Storage) -> None:
    whole = bytes(range(256)) * 12_000
    began = datetime.now(UTC) - timedelta(seconds=2)

    await storage.put("a/b.bin", b"old", content_type="image/png")
    put = await storage.put(
        "a/b.bin",
        pieces(whole[:70_000], whole[70_000:]),
        content_type="image/png",
        sha256=sha256(whole).digest(),
    )

    assert await storage.get("a/b.bin") == whole
    chunks = [chunk async for chunk in storage.stream("a/b.bin")]
    assert b"".join(chunks) == whole
    assert max(map(len, chunks)) <= CHUNK_BYTES
    head = await storage.head("a/b.bin")
    assert head is not None
    assert (put.key, put.size) == (head.key, head.size) == ("a/b.bin", len(whole))
    assert head.modified_at >= began
    assert storage.location("a/b.bin").endswith("/a/b.bin")


async def test_bytes_that_were_damaged_on_the_way_are_not_kept(storage: Storage) -> None:
    await storage.put("a", b"old", content_type="text/plain")

    with pytest.raises(Damaged):
        await storage.put("a", b"new", content_type="text/plain", sha256=bytes(32))

    assert await storage.get("a") == b"old"
    assert await keys(storage, "") == ["a"]


async def test_a_source_that_fails_half_way_leaves_nothing(storage: Storage) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises((ConnectionError, StorageError)):
        await storage.put("a/b", failing(), content_type="text/plain")

    assert await storage.head("a/b") is None
    assert await keys(storage, "") == []


async def test_what_is_not_there_is_said_to_be_missing(storage: Storage) -> None:
    await storage.put("a/b", b"1", content_type="text/plain")

    for key in ("c", "a", "a/b/c"):
        assert await storage.head(key) is None
        await storage.delete(key)
        with pytest.raises(NotStored):
            await storage.get(key)
        with pytest.raises(NotStored):
            await anext(storage.stream(key))

    await storage.delete("a/b")
    assert await storage.head("a/b") is None


async def test_objects_are_listed_by_prefix_in_the_order_of_their_keys(storage: Storage) -> None:
    for key in ("ab/2", "ab-1", "ab/1", "a", "b/1", "ab/10/x", "ab.png"):
        await storage.put(key, key.encode(), content_type="text/plain")

    assert await keys(storage, "") == ["a", "ab-1", "ab.png", "ab/1", "ab/10/x", "ab/2", "b/1"]
    assert await keys(storage, "ab") == ["ab-1", "ab.png", "ab/1", "ab/10/x", "ab/2"]
    assert await keys(storage, "ab/1") == ["ab/1", "ab/10/x"]
    assert await keys(storage, "c/d") == []
    [entry] = [entry async for entry in storage.list("ab/10/")]
    assert entry == StoredObject("ab/10/x", 7, entry.modified_at)


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../x", "a//b", "a/", ".secret", "a/.b", "a\\b", "ä", "a\n"],
)
async def test_no_key_leads_out_of_the_storage(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        await storage.put(key, b"", content_type="text/plain")
    with pytest.raises(ValueError, match="no key"):
        await storage.get(key)
    with pytest.raises(ValueError, match="no key"):
        await storage.presign_upload(
            key, content_type="image/png", max_bytes=1, expires_at=datetime.now(UTC)
        )


async def test_readers_see_the_old_object_or_the_new_one(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    versions = [bytes([n]) * 300_000 for n in range(8)]
    await storage.put("a", versions[0], content_type="text/plain")

    async def read() -> bytes:
        return await storage.get("a")

    writes = [storage.put("a", version, content_type="text/plain") for version in versions]
    results = await asyncio.gather(*writes, *[read() for _ in range(16)])

    assert all(result in versions for result in results if isinstance(result, bytes))
    assert await keys(storage, "") == ["a"]


async def test_what_killed_processes_were_writing_is_removed(tmp_path: Path) -> None:
    drafts = tmp_path / ".drafts"
    drafts.mkdir()
    for name, hours in (("old", 25), ("young", 1)):
        (drafts / name).write_bytes(b"half a bee")
        os.utime(drafts / name, (time.time() - hours * 3600,) * 2)

    await LocalStorage(tmp_path).put("a", b"bee", content_type="text/plain")

    assert [draft.name for draft in drafts.iterdir()] == ["young"]


async def test_a_form_leads_to_where_the_api_is_reached(tmp_path: Path) -> None:
    for api_url, url in (
        ("", "/uploads"),
        ("https://bees.example/api/", "https://bees.example/api/uploads"),
    ):
        storage = storage_of(Settings(storage_url=str(tmp_path), api_url=api_url))
        soon = datetime.now(UTC) + timedelta(minutes=1)
        form = await storage.presign_upload(
            "incoming/1", content_type="image/png", max_bytes=9, expires_at=soon
        )
        assert form.url == url


async def test_s3_takes_an_upload_by_its_form_and_hands_it_out_by_its_url(s3_url: str) -> None:
    storage = storage_of(Settings(storage_url=s3_url))
    later = datetime.now(UTC) + timedelta(minutes=5)
    form = await storage.presign_upload(
        "incoming/1", content_type="image/png", max_bytes=100, expires_at=later
    )

    async with httpx.AsyncClient() as client:
        sent = await client.post(form.url, data=dict(form.fields), files={"file": b"picture"})
        url = await storage.url(
            "incoming/1", content_type="image/png", disposition="inline", seconds=60
        )
        assert url is not None
        got = await client.get(url)

    # The emulator takes any file: what S3 will hold clients to is in the policy.
    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert ["content-length-range", 1, 100] in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert {"key": "site/incoming/1"} in conditions
    assert sent.status_code == 204
    assert await storage.get("incoming/1") == b"picture"
    assert (got.content, got.headers["content-type"]) == (b"picture", "image/png")


def test_files_are_named_as_in_q2as_directory() -> None:
    assert blob_key(BIG, "jpg") == f"blobs/184/{BIG}.jpg"
    assert blob_key(10**12, "png") == f"blobs/000/{10**12}.png"
    for format in ("", "../x", "p.g"):
        with pytest.raises(ValueError, match="no format"):
            blob_key(BIG, format)
