"""The job `blobs-to-storage`: every file out of q2a and back, and shown all the while."""

import asyncio
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app import migrations
from app.aws.storage import storage_of
from app.db import Database
from app.domain import blobs
from app.jobs.job import Outcome, WrongOptions
from app.jobs.locks import Held
from app.models import Blob, Post, User
from tests.conftest import SERVERS, Api, database_of
from tests.jobs.site_files import FIRST, LAST, add_files, copies, move, rows, some_files
from tests.mariadb import MariaDB

Serve = Callable[..., Api]
POST = "query ($id: Int!) { post(databaseId: $id) { contentHtml } }"
AVATAR = "query ($handle: String!) { user(handle: $handle) { avatarUrl(size: 40) } }"
SOURCE = re.compile(r'src="([^"]+)"')
# A moderator, who is shown hidden posts as well.
MODERATOR = 3


@pytest.fixture(params=SERVERS)
def real_site(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a copy of the real site, to be changed."""
    golden_url = request.getfixturevalue("golden_url")
    url: str = golden_url(request.param)
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{shutil.copy(url.partition('///')[2], tmp_path / 's.sqlite')}"
    server: MariaDB = request.getfixturevalue("mariadb")
    return server.url(server.clone("golden"))


async def addresses(api: Api) -> list[str]:
    """What the posts and avatars that the API shows have a reader's browser fetch of the site."""
    async with database_of(api).read() as connection:
        with_pictures = select(Post.id).where(Post.content.contains("qa_blobid"))
        post_ids = (await connection.scalars(with_pictures)).all()
        with_avatar = select(User.handle).where(User.avatar_blob_id.is_not(None))
        handles = (await connection.scalars(with_avatar)).all()
    found: set[str] = set()
    for post_id in post_ids:
        post = (await api.ask(POST, viewer=MODERATOR, id=post_id))["post"]
        sources = SOURCE.findall(post["contentHtml"])
        assert any("qa_blobid" in source for source in sources)
        found |= set(map(unescape, sources))
    for handle in handles:
        found.add((await api.ask(AVATAR, handle=handle))["user"]["avatarUrl"])
    assert len(found) > len(post_ids) + 10
    return sorted(url[url.index("/?qa=") :] for url in found if "qa_blobid" in url)


async def shown(api: Api, paths: list[str]) -> dict[str, tuple[int, str, bytes]]:
    """What a browser gets there."""
    got = {}
    for path in paths:
        response = await api.http.get(path)
        got[path] = (response.status_code, response.headers["content-type"], response.content)
    return got


async def test_every_file_of_the_real_site_leaves_and_comes_back(
    real_site: str, tmp_path: Path, serve: Serve
) -> None:
    folder = tmp_path / "store"

    def another() -> Api:
        # Nothing that one process keeps in memory may help the next.
        return serve(real_site, STORAGE_URL=folder.as_uri())

    api = another()
    db = database_of(api)
    await migrations.upgrade(db)
    paths = await addresses(api)
    before, stored = await shown(api, paths), await rows(db)
    assert {status for status, _, _ in before.values()} == {200}
    size = sum(len(row.content) for row in stored)

    assert (await move(db, dry_run=True, release=True)).counts == {"files": 63, "bytes": size}
    assert not folder.exists()
    assert (await move(db)).counts == {"copied": 63, "bytes": size}
    assert await rows(db) == stored
    assert await shown(another(), paths) == before

    assert (await move(db, release=True)).counts == {"released": 63}
    assert all(row.content is None for row in await rows(db))
    assert await shown(another(), paths) == before
    async with db.read() as connection:
        assert not await blobs.in_directory(connection)

    assert (await move(db, back=True)).counts == {"returned": 63}
    assert await rows(db) == stored
    assert await shown(another(), paths) == before
    assert await copies(db) == {}
    assert not [path for path in folder.rglob("*") if path.is_file()]


async def test_the_real_site_shows_what_q2a_has_moved_to_its_directory(
    real_site: str, tmp_path: Path, serve: Serve
) -> None:
    """As q2a's own button does it; Waggle's tables are not made yet."""
    directory, api = tmp_path / "blobs", serve(real_site)
    db = database_of(api)
    paths = await addresses(api)
    before = await shown(api, paths)
    for row in await rows(db):
        path = directory / f"{row.blobid:020d}"[:3] / f"{row.blobid}.{row.format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(row.content)
    async with db.begin() as connection:
        await connection.execute(update(Blob).values({Blob.content: None}))

    assert await shown(serve(real_site, BLOBS_DIRECTORY=str(directory)), paths) == before
    lost = await shown(serve(real_site), paths)

    assert {status for status, _, _ in lost.values()} == {404}


async def test_files_of_every_size_go_to_s3_and_come_back(
    site_url: str, s3_url: str, serve: Serve
) -> None:
    api = serve(site_url, STORAGE_URL=s3_url)
    db = database_of(api)
    files = some_files(10, largest=9 << 20) | {FIRST: b"first", LAST: b"last"}
    await add_files(db, files, "png")
    # Whatever stands behind the last dot of an upload's name is a format to q2a.
    await add_files(db, {FIRST + 1: b"none", FIRST + 2: b"../odd"}, "c++")
    before = await rows(db)

    assert (await move(db, release=True)).counts["released"] == 14
    assert (await move(db, release=True)).counts == {}
    for id in files:
        assert (await api.http.get(f"/?qa=blob&qa_blobid={id}")).content == files[id]
    assert (await move(db, back=True)).counts == {"returned": 14}

    assert await rows(db) == before
    assert [entry async for entry in storage_of(db.settings).list("")] == []


async def test_files_in_q2as_directory_leave_it_and_come_back(
    site_url: str, tmp_path: Path, serve: Serve
) -> None:
    directory, files = tmp_path / "blobs", some_files(20, largest=3 << 20)
    for id, content in files.items():
        path = directory / f"{id:020d}"[:3] / f"{id}.jpeg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    api = serve(site_url, STORAGE_URL=str(tmp_path / "store"), BLOBS_DIRECTORY=str(directory))
    db = database_of(api)
    await add_files(db, dict.fromkeys([*files, FIRST]), "jpeg")
    before, paths = await rows(db), sorted(directory.rglob("*"))

    copied = await move(db)

    # One that q2a has lost is said to be missing, and is no reason to stop.
    assert copied.counts == {"copied": 20, "bytes": sum(map(len, files.values())), "missing": 1}
    assert (await move(db, release=True)).counts == {"missing": 1, "released": 20}
    assert not [path for path in directory.rglob("*") if path.is_file()]
    for id, content in files.items():
        assert (await api.http.get(f"/?qa=blob&qa_blobid={id}")).content == content

    assert (await move(db, back=True)).counts == {"returned": 20}
    assert sorted(directory.rglob("*")) == paths
    assert {int(path.stem): path.read_bytes() for path in paths if path.is_file()} == files
    assert await rows(db) == before


async def test_only_what_was_compared_is_removed(
    site_url: str, tmp_path: Path, serve: Serve
) -> None:
    db = database_of(serve(site_url, STORAGE_URL=str(tmp_path / "store")))
    large = b"bees" * 300_000
    await add_files(db, {FIRST: b"a", FIRST + 1: b"b", FIRST + 2: b"c", FIRST + 3: large}, "png")
    await move(db)
    keys = await copies(db)
    (tmp_path / "store" / keys[FIRST]).write_bytes(b"x")
    (tmp_path / "store" / keys[FIRST + 1]).unlink()
    async with db.begin() as connection:
        changed = {Blob.content: b"changed" * 100_000}
        await connection.execute(
            update(Blob).where(Blob.id.in_([FIRST + 2, FIRST + 3])).values(changed)
        )
    before = await rows(db)

    outcome = await move(db, release=True)

    assert outcome.failed
    assert outcome.counts == {"damaged": 2, "changed": 2}
    assert await rows(db) == before
    # The next run copies them anew.
    assert (await move(db, release=True)).counts["released"] == 4
    await move(db, back=True)
    assert await rows(db) == before


async def test_a_copy_that_is_lost_is_not_forgotten(
    site_url: str, tmp_path: Path, serve: Serve
) -> None:
    db = database_of(serve(site_url, STORAGE_URL=str(tmp_path / "store")))
    await add_files(db, {FIRST: b"a", FIRST + 1: b"b", FIRST + 2: b"bees" * 300_000}, "png")
    await move(db, release=True)
    keys = await copies(db)
    (tmp_path / "store" / keys[FIRST]).write_bytes(b"x")
    (tmp_path / "store" / keys[FIRST + 2]).rename(tmp_path / "elsewhere")

    outcome = await move(db, back=True)

    assert outcome.failed
    assert outcome.counts == {"failed": 2, "returned": 1}
    assert (await copies(db)).keys() == {FIRST, FIRST + 2}
    (tmp_path / "elsewhere").rename(tmp_path / "store" / keys[FIRST + 2])
    (tmp_path / "store" / keys[FIRST]).write_bytes(b"a")
    assert (await move(db, back=True)).counts == {"returned": 2}
    assert [row.content for row in await rows(db)] == [b"a", b"b", b"bees" * 300_000]


async def test_what_q2a_deletes_is_removed_from_the_storage(
    site_url: str, tmp_path: Path, serve: Serve
) -> None:
    db = database_of(serve(site_url, STORAGE_URL=str(tmp_path / "store")))
    await add_files(db, {FIRST: b"a", LAST: b"b"}, "png")
    await move(db)
    async with db.begin() as connection:
        await connection.execute(delete(Blob).where(Blob.id == LAST))

    assert (await move(db)).counts == {"forgotten": 1}

    assert (await copies(db)).keys() == {FIRST}
    objects = [path.name for path in (tmp_path / "store" / "blobs").rglob("*") if path.is_file()]
    assert objects == [f"{FIRST}.png"]


async def test_two_at_once_do_the_work_once(site_url: str, tmp_path: Path, serve: Serve) -> None:
    first, second = (
        database_of(serve(site_url, STORAGE_URL=str(tmp_path / "store"))) for _ in range(2)
    )
    await add_files(first, dict(some_files(40, largest=1000)), "png")

    outcomes = await asyncio.gather(move(first), move(second), return_exceptions=True)

    done = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    # Whoever comes late finds nothing to do.
    assert sum(outcome.counts.get("copied", 0) for outcome in done) == 40
    assert all(isinstance(other, Held) for other in outcomes if other not in done)


@pytest.mark.parametrize(
    "options",
    [
        {"release": True, "back": True},
        {"at_once": 0},
        {"at_once": 33},
    ],
)
async def test_options_that_make_no_sense_change_nothing(
    db: Database, options: dict[str, Any]
) -> None:
    await add_files(db, {FIRST: b"a"}, "png")

    with pytest.raises(WrongOptions):
        await move(db, **options)

    assert await copies(db) == {}


async def test_files_of_several_sites_are_not_taken_away(
    db: Database, tmp_path: Path, serve: Serve
) -> None:
    shared = serve(
        str(db.settings.database_url),
        TABLE_PREFIX="one_",
        USERS_TABLE_PREFIX="qa_",
        STORAGE_URL=str(tmp_path / "store"),
    )
    await migrations.upgrade(database_of(shared))
    await add_files(db, {FIRST: b"a"}, "png")

    with pytest.raises(WrongOptions):
        await move(database_of(shared), release=True)
    assert (await move(database_of(shared))).counts["copied"] == 1

    assert [row.content for row in await rows(db)] == [b"a"]
