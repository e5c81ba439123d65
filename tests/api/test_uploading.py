"""Uploading pictures as a client does it: asked for, sent to the storage, confirmed."""

import asyncio
import io
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from sqlalchemy import insert, select

from app.db import Database
from app.domain import orphans
from app.domain.storage import Storage
from app.jobs.job import Work
from app.jobs.logs import Log
from app.jobs.running import run
from app.jobs.thumbnails import JOB
from app.models import Blob
from app.models.waggle import StoredBlob, Thumbnails, Upload
from tests import pictures
from tests.conftest import Api, database_of
from tests.meadow import HERE, add_user, expect_no_differences, set_option, settle

REQUEST = """
    mutation ($input: RequestUploadInput!) {
        requestUpload(input: $input) {
            __typename
            ... on RequestUploadSuccess { uploadId url fields { name value } expiresAt }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
            ... on RateLimited { retryAfter }
        }
    }
"""
CONFIRM = """
    mutation ($id: ID!) {
        confirmUpload(input: {uploadId: $id}) {
            __typename
            ... on ConfirmUploadSuccess { upload { id url width height contentType } }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
SITE = "https://bees.example/"
ME, OTHER = 1, 2
Serve = Callable[..., Api]


async def add_people(db: Database, **options: Any) -> None:
    """Two people of a site that lets them upload as much as they like."""
    limits = {"max_rate_user_uploads": 1000, "max_rate_ip_uploads": 1000}
    options = {"site_url": SITE, "wysiwyg_editor_upload_images": 1, **limits, **options}
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        await add_user(connection)
        await add_user(connection)
        await settle(connection)


@pytest.fixture
def file_url(empty_file: Path, tmp_path: Path) -> str:
    """The URL of an empty site of the test's own, where one kind of server says enough."""
    return f"sqlite+aiosqlite:///{shutil.copy(empty_file, tmp_path / 'site.sqlite')}"


@pytest.fixture
async def hive(site_url: str, serve: Serve, tmp_path: Path) -> Api:
    """A site whose storage is a folder."""
    return await made(site_url, serve, tmp_path)


@pytest.fixture
async def nest(file_url: str, serve: Serve, tmp_path: Path) -> Api:
    """The same on one kind of server."""
    return await made(file_url, serve, tmp_path)


async def made(url: str, serve: Serve, folder: Path, **settings: str) -> Api:
    """The API of a site whose files are in a folder, with two people."""
    api = serve(url, STORAGE_URL=str(folder / "files"), **settings)
    await add_people(database_of(api))
    return api


def storage_behind(api: Api) -> Storage:
    storage: Storage = api.app.state.storage
    return storage


async def requested(api: Api, *, size: int, viewer: int | None = ME, **others: Any) -> Any:
    named = {"filename": "bee.png", "contentType": "image/png", "purpose": "CONTENT"}
    options = {name: others.pop(name) for name in ("guest", "address") if name in others}
    input = {**named, "size": size, **others}
    return (await api.ask(REQUEST, input=input, viewer=viewer, **options))["requestUpload"]


async def send(api: Api, form: Any, content: bytes, **changed: str) -> httpx.Response:
    """Send a form as browsers do: to this application, or over a socket to where it leads."""
    fields = {field["name"]: field["value"] for field in form["fields"]} | changed
    files = {"file": ("ignored.svg", content, "image/svg+xml")}
    if urlsplit(form["url"]).netloc:
        async with httpx.AsyncClient() as client:
            return await client.post(form["url"], data=fields, files=files)
    return await api.http.post(form["url"], data=fields, files=files)


async def confirm(api: Api, id: str, viewer: int | None = ME, **options: Any) -> Any:
    return (await api.ask(CONFIRM, id=id, viewer=viewer, **options))["confirmUpload"]


async def uploaded(api: Api, content: bytes, **others: Any) -> Any:
    """What confirming an upload answers."""
    viewer = others.get("viewer", ME)
    form = await requested(api, size=max(len(content), 1), **others)
    assert form["__typename"] == "RequestUploadSuccess", form
    await send(api, form, content)
    return await confirm(api, form["uploadId"], viewer)


async def keys(storage: Storage) -> list[str]:
    return [entry.key async for entry in storage.list("")]


async def blob_of(api: Api, id: str) -> Any:
    async with database_of(api).read() as connection:
        query = select(Blob.__table__).where(Blob.id == int(id))
        return (await connection.execute(query)).first()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


