"""`POST /uploads`: what S3 enforces, where the storage is a folder."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.aws.local_storage import LocalStorage
from tests import pictures
from tests.api.test_uploading import Serve, add_people, confirm, made, requested, send
from tests.conftest import Api, database_of
from tests.serving import served

DOCUMENT = Path(__file__).parents[2] / "docs" / "uploads.md"
# Node 18 has the class, and no global name for it.
POLYFILL = "data:text/javascript,import { File } from 'node:buffer'; globalThis.File ??= File;"
PICTURE = pictures.file(pictures.image())


@pytest.fixture
async def hive(empty_file: Path, serve: Serve, tmp_path: Path) -> Api:
    site = tmp_path / "site.sqlite"
    await asyncio.to_thread(site.write_bytes, await asyncio.to_thread(empty_file.read_bytes))
    return await made(f"sqlite+aiosqlite:///{site}", serve, tmp_path)


def storage_of(api: Api) -> LocalStorage:
    storage: LocalStorage = api.app.state.storage
    return storage


async def keys(api: Api) -> list[str]:
    return [entry.key async for entry in storage_of(api).list("")]


def error_of(response: httpx.Response) -> tuple[int, str]:
    [error] = response.json()["errors"]
    return response.status_code, error["message"]


async def test_a_form_is_good_for_one_file(hive: Api) -> None:
    form = await requested(hive, size=len(PICTURE))

    together = await asyncio.gather(*[send(hive, form, PICTURE) for _ in range(3)])
    later = await send(hive, form, b"other")
    await confirm(hive, form["uploadId"])
    confirmed = await send(hive, form, PICTURE)

    assert sorted(response.status_code for response in together) == [204, 403, 403]
    assert error_of(later) == (403, "This form was used already: ask for another.")
    assert "was confirmed" in error_of(confirmed)[1]


async def test_a_form_that_was_changed_is_refused(hive: Api) -> None:
    form, other = await requested(hive, size=len(PICTURE)), await requested(hive, size=9_999)
    fields = {field["name"]: field["value"] for field in other["fields"]}
    changes: list[dict[str, str]] = [
        {"key": fields["key"]},
        {"key": "../../etc/passwd"},
        {"Content-Type": "text/html"},
        {"policy": fields["policy"]},
        {"policy": ""},
        {"signature": fields["signature"]},
        {"signature": "ä"},
    ]

    for change in changes:
        status, message = error_of(await send(hive, form, PICTURE, **change))
        assert (status, "changed" in message) == (403, True), change
    assert await keys(hive) == []


async def test_a_form_is_over_after_its_time(hive: Api) -> None:
    form = await storage_of(hive).presign_upload(
        "incoming/1",
        content_type="image/png",
        max_bytes=100,
        expires_at=datetime.now(UTC) - timedelta(seconds=1),
    )

    response = await hive.http.post(form.url, data=dict(form.fields), files={"file": PICTURE})

    assert error_of(response) == (403, "The time for this upload is over: ask for another.")


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [(PICTURE + b"!", 413, "at most"), (PICTURE * 900, 413, "at most"), (b"", 400, "empty")],
)
async def test_a_file_of_another_size_is_refused(
    hive: Api, content: bytes, status: int, message: str
) -> None:
    form = await requested(hive, size=len(PICTURE))

    found = error_of(await send(hive, form, content))

    assert (found[0], message in found[1]) == (status, True)
    assert await keys(hive) == []
    # Nothing was used up by it.
    assert (await send(hive, form, PICTURE)).status_code == 204


async def test_what_is_no_form_is_refused(hive: Api) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b"}
    file_alone = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nx\r\n--b--'
    )
    requests: list[tuple[dict[str, str], bytes, int]] = [
        ({}, b"", 415),
        ({"content-type": "application/json"}, b"{}", 415),
        ({"content-type": "multipart/form-data"}, b"", 415),
        ({"content-type": "multipart/form-data; boundary=" + "b" * 300}, b"", 400),
        (kind, b"", 400),
        (kind, b"garbage", 400),
        (kind, b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"x" * 30_000, 400),
        (kind, b"--b\r\n" + b"X: y\r\n" * 1000, 400),
        (kind, file_alone, 403),
    ]

    for headers, body, status in requests:
        response = await hive.http.post("/uploads", content=body, headers=headers)
        assert error_of(response)[0] == status, body[:40]
    assert (await hive.http.get("/uploads")).status_code == 404


async def test_a_file_that_ends_early_is_not_kept(hive: Api) -> None:
    content = pictures.file(pictures.noise(60, 60))
    form = await requested(hive, size=len(content))
    fields = {field["name"]: field["value"] for field in form["fields"]}
    files = {"file": ("bee.png", content)}
    whole = httpx.Request("POST", "http://test/uploads", data=fields, files=files)
    body, kind = whole.read(), {"content-type": whole.headers["content-type"]}

    response = await hive.http.post("/uploads", content=body[:-200], headers=kind)

    assert error_of(response) == (400, "The file ends early.")
    assert await keys(hive) == []


async def test_a_browser_elsewhere_uploads_over_a_socket(
    empty_file: Path, serve: Serve, tmp_path: Path
) -> None:
    site = tmp_path / "site.sqlite"
    await asyncio.to_thread(site.write_bytes, await asyncio.to_thread(empty_file.read_bytes))
    origin = "https://app.bees.example"
    api = serve(
        f"sqlite+aiosqlite:///{site}", STORAGE_URL=str(tmp_path / "files"), CORS_ORIGINS=origin
    )
    await add_people(database_of(api), wysiwyg_editor_upload_max_size=5_000_000)
    content = pictures.file(pictures.noise(900, 900))
    form = await requested(api, size=len(content))

    async with served(api.app) as address, httpx.AsyncClient() as client:
        fields: dict[str, Any] = {field["name"]: field["value"] for field in form["fields"]}
        sent = await client.post(
            address + form["url"],
            data=fields,
            files={"file": ("bee.png", content, "image/png")},
            headers={"origin": origin},
        )

    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (204, origin)
    assert await storage_of(api).get(f"incoming/{form['uploadId']}") == content


@pytest.mark.node
async def test_the_documented_example_uploads_a_picture(hive: Api, tmp_path: Path) -> None:
    text = await asyncio.to_thread(DOCUMENT.read_text)
    code = text.split("```js\n")[1].split("```")[0]
    picture = json.dumps(list(PICTURE))
    async with served(hive.app) as address:
        code = code.replace("https://api.bees.example", address)
        code = code.replace("authorization: `Bearer ${token}`", '"x-viewer": "1"')
        call = f'new File([new Uint8Array({picture})], "bee.png", {{ type: "image/png" }})'
        code += f"\nconsole.log(JSON.stringify(await uploadPicture({call})));"
        node = await asyncio.create_subprocess_exec(
            *("node", "--no-warnings", "--input-type=module", "--import", POLYFILL),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await node.communicate(code.encode())

    upload = json.loads(output)
    assert (upload["width"], upload["height"]) == (40, 20)
    assert upload["url"].endswith(f"?qa=blob&qa_blobid={upload['id']}")
