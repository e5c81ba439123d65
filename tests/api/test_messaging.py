"""Walls, private messages and notices as a client writes, sends and dismisses them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.db import Database
from app.models import Message, Notice, User
from app.models.waggle import Mail
from schema import nodes
from tests.conftest import Api
from tests.meadow import BEGINNING, add_user, expect_no_differences, set_option, settle

ERRORS = """
    __typename
    ... on Error { message }
    ... on NotAllowed { reason }
    ... on Invalid { field }
"""
POST = f"""
    mutation ($input: PostOnWallInput!) {{
        result: postOnWall(input: $input) {{
            {ERRORS}
            ... on PostOnWallSuccess {{
                wallPost {{ databaseId content author {{ handle }} viewerCanDelete }}
            }}
        }}
    }}
"""
DELETE = f"""
    mutation ($input: DeleteWallPostInput!) {{
        result: deleteWallPost(input: $input) {{
            {ERRORS}
            ... on DeleteWallPostSuccess {{ user {{ wall {{ nodes {{ databaseId }} }} }} }}
        }}
    }}
"""
SEND = f"""
    mutation ($input: SendMessageInput!) {{
        result: sendMessage(input: $input) {{
            {ERRORS}
            ... on SendMessageSuccess {{
                privateMessage {{ databaseId content sender {{ handle }} recipient {{ handle }} }}
            }}
        }}
    }}
"""
DISMISS = f"""
    mutation ($input: DismissNoticeInput!) {{
        result: dismissNotice(input: $input) {{
            {ERRORS}
            ... on DismissNoticeSuccess {{ viewer {{ notices {{ databaseId }} }} }}
        }}
    }}