async def test_an_upload_becomes_a_picture_that_both_sites_show(hive: Api) -> None:
    sent = pictures.file(pictures.image(1500, 900, colour=(9, 90, 200)))
    form = await requested(hive, size=len(sent), filename="C:\\garden\\蜂.png")
    assert (await send(hive, form, sent)).status_code == 204

    first, again = await asyncio.gather(*[confirm(hive, form["uploadId"]) for _ in range(2)])
    later = await confirm(hive, form["uploadId"])

    upload = first["upload"]
    assert first == again == later
    id = form["uploadId"]
    assert upload == {
        "id": id,
        "url": f"{SITE}?qa=blob&qa_blobid={id}",
        "width": 1500,
        "height": 900,
        "contentType": "image/png",
    }
    row = await blob_of(hive, id)
    assert (row.format, row.filename, row.userid, row.cookieid) == ("png", "蜂.png", ME, None)
    assert row.createip == HERE
    assert opened(row.content).size == (1500, 900)
    shown = await hive.http.get(upload["url"].replace(SITE, "/"))
    assert (shown.content, shown.headers["content-type"]) == (row.content, "image/png")
    await hive.app.state.events.over()
    folder = f"{id:0>20}"[:3]
    assert await keys(storage_behind(hive)) == [
        f"blobs/{folder}/{id}.png",
        *[f"thumbnails/{folder}/{id}/{n}.{f}" for n in (1200, 600) for f in ("jpg", "webp")],
    ]
    await expect_no_differences(database_of(hive))


async def test_on_s3_an_event_brings_the_thumbnails(
    serve: Serve, file_url: str, s3_url: str
) -> None:
    api = serve(file_url, STORAGE_URL=s3_url)
    await add_people(database_of(api))
    sent = pictures.photo(2400, 1600)
    upload = (await uploaded(api, sent, contentType="image/jpeg"))["upload"]
    storage = storage_behind(api)
    [stored] = await keys(storage)
    name = storage.location(stored).split("/", 3)[3]
    told = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": name}}}
    other = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "elsewhere/1.png"}}}
    event = json.loads(json.dumps({"Records": [told, other, told]}))

    outcomes = [
        await run(JOB, Work(database_of(api), Log("thumbnails"), event=one))
        for one in (event, {"Service": "Amazon S3", "Event": "s3:TestEvent"}, {"all": True})
    ]

    assert [dict(outcome.counts) for outcome in outcomes] == [
        {"pictures": 2, "made": 4, "refused": 0},
        {"pictures": 0, "made": 0, "refused": 0},
        {"pictures": 1, "made": 0, "refused": 0},
    ]
    id = upload["id"]
    for accept, media_type in (("image/avif,image/webp,*/*", "image/webp"), ("*/*", "image/jpeg")):
        shown = await api.http.get(
            f"/?qa=image&qa_blobid={id}&qa_size=600", headers={"accept": accept}
        )
        assert shown.headers["content-type"] == media_type
        assert shown.headers["vary"] == "Accept"
        # It was sent on its side.
        assert opened(shown.content).size == (400, 600)
    assert pictures.PLACE.encode() not in await storage.get(stored)


