"""q2a's addresses for files and pictures go on answering, from the database or from disk."""

import asyncio
import io
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import delete, event, func, insert, select

from app.db import Database
from app.domain.images import MAX_PIXELS, apart, scaled
from app.endpoint.files import MAX_SIZE, SCALED_AT_ONCE
from app.models import Blob, CachedImage
from tests.http.conftest import Meadow

# Above what fits into 63 bits, as half of q2a's ids are.
BIG = 18_446_743_999_999_999_999
SMALL = 1_000_000_000_007


def picture(width: int, height: int, format: str = "PNG", mode: str = "RGB") -> bytes:
    output = io.BytesIO()
    Image.new(mode, (width, height)).save(output, format)
    return output.getvalue()


async def add_blob(db: Database, *, id: int, content: bytes | None, format: str = "png") -> None:
    async with db.begin() as connection:
        values: dict[str, Any] = {"id": id, "format": format, "content": content}
        await connection.execute(insert(Blob).values(filename="蜂 hive.x", **values))


async def counts(db: Database) -> tuple[int, int]:
    async with db.read() as connection:
        files = await connection.scalar(select(func.count()).select_from(Blob))
        cached = await connection.scalar(select(func.count()).select_from(CachedImage))
    return files or 0, cached or 0


def size_of(response: httpx.Response) -> tuple[int, int]:
    assert response.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(response.content)) as image:
        assert image.format == "JPEG"
        return image.size


@pytest.mark.parametrize("path", ["/", "/index.php", "/forum/", "/forum/index.php"])
@pytest.mark.parametrize("id", [SMALL, BIG])
async def test_a_picture_is_shown_in_place(
    client: httpx.AsyncClient, db: Database, path: str, id: int
) -> None:
    await add_blob(db, id=id, content=picture(3, 2))

    response = await client.get(path, params={"qa": "blob", "qa_blobid": str(id)})

    assert response.status_code == 200
    assert response.content == picture(3, 2)
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"] == "inline"
    assert response.headers["cache-control"] == "public, max-age=2592000"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]


async def test_a_head_request_is_answered(client: httpx.AsyncClient, db: Database) -> None:
    await add_blob(db, id=BIG, content=picture(3, 2))

    response = await client.head(f"/?qa=blob&qa_blobid={BIG}")

    assert response.status_code == 200
    assert int(response.headers["content-length"]) == len(picture(3, 2))


@pytest.mark.parametrize("format", ["pdf", "svg", "swf", "html", "xml", "js", "zip", "EXE"])
async def test_anything_but_a_picture_is_saved(
    client: httpx.AsyncClient, db: Database, format: str
) -> None:
    await add_blob(db, id=SMALL, content=b"<script>alert(1)</script>", format=format)

    response = await client.get(f"/?qa=blob&qa_blobid={SMALL}")

    disposition = response.headers["content-disposition"]
    assert disposition == "attachment; filename*=UTF-8''%E8%9C%82%20hive.x"
    assert not response.headers["content-type"].startswith(("text/html", "image/", "text/javasc"))