"""
SAID = "Come to the lime tree!"
# Somebody who writes, whom they write to, and somebody else.
BEE, OTHER, THIRD = 1, 2, 3


async def add_people(db: Database, **options: Any) -> None:
    options = {"site_title": "Meadow", "site_url": "https://bees.example/", **options}
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        for _ in range(3):
            await add_user(connection)
        await settle(connection)


async def write(
    api: Api,
    document: str,
    *,
    to: int = OTHER,
    content: str = SAID,
    viewer: int | None = BEE,
    **input: Any,
) -> Any:
    given = {"userId": nodes.encode("User", to), "content": content, **input}
    return (await api.ask(document, input=given, viewer=viewer))["result"]


async def delete(api: Api, number: int, viewer: int | None = BEE) -> Any:
    return (await api.ask(DELETE, input={"databaseId": number}, viewer=viewer))["result"]


async def mails(db: Database) -> list[Any]:
    async with db.read() as connection:
        query = select(Mail.kind, Mail.recipient, Mail.subject, Mail.body).order_by(Mail.id)
        return [tuple(row) for row in await connection.execute(query)]


async def count(db: Database, model: Any) -> int:
    async with db.read() as connection:
        counted: int = (
            await connection.execute(select(func.count()).select_from(model))
        ).scalar_one()
        return counted


async def change(db: Database, id: int, **values: Any) -> None:
    columns = {getattr(User, name): value for name, value in values.items()}
    async with db.begin() as connection:
        await connection.execute(update(User).where(User.id == id).values(columns))


async def test_a_wall_post_stands_there_and_its_owner_is_told(api: Api, db: Database) -> None:
    await add_people(db, neat_urls=1, block_bad_words="lime")

    result = await write(api, POST)

    assert result["wallPost"] == {
        "databaseId": 1,
        "content": "Come to the **** tree!",
        "author": {"handle": "bee1"},
        "viewerCanDelete": True,
    }
    assert await mails(db) == [
        (
            "wall post",
            "bee2@example.org",
            "[Meadow] New post on your wall",
            "bee1 has written on your wall.\n\n"
            "https://bees.example/user/bee2/wall\n\n"
            "Come to the **** tree!\n",
        )
    ]
    await expect_no_differences(db)


async def test_nobody_is_told_of_their_own_wall_post(api: Api, db: Database) -> None:
    await add_people(db)

    assert (await write(api, POST, to=BEE))["__typename"] == "PostOnWallSuccess"

    assert await mails(db) == []


async def test_a_message_is_kept_and_brought_by_mail_without_an_address(
    api: Api, db: Database
) -> None:
    await add_people(db, neat_urls=1)

    result = await write(api, SEND)

    assert result["privateMessage"] == {
        "databaseId": 1,
        "content": SAID,
        "sender": {"handle": "bee1"},
        "recipient": {"handle": "bee2"},
    }
    [(kind, recipient, subject, body)] = await mails(db)
    assert (kind, recipient, subject) == (
        "message",
        "bee2@example.org",
        "[Meadow] Message from bee1",
    )
    assert "https://bees.example/user/bee1" in body
    assert "@" not in body


async def test_a_site_that_keeps_no_messages_sends_them_once(api: Api, db: Database) -> None:
    await add_people(db, show_message_history=0)

    for _ in range(2):
        result = await write(api, SEND, idempotencyKey="the only one")
        assert result == {"__typename": "SendMessageSuccess", "privateMessage": None}

    assert len(await mails(db)) == 1
    assert await count(db, Message) == 0


@pytest.mark.parametrize("document", [POST, SEND])
async def test_a_repeat_under_the_same_key_writes_nothing_twice(
    api: Api, db: Database, document: str
) -> None:
    await add_people(db)

    first = await write(api, document, idempotencyKey="the only one")
    again = await write(api, document, idempotencyKey="the only one")
    different = await write(api, document, idempotencyKey="the only one", content="Or do not.")

    assert again == first
    assert different["__typename"] == "Conflict"
    assert (await count(db, Message), len(await mails(db))) == (1, 1)
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("document", "options", "flags"),
    [
        (POST, {}, 256),
        (POST, {"allow_user_walls": 0}, 1),
        (SEND, {}, 16),
        (SEND, {"allow_private_messages": 0}, 1),
    ],
)
async def test_the_site_or_the_other_one_may_not_want_it(
    api: Api, db: Database, document: str, options: dict[str, int], flags: int
) -> None:
    await add_people(db, **options)
    await change(db, OTHER, flags=flags)

    assert (await write(api, document))["reason"] == "SWITCHED_OFF"
    assert (await count(db, Message), await mails(db)) == (0, [])


@pytest.mark.parametrize("document", [POST, SEND])
@pytest.mark.parametrize(
    ("flags", "options", "reason"),
    [(3, {}, "BLOCKED"), (1, {"block_ips_write": "127.0.0.*"}, "IP_BLOCKED")],
)
async def test_who_may_not_write_may_not_write_to_people(
    api: Api, db: Database, document: str, flags: int, options: dict[str, str], reason: str
) -> None:
    await add_people(db, **options)
    await change(db, BEE, flags=flags)

    assert (await write(api, document))["reason"] == reason
    assert await mails(db) == []


@pytest.mark.parametrize("document", [POST, SEND])
async def test_guests_write_to_nobody(api: Api, db: Database, document: str) -> None:
    await add_people(db)

    assert (await write(api, document, viewer=None))["reason"] == "SIGNED_OUT"


async def test_nobody_sends_themselves_messages(api: Api, db: Database) -> None:
    await add_people(db)

    assert (await write(api, SEND, to=BEE))["reason"] == "YOURSELF"


@pytest.mark.parametrize("document", [POST, SEND])
async def test_an_hour_has_so_many_messages(api: Api, db: Database, document: str) -> None:
    await add_people(db, max_rate_user_messages=1)

    first, second = await write(api, document), await write(api, document)

    assert second["__typename"] == "RateLimited" != first["__typename"]
    assert (await count(db, Message), len(await mails(db))) == (1, 1)


@pytest.mark.parametrize("document", [POST, SEND])
@pytest.mark.parametrize("content", ["", " \n ", "x" * 12_001])
async def test_a_text_that_will_not_do_is_named(
    api: Api, db: Database, document: str, content: str
) -> None:
    await add_people(db)

    result = await write(api, document, content=content)

    assert (result["__typename"], result["field"]) == ("Invalid", "content")


@pytest.mark.parametrize("document", [POST, SEND])
async def test_an_id_that_is_not_a_users_is_named_or_not_found(
    api: Api, db: Database, document: str
) -> None:
    await add_people(db)

    wrong = await write(api, document, userId=nodes.encode("Question", 1))
    gone = await write(api, document, to=999)

    assert (wrong["__typename"], wrong["field"]) == ("Invalid", "userId")
    assert gone["__typename"] == "NotFound"


async def test_owners_delete_what_is_on_their_walls(api: Api, db: Database) -> None:
    await add_people(db)
    await write(api, POST)
    await write(api, POST, viewer=THIRD)

    result = await delete(api, 1, viewer=OTHER)

    assert result["user"]["wall"]["nodes"] == [{"databaseId": 2}]
    await expect_no_differences(db)


async def test_who_is_blocked_deletes_nothing_and_is_not_offered_to(api: Api, db: Database) -> None:
    await add_people(db)
    for viewer in (OTHER, BEE):
        await write(api, POST, viewer=viewer)
        await change(db, viewer, flags=3)
    wall = "query ($id: Int) { user(databaseId: $id) { wall { nodes { viewerCanDelete } } } }"

    for viewer in (BEE, OTHER):
        seen = await api.ask(wall, id=OTHER, viewer=viewer)
        assert seen["user"]["wall"]["nodes"] == 2 * [{"viewerCanDelete": False}]
        assert (await delete(api, 2, viewer=viewer))["reason"] == "BLOCKED"
    assert await count(db, Message) == 2


async def test_writers_delete_what_nobody_has_written_below(api: Api, db: Database) -> None:
    await add_people(db)
    for viewer in (BEE, THIRD, BEE):
        await write(api, POST, viewer=viewer)

    assert (await delete(api, 1))["reason"] == "LEVEL"
    assert (await delete(api, 3))["__typename"] == "DeleteWallPostSuccess"
    assert (await delete(api, 3))["__typename"] == "NotFound"
    assert (await delete(api, 1, viewer=None))["reason"] == "SIGNED_OUT"
    await change(db, THIRD, level=80)
    async with db.begin() as connection:
        await settle(connection)
    assert (await delete(api, 1, viewer=THIRD))["__typename"] == "DeleteWallPostSuccess"
    await expect_no_differences(db)


async def test_a_private_message_is_not_deleted_from_a_wall(api: Api, db: Database) -> None:
    await add_people(db)
    await write(api, SEND)

    assert (await delete(api, 1, viewer=OTHER))["__typename"] == "NotFound"
    assert await count(db, Message) == 1


async def test_a_notice_is_dismissed_by_its_reader_only(api: Api, db: Database) -> None:
    await add_people(db)
    async with db.begin() as connection:
        for number in (1, 2):
            row: dict[Any, Any] = {
                Notice.id: number,
                Notice.user_id: BEE,
                Notice.content: "Hello",
                Notice.format: "",
                Notice.created_at: BEGINNING,
            }
            await connection.execute(insert(Notice).values(row))

    async def dismiss(viewer: int | None) -> Any:
        return (await api.ask(DISMISS, input={"databaseId": 1}, viewer=viewer))["result"]

    assert (await dismiss(OTHER))["__typename"] == "NotFound"
    assert (await dismiss(None))["reason"] == "SIGNED_OUT"
    assert (await dismiss(BEE))["viewer"]["notices"] == [{"databaseId": 2}]
    assert (await dismiss(BEE))["__typename"] == "NotFound"


@pytest.mark.mariadb
async def test_what_is_written_at_once_is_all_counted(api: Api, db: Database) -> None:
    await add_people(db, max_rate_user_messages=50, max_rate_ip_messages=50)

    results = await asyncio.gather(
        *(write(api, POST, viewer=one, to=to) for one in (1, 2, 3) for to in (1, 2, 3)),
        *(write(api, SEND, viewer=one, to=to) for one, to in ((1, 2), (2, 1), (3, 1), (1, 3))),
        *(write(api, POST, to=THIRD, idempotencyKey="the only one") for _ in range(4)),
    )

    names = {result["__typename"] for result in results}
    assert names == {"PostOnWallSuccess", "SendMessageSuccess"}
    assert await count(db, Message) == 9 + 4 + 1
    await expect_no_differences(db)
