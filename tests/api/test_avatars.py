"""Showing an uploaded picture as oneself, by q2a's rules."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from app.db import Database
from app.domain.viewers import Flag
from app.models import Blob, User
from tests import pictures
from tests.api.test_uploading import ME, OTHER, SITE, Serve, made, requested, send, uploaded
from tests.conftest import Api, database_of

SET = """
    mutation ($id: ID) {
        setAvatar(input: {uploadId: $id}) {
            __typename
            ... on SetAvatarSuccess { viewer { user { avatarUrl(size: 50) } } }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""


@pytest.fixture
async def hive(site_url: str, serve: Serve, tmp_path: Path) -> Api:
    return await made(site_url, serve, tmp_path)


async def set_avatar(api: Api, id: str | None, viewer: int | None = ME) -> Any:
    return (await api.ask(SET, id=id, viewer=viewer))["setAvatar"]


async def avatar(api: Api, **others: Any) -> str:
    """The id of a confirmed upload."""
    answer = await uploaded(api, pictures.photo(900, 600), purpose="AVATAR", **others)
    id: str = answer["upload"]["id"]
    return id


async def stored(db: Database, user_id: int = ME) -> Any:
    query = select(User.avatar_blob_id, User.avatar_width, User.avatar_height, User.flags)
    async with db.read() as connection:
        return (await connection.execute(query.where(User.id == user_id))).one()


async def blobs(db: Database) -> list[Any]:
    async with db.read() as connection:
        return list((await connection.execute(select(Blob.__table__))).all())


async def test_an_avatar_is_stored_as_q2a_does_and_replaces_the_one_before(hive: Api) -> None:
    db = database_of(hive)
    async with db.begin() as connection:
        await connection.execute(update(User).values({User.flags: 1 | Flag.SHOW_GRAVATAR}))
    first, second = await avatar(hive), await avatar(hive)
    assert (await set_avatar(hive, first))["__typename"] == "SetAvatarSuccess"

    answers = await asyncio.gather(*[set_avatar(hive, second) for _ in range(2)])

    url = f"{SITE}?qa=image&qa_blobid={second}&qa_size=50"
    for answer in [*answers, await set_avatar(hive, second)]:
        assert answer["viewer"]["user"]["avatarUrl"] == url
    # It was sent on its side, and larger than the site stores them.
    assert tuple(await stored(db)) == (int(second), 267, 400, 1 | Flag.SHOW_AVATAR)
    [row] = await blobs(db)
    assert (row.blobid, row.format, row.filename, row.userid) == (int(second), "jpeg", None, ME)
    with Image.open(io.BytesIO(row.content)) as picture:
        assert (picture.size, picture.format) == ((267, 400), "JPEG")
    assert (await set_avatar(hive, first))["__typename"] == "NotFound"
    await hive.app.state.events.over()
    shown = await hive.http.get(url.replace(SITE, "/"), headers={"accept": "image/webp"})
    assert shown.headers["content-type"] == "image/webp"


async def test_an_avatar_can_be_taken_away(hive: Api) -> None:
    db = database_of(hive)
    await set_avatar(hive, await avatar(hive))

    for _ in range(2):
        answer = await set_avatar(hive, None)

        assert answer["viewer"]["user"]["avatarUrl"] is None
        assert tuple(await stored(db)) == (None, None, None, 1)
        assert await blobs(db) == []


async def test_nobody_deletes_the_file_of_another(hive: Api) -> None:
    db = database_of(hive)
    others = await avatar(hive, viewer=OTHER)
    async with db.begin() as connection:
        await connection.execute(update(User).values({User.avatar_blob_id: int(others)}))

    await set_avatar(hive, None)

    assert (await stored(db)).avatarblobid is None
    assert [row.blobid for row in await blobs(db)] == [int(others)]


async def test_only_ones_own_confirmed_upload_for_it_becomes_an_avatar(hive: Api) -> None:
    content = pictures.file(pictures.image())
    for_content = (await uploaded(hive, content))["upload"]["id"]
    others = await avatar(hive, viewer=OTHER)
    form = await requested(hive, size=len(content), purpose="AVATAR")
    await send(hive, form, content)

    for id in (for_content, form["uploadId"], "bee"):
        assert (await set_avatar(hive, id))["field"] == "uploadId"
    assert (await set_avatar(hive, others))["__typename"] == "NotFound"
    assert (await set_avatar(hive, others, viewer=None))["reason"] == "SIGNED_OUT"
    assert (await set_avatar(hive, None, viewer=None))["reason"] == "SIGNED_OUT"
    assert (await stored(database_of(hive))).avatarblobid is None