@pytest.mark.parametrize("kind", ["blob", "image"])
async def test_what_a_browser_has_is_not_sent_again(
    client: httpx.AsyncClient, db: Database, kind: str
) -> None:
    await add_blob(db, id=BIG, content=picture(3, 2))
    url = f"/?qa={kind}&qa_blobid={BIG}&qa_size=2"
    first = await client.get(url)

    again = await client.get(url, headers={"if-none-match": first.headers["etag"]})
    other = await client.get(url, headers={"if-none-match": '"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("qa=blob", 400),
        ("qa=blob&qa_blobid=", 400),
        ("qa=blob&qa_blobid=x", 400),
        ("qa=blob&qa_blobid=-1", 400),
        ("qa=blob&qa_blobid=1.5", 400),
        ("qa=blob&qa_blobid=%D9%A1", 400),
        (f"qa=blob&qa_blobid={2**64}", 400),
        ("qa=blob&qa_blobid=" + "9" * 5000, 400),
        (f"qa=blob&qa_blobid={2**64 - 1}", 404),
        ("qa=blob&qa_blobid=1", 404),
        (f"qa=image&qa_blobid={SMALL}", 400),
        (f"qa=image&qa_blobid={SMALL}&qa_size=0", 400),
        (f"qa=image&qa_blobid={SMALL}&qa_size=big", 400),
        ("qa=image&qa_blobid=1&qa_size=50", 404),
    ],
)
async def test_what_is_not_there_or_no_id_is_refused(
    client: httpx.AsyncClient, db: Database, query: str, status: int
) -> None:
    await add_blob(db, id=SMALL, content=picture(3, 2))

    response = await client.get(f"/?{query}")

    assert response.status_code == status
    assert response.json()["errors"][0]["message"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("id", "folder"), [(SMALL, "000"), (BIG, "184"), (234_567_890_123_456_789, "002")]
)
async def test_a_file_on_disk_is_read_from_q2as_directory(
    meadow: Meadow, db: Database, tmp_path: Path, id: int, folder: str
) -> None:
    client = await meadow(blobs_directory=tmp_path)
    await add_blob(db, id=id, content=None, format="jpeg")
    (tmp_path / folder).mkdir()
    (tmp_path / folder / f"{id}.jpeg").write_bytes(picture(9, 6, "JPEG"))

    whole = await client.get(f"/?qa=blob&qa_blobid={id}")
    small = await client.get(f"/?qa=image&qa_blobid={id}&qa_size=3")

    assert whole.content == picture(9, 6, "JPEG")
    assert size_of(small) == (3, 2)


async def test_a_file_that_is_missing_on_disk_is_not_found(
    meadow: Meadow, db: Database, tmp_path: Path
) -> None:
    with_directory, without = await meadow(blobs_directory=tmp_path), await meadow()
    await add_blob(db, id=SMALL, content=None)

    for client in (with_directory, without):
        response = await client.get(f"/?qa=blob&qa_blobid={SMALL}")

        assert response.status_code == 404


async def test_a_format_cannot_lead_out_of_the_directory(
    meadow: Meadow, db: Database, tmp_path: Path
) -> None:
    client = await meadow(blobs_directory=tmp_path)
    (tmp_path / "000" / f"{SMALL}.").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    await add_blob(db, id=SMALL, content=None, format="/../../secret")

    response = await client.get(f"/?qa=blob&qa_blobid={SMALL}")

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("width", "height", "size", "expected"),
    [
        (400, 300, 100, (100, 75)),
        (300, 400, 100, (75, 100)),
        (40, 30, 100, (40, 30)),
        (4000, 2, 100, (100, 1)),
        (3000, 1500, 10**6, (MAX_SIZE, MAX_SIZE // 2)),
    ],
)
async def test_a_picture_is_scaled_to_fit(
    client: httpx.AsyncClient,
    db: Database,
    width: int,
    height: int,
    size: int,
    expected: tuple[int, int],
) -> None:
    await add_blob(db, id=BIG, content=picture(width, height))

    response = await client.get(f"/?qa=image&qa_blobid={BIG}&qa_size={size}")

    assert size_of(response) == expected
    assert response.headers["cache-control"] == "public, max-age=2592000"


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("GIF", "P"),
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGBA"),
    ],
)
async def test_pictures_of_every_kind_can_be_scaled(
    client: httpx.AsyncClient, db: Database, format: str, mode: str
) -> None:
    await add_blob(db, id=BIG, content=picture(40, 20, format, mode), format=format.lower())

    response = await client.get(f"/?qa=image&qa_blobid={BIG}&qa_size=10")

    assert size_of(response) == (10, 5)


def test_what_is_transparent_becomes_white() -> None:
    with Image.open(io.BytesIO(scaled(picture(8, 8, mode="RGBA"), size=4))) as image:
        assert image.getpixel((2, 2)) == (255, 255, 255)


def test_grey_of_sixteen_bits_stays_grey() -> None:
    output = io.BytesIO()
    Image.new("I;16", (8, 8), 40_000).save(output, "PNG")

    with Image.open(io.BytesIO(scaled(output.getvalue(), size=4))) as image:
        assert image.getpixel((2, 2)) == (156, 156, 156)