async def test_a_storage_that_is_away_is_said_to_be(
    serve: Serve, file_url: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    away = f"s3://bees?region=eu-west-1&endpoint=http://127.0.0.1:{unused_tcp_port}"
    api = serve(file_url, STORAGE_URL=away)
    await add_people(database_of(api))
    form = await requested(api, size=9)

    answer = await api.post(CONFIRM, id=form["uploadId"], viewer=ME)

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (503, "The files cannot be reached.")
    assert (error["extensions"]["code"], error["extensions"]["unavailable"]) == (
        "INTERNAL",
        "STORAGE",
    )


async def test_on_lambda_a_large_file_is_handed_out_by_s3(
    serve: Serve, file_url: str, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "waggle")
    api = serve(file_url, STORAGE_URL=s3_url)
    await add_people(database_of(api))
    content, moved = bytes(4_000_001), datetime(2026, 1, 1)  # noqa: DTZ001 - ours are in UTC
    await storage_behind(api).put("blobs/000/1.zip", content, content_type="application/zip")
    async with database_of(api).begin() as connection:
        row = {Blob.id: 10**12, Blob.format: "zip", Blob.filename: "蜂.zip"}
        await connection.execute(insert(Blob).values(row))
        stored = {
            StoredBlob.blob_id: 10**12,
            StoredBlob.key: "blobs/000/1.zip",
            StoredBlob.sha256: bytes(32),
            StoredBlob.size: len(content),
            StoredBlob.content_type: "application/zip",
            StoredBlob.stored_at: moved,
        }
        await connection.execute(insert(StoredBlob).values(stored))

    there = await api.http.get(f"/?qa=blob&qa_blobid={10**12}")
    async with httpx.AsyncClient() as client:
        got = await client.get(there.headers["location"])

    assert (there.status_code, there.headers["cache-control"][:7]) == (302, "private")
    assert got.content == content
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''%E8%9C%82.zip"


WRONG = [
    ("no bytes", b"", "empty"),
    ("an SVG with a script, named .png", pictures.SVG, "could carry scripts"),
    ("a page", pictures.HTML, "could carry scripts"),
    ("HEIC", pictures.HEIC, "HEIC"),
    ("a text", b"GIF is a format", "not a JPEG, PNG, GIF or WebP"),
    ("a PDF", b"%PDF-1.7 ...", "not a JPEG, PNG, GIF or WebP"),
    ("30,000 x 30,000", pictures.claiming(30_000, 30_000), "too many pixels"),
    ("a bomb", pictures.bomb(), "too many pixels"),
    ("a WebP", pictures.file(Image.new("L", (4001, 4000)), "WEBP"), "pixels (4001 x 4000)"),
    ("passes", pictures.many_passes(), "too many passes"),
    ("half a JPEG", pictures.photo(600, 400)[:-2000], "damaged"),
    ("half a PNG", pictures.file(pictures.noise(50, 50))[:-900], "damaged"),
    ("a head alone", b"\xff\xd8\xff", "damaged"),
    ("a long film", pictures.animation(301, 8), "animation is too large"),
]


async def test_what_is_no_picture_to_be_shown_is_refused_and_not_kept(
    serve: Serve, file_url: str, tmp_path: Path
) -> None:
    api = serve(file_url, STORAGE_URL=str(tmp_path / "files"))
    await add_people(database_of(api))
    storage = storage_behind(api)

    for what, content, message in WRONG:
        for purpose in ("CONTENT", "AVATAR"):
            if purpose == "AVATAR" and what == "a long film":
                continue
            form = await requested(api, size=len(content) + 1, purpose=purpose)
            # The endpoint takes no empty file; a bucket might.
            key = f"incoming/{form['uploadId']}"
            await storage.put(key, content, content_type="image/png")

            refusal = await confirm(api, form["uploadId"])

            assert refusal["__typename"] == "Invalid", what
            assert refusal["field"] == "uploadId"
            assert message in refusal["message"], what
            assert await blob_of(api, form["uploadId"]) is None
            again = await confirm(api, form["uploadId"])
            assert "no file" in again["message"]
    assert await keys(storage) == []


BLUE, WHITE = (30, 30, 200), (255, 255, 255)
CMYK = pictures.file(pictures.image(mode="CMYK", colour=(0, 255, 255, 0)), "JPEG")
GREY16 = pictures.file(pictures.image(mode="I;16", colour=40_000))
PALETTE = pictures.palette()
RIGHT = [
    ("a photo on its side", pictures.photo(), "jpg", (40, 60), BLUE, BLUE),
    ("CMYK", CMYK, "jpg", (40, 20), (255, 0, 0), (255, 0, 0)),
    ("grey of 16 bits", GREY16, "png", (40, 20), (156,) * 3, (156,) * 3),
    ("a palette with transparency", PALETTE, "png", (40, 20), None, WHITE),
    ("a moving GIF", pictures.animation(), "gif", (32, 32), (0, 200, 90), (0, 200, 90)),
    ("a WebP", pictures.file(pictures.image(), "WEBP"), "jpg", (40, 20), (200, 0, 0), (200, 0, 0)),
    ("too wide", pictures.file(pictures.image(4000, 2)), "png", (2000, 1), None, (200, 0, 0)),
]


async def test_every_other_picture_is_shown_upright_and_without_metadata(
    serve: Serve, file_url: str, tmp_path: Path
) -> None:
    api = serve(file_url, STORAGE_URL=str(tmp_path / "files"))
    await add_people(database_of(api))

    for what, content, format, size, corner, small_corner in RIGHT:
        upload = (await uploaded(api, content, contentType="image/png"))["upload"]
        row = await blob_of(api, upload["id"])
        stored = opened(row.content)
        shown = await api.http.get(f"/?qa=image&qa_blobid={upload['id']}&qa_size=600")

        assert (row.format, stored.size) == (format, size), what
        assert (upload["width"], upload["height"]) == size
        assert pictures.PLACE.encode() not in row.content + shown.content, what
        assert not stored.getexif()
        assert not {"exif", "comment", "xmp", "icc_profile"} & stored.info.keys()
        if corner is not None:
            assert _is_near(stored, corner), what
        assert _is_near(opened(shown.content), small_corner), what
    assert getattr(opened((await blob_of(api, upload["id"])).content), "n_frames", 1) == 1


def _is_near(picture: Image.Image, colour: tuple[int, ...]) -> bool:
    found = picture.convert("RGB").getpixel((0, 0))
    assert isinstance(found, tuple)
    return all(abs(a - b) <= 12 for a, b in zip(found, colour, strict=True))


async def test_a_gif_goes_on_moving(nest: Api) -> None:
    upload = (await uploaded(nest, pictures.animation(4), contentType="image/gif"))["upload"]

    stored = opened((await blob_of(nest, upload["id"])).content)

    assert (getattr(stored, "n_frames", 1), stored.info["duration"], stored.info["loop"]) == (
        4,
        120,
        0,
    )


async def test_a_picture_that_would_fill_the_table_is_made_smaller(
    file_url: str, serve: Serve, tmp_path: Path
) -> None:
    api = serve(file_url, STORAGE_URL=str(tmp_path / "files"))
    await add_people(database_of(api), wysiwyg_editor_upload_max_size=10**9)
    content = pictures.file(pictures.noise(1400, 1400), compress_level=1)
    assert 4_000_000 < len(content) < 10_000_000
    assert "10,000,000 bytes" in (await requested(api, size=10_000_001))["message"]

    upload = (await uploaded(api, content))["upload"]

    row = await blob_of(api, upload["id"])
    assert len(row.content) <= 4_000_000
    assert (upload["width"], upload["height"]) == opened(row.content).size == (1050, 1050)


async def test_who_may_not_upload_is_told_why(nest: Api) -> None:
    guest = await requested(nest, size=9, viewer=None)
    assert guest["__typename"] == "RequestUploadSuccess"

    avatar = await requested(nest, size=9, viewer=None, purpose="AVATAR")
    assert avatar["reason"] == "SIGNED_OUT"
    assert (await requested(nest, size=9, contentType="image/svg+xml"))["field"] == "contentType"
    for size in (0, -1, 1_048_577):
        assert (await requested(nest, size=size))["field"] == "size"
    avatar_sized = await requested(nest, size=1_048_577, purpose="AVATAR")
    assert avatar_sized["__typename"] == "RequestUploadSuccess"
    for name in ("", " \n", "x/", "b" * 256):
        assert (await requested(nest, size=9, filename=name))["field"] == "filename"


async def test_guests_upload_only_where_they_may_write(
    file_url: str, serve: Serve, tmp_path: Path
) -> None:
    api = serve(file_url, STORAGE_URL=str(tmp_path / "files"))
    await add_people(database_of(api), permit_post_q=120, permit_post_a=120, permit_post_c=120)

    refused = await requested(api, size=9, viewer=None)

    assert refused["reason"] == "SIGNED_OUT"


async def test_the_owner_can_switch_uploads_off(
    file_url: str, serve: Serve, tmp_path: Path
) -> None:
    api = serve(file_url, STORAGE_URL=str(tmp_path / "files"))
    await add_people(
        database_of(api),
        wysiwyg_editor_upload_images="",
        avatar_allow_upload="0",
        max_rate_user_uploads=2,
    )

    for purpose in ("CONTENT", "AVATAR"):
        refused = await requested(api, size=9, purpose=purpose)
        assert refused["reason"] == "SWITCHED_OFF"


async def test_uploads_of_an_hour_are_limited(file_url: str, serve: Serve, tmp_path: Path) -> None:
    api = serve(file_url, STORAGE_URL=str(tmp_path / "files"))
    await add_people(database_of(api), max_rate_user_uploads=2)

    answers = [(await requested(api, size=9))["__typename"] for _ in range(3)]

    assert answers == ["RequestUploadSuccess", "RequestUploadSuccess", "RateLimited"]


async def test_an_upload_is_its_senders_alone(nest: Api) -> None:
    content = pictures.file(pictures.image())
    form = await requested(nest, size=len(content))
    await send(nest, form, content)

    for options in ({"viewer": OTHER}, {"viewer": None}, {"viewer": None, "guest": 10**12}):
        assert (await confirm(nest, form["uploadId"], **options))["__typename"] == "NotFound"
    assert (await confirm(nest, str(10**12)))["__typename"] == "NotFound"
    for id in ("", "x", "-1", "9" * 21):
        assert (await confirm(nest, id))["field"] == "uploadId"


async def test_nobody_keeps_the_server_busy_with_one_upload(nest: Api) -> None:
    form = await requested(nest, size=9)

    answers = [await confirm(nest, form["uploadId"]) for _ in range(21)]

    assert {answer["field"] for answer in answers} == {"uploadId"}
    assert "no file" in answers[19]["message"]
    assert "too often" in answers[20]["message"]


async def test_a_guest_confirms_by_the_cookie_that_asking_has_set(hive: Api) -> None:
    content = pictures.file(pictures.image())
    named = {"filename": "a", "contentType": "image/png", "purpose": "CONTENT"}
    answer = await hive.post(REQUEST, input={**named, "size": len(content)})
    form = answer.json()["data"]["requestUpload"]
    guest = int(answer.headers["set-cookie"].removeprefix("qa_id=").partition(";")[0])
    await send(hive, form, content)

    confirmed = await confirm(hive, form["uploadId"], viewer=None, guest=guest)

    assert confirmed["__typename"] == "ConfirmUploadSuccess"
    row = await blob_of(hive, form["uploadId"])
    assert (row.userid, row.cookieid) == (None, guest)


async def test_more_than_was_announced_is_refused_wherever_it_was_sent(
    serve: Serve, file_url: str, s3_url: str
) -> None:
    api = serve(file_url, STORAGE_URL=s3_url)
    await add_people(database_of(api))
    content = pictures.file(pictures.image())
    form = await requested(api, size=len(content) - 1)
    # The emulator takes what S3 would not.
    assert (await send(api, form, content)).status_code == 204

    refused = await confirm(api, form["uploadId"])

    assert (refused["field"], "announced" in refused["message"]) == ("uploadId", True)
    assert await keys(storage_behind(api)) == []


async def test_files_go_where_q2a_has_them(site_url: str, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    options = {"STORAGE_URL": str(tmp_path / "files"), "BLOBS_DIRECTORY": str(tmp_path / "blobs")}
    api = serve(site_url, **options)
    await add_people(database_of(api))

    upload = (await uploaded(api, pictures.photo(), contentType="image/jpeg"))["upload"]

    row = await blob_of(api, upload["id"])
    [path] = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert row.content is None
    assert path.relative_to(tmp_path / "blobs") == Path(f"{upload['id']:0>20}"[:3]) / (
        f"{upload['id']}.jpg"
    )
    without_storage = serve(site_url, **{**options, "STORAGE_URL": str(tmp_path / "other")})
    for server in (api, without_storage):
        shown = await server.http.get(f"/?qa=blob&qa_blobid={upload['id']}")
        assert shown.content == path.read_bytes()


async def test_whoever_is_interrupted_can_confirm_again(hive: Api) -> None:
    content, storage = pictures.file(pictures.noise(40, 40)), storage_behind(hive)
    form = await requested(hive, size=len(content))
    await send(hive, form, content)
    for milliseconds in range(0, 45, 3):
        interrupted = asyncio.create_task(confirm(hive, form["uploadId"]))
        # Wherever that is: what comes afterwards has to find everything or nothing.
        await asyncio.sleep(milliseconds / 1000)
        interrupted.cancel()
        await asyncio.gather(interrupted, return_exceptions=True)
    first = await confirm(hive, form["uploadId"])

    async with database_of(hive).read() as connection:
        for table in (Blob, StoredBlob, Upload):
            assert len((await connection.execute(select(table.__table__))).all()) == 1
    assert first["__typename"] == "ConfirmUploadSuccess"
    assert await confirm(hive, form["uploadId"]) == first
    await hive.app.state.events.over()
    async with database_of(hive).read() as connection:
        [made] = (await connection.execute(select(Thumbnails.sizes))).scalars().all()
    assert made == "600,1200"
    await orphans.remove(database_of(hive), storage, now=datetime.now(UTC) + timedelta(days=2))
    assert [key.split("/")[0] for key in await keys(storage)] == ["blobs", *["thumbnails"] * 4]