async def test_the_picture_that_q2a_keeps_is_used_and_nothing_is_written(
    client: httpx.AsyncClient, db: Database
) -> None:
    kept = picture(20, 20, "JPEG")
    await add_blob(db, id=BIG, content=picture(40, 40))
    async with db.begin() as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        row = {"blob_id": BIG, "content": kept, "created_at": now, "read_at": now}
        await connection.execute(insert(CachedImage).values(type="i_20", **row))
    before = await counts(db)

    from_cache = await client.get(f"/?qa=image&qa_blobid={BIG}&qa_size=20")
    scaled_now = await client.get(f"/?qa=image&qa_blobid={BIG}&qa_size=30")

    assert from_cache.content == kept
    assert size_of(scaled_now) == (30, 30)
    assert await counts(db) == before


@pytest.mark.parametrize(
    "content", [b"", b"no picture", picture(30, 30)[:60], b"\x89PNG\r\n\x1a\n"]
)
async def test_what_is_no_picture_cannot_be_scaled(
    client: httpx.AsyncClient, db: Database, content: bytes
) -> None:
    await add_blob(db, id=SMALL, content=content)

    response = await client.get(f"/?qa=image&qa_blobid={SMALL}&qa_size=10")

    assert response.status_code == 400
    assert "picture" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("side", [7000, 10_000, 20_000])
async def test_a_small_file_with_too_many_pixels_is_refused(
    client: httpx.AsyncClient, db: Database, side: int
) -> None:
    assert side * side > MAX_PIXELS
    await add_blob(db, id=SMALL, content=_blank_gif(side))

    response = await client.get(f"/?qa=image&qa_blobid={SMALL}&qa_size=10")

    assert response.status_code == 400
    assert "too many pixels" in response.json()["errors"][0]["message"]


def _blank_gif(side: int) -> bytes:
    """The head of a picture that says how large it is; the pixels need not be there."""
    head = picture(1, 1, "GIF", "P")
    return head[:6] + side.to_bytes(2, "little") * 2 + head[10:]


async def test_a_picture_is_scaled_once_for_many(client: httpx.AsyncClient, db: Database) -> None:
    await add_blob(db, id=BIG, content=picture(400, 400))
    url = f"/?qa=image&qa_blobid={BIG}&qa_size=100"
    first = await client.get(url)
    async with db.begin() as connection:
        await connection.execute(delete(Blob))

    later = await asyncio.gather(*[client.get(url) for _ in range(5)])

    assert {response.content for response in later} == {first.content}


async def test_a_database_that_is_away_is_said_to_be(meadow: Meadow, unused_tcp_port: int) -> None:
    url = f"mysql+aiomysql://user:secret@127.0.0.1:{unused_tcp_port}/site"
    client = await meadow(database_url=url)

    response = await client.get(f"/?qa=blob&qa_blobid={SMALL}")

    assert response.status_code == 503
    assert response.json()["errors"][0]["message"] == "The database cannot be reached."


async def test_pictures_that_wait_to_be_scaled_wait_outside_of_memory(
    client: httpx.AsyncClient, db: Database
) -> None:
    await add_blob(db, id=SMALL, content=picture(60, 60))
    files_read = []
    may_go_on = threading.Event()
    busy = [asyncio.create_task(apart(may_go_on.wait)) for _ in range(2)]

    @event.listens_for(db.engine.sync_engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "blobs" in statement and "filename" in statement:
            files_read.append(statement)

    url = f"/?qa=image&qa_blobid={SMALL}&qa_size="
    asked = [asyncio.create_task(client.get(f"{url}{size}")) for size in range(10, 40)]
    while len(files_read) < SCALED_AT_ONCE:  # noqa: ASYNC110 - it has nobody to tell
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    held = len(files_read)
    may_go_on.set()
    await asyncio.gather(*busy)

    assert [size_of(await answer) for answer in asked] == [(n, n) for n in range(10, 40)]
    assert held == SCALED_AT_ONCE
