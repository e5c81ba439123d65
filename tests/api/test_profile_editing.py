"""Editing one's own profile as a client does it, by q2a's rules."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.db import Database
from app.domain import accounts
from app.domain.accounts import Person
from app.domain.sites import SiteCache
from app.models import ProfileField, ProfileValue, User
from app.models.waggle import Mail
from tests.conftest import Api
from tests.meadow import HERE, add_post, add_user, expect_no_differences, set_option, settle

UPDATE = """
    mutation ($input: UpdateProfileInput!) {
        updateProfile(input: $input) {
            __typename
            ... on UpdateProfileSuccess {
                viewer {
                    email emailConfirmed acceptsMessages acceptsWallPosts acceptsMailings
                    user { handle avatarUrl profile { name value } }
                }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
EMOJI = "\N{HONEYBEE}"
ME, OTHER = 1, 2


async def add_people(db: Database, *, me: dict[str, Any] | None = None, **options: Any) -> None:
    """User 1, whose profile it is, and user 2; and q2a's profile fields."""
    options = {"site_title": "Meadow", "site_url": "https://bees.example/", **options}
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        await add_user(connection, **(me or {}))
        await add_user(connection)
        fields = [("name", 0, None), ("website", 2, None), ("about", 1, None), ("secret", 0, 20)]
        for position, (name, flags, permit) in enumerate(fields):
            row = {
                ProfileField.id: position + 1,
                ProfileField.name: name,
                ProfileField.flags: flags,
                ProfileField.permit: permit,
                ProfileField.position: position,
            }
            await connection.execute(insert(ProfileField).values(row))
        await settle(connection)


async def edit(api: Api, viewer: int | None = ME, **input: Any) -> Any:
    return (await api.ask(UPDATE, input=input, viewer=viewer))["updateProfile"]


async def stored(db: Database, user_id: int = ME) -> Any:
    query = select(User.handle, User.email, User.flags, User.email_code)
    async with db.read() as connection:
        return (await connection.execute(query.where(User.id == user_id))).one()


async def values_of(db: Database) -> dict[str, str]:
    query = select(ProfileValue.name, ProfileValue.value).where(ProfileValue.user_id == ME)
    async with db.read() as connection:
        return dict((await connection.execute(query)).all())


async def mails(db: Database) -> list[Any]:
    async with db.read() as connection:
        query = select(Mail.kind, Mail.recipient, Mail.body).order_by(Mail.id)
        return list((await connection.execute(query)).all())


async def test_what_is_not_given_stays(api: Api, db: Database) -> None:
    await add_people(db)

    result = await edit(api)

    assert result["viewer"]["user"] == {"handle": "bee1", "avatarUrl": None, "profile": []}
    assert tuple(await stored(db)) == ("bee1", "bee1@example.org", 1, "")
    await expect_no_differences(db)


async def test_the_payload_is_the_viewer_as_they_are_now(api: Api, db: Database) -> None:
    await add_people(db, confirm_user_emails=0)
    fields = [{"name": "about", "value": "Two\r\nlines "}, {"name": "name", "value": "Maya\nBee"}]

    result = await edit(
        api, handle="Maya", email="maya@mail.example", fields=fields, acceptsMailings=False
    )

    viewer = result["viewer"]
    assert (viewer["email"], viewer["emailConfirmed"]) == ("maya@mail.example", False)
    assert (viewer["acceptsMailings"], viewer["acceptsMessages"]) == (False, True)
    assert viewer["user"] == {
        "handle": "Maya",
        "avatarUrl": None,
        "profile": [
            {"name": "name", "value": "Maya Bee"},
            {"name": "about", "value": "Two\nlines"},
        ],
    }
    assert await mails(db) == []


async def test_a_new_address_has_to_be_confirmed_where_the_site_wants_it(
    api: Api, db: Database
) -> None:
    await add_people(db, neat_urls=1)

    result = await edit(api, email=" maya@mail.example ")

    assert result["viewer"]["emailConfirmed"] is False
    _, email, flags, code = await stored(db)
    assert (email, flags) == ("maya@mail.example", 0)
    assert re.fullmatch("[a-z][0-9a-z]{7}", code)
    [mail] = await mails(db)
    assert (mail.kind, mail.recipient) == ("confirm", "maya@mail.example")
    assert f"https://bees.example/confirm?c={code}&u=bee1" in mail.body


async def test_a_code_for_the_former_address_is_worth_nothing(api: Api, db: Database) -> None:
    await add_people(db, me={"email_code": "abcd1234"}, confirm_user_emails=0)

    await edit(api, email="maya@mail.example")

    assert (await stored(db))[-1] == ""


async def test_the_same_address_again_stays_confirmed(api: Api, db: Database) -> None:
    await add_people(db)

    result = await edit(api, email="bee1@example.org")

    assert result["viewer"]["emailConfirmed"] is True
    assert await mails(db) == []


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("", "A name has 1 to 20 characters."),
        ("  ", "A name has 1 to 20 characters."),
        ("m" * 21, "A name has 1 to 20 characters."),
        ("maya@home", "A name has no @, + or /, and nothing that cannot be seen."),
        ("..", "A name has no @, + or /, and nothing that cannot be seen."),
        ("ma\u200bya", "A name has no @, + or /, and nothing that cannot be seen."),
        ("BEE2", "This name is taken."),
        ("Anonymous", "This name is taken."),
    ],
)
async def test_a_handle_keeps_to_the_rules(
    api: Api, db: Database, handle: str, message: str
) -> None:
    await add_people(db)

    result = await edit(api, handle=handle, acceptsMessages=False)

    assert result == {"__typename": "Invalid", "field": "handle", "message": message}
    assert tuple(await stored(db)) == ("bee1", "bee1@example.org", 1, "")


async def test_ones_own_handle_may_be_written_differently(api: Api, db: Database) -> None:
    await add_people(db)

    assert (await edit(api, handle="Bee1"))["viewer"]["user"]["handle"] == "Bee1"


@pytest.mark.parametrize("has_posted", [True, False])
async def test_who_has_posted_keeps_the_handle_where_the_site_wants_it(
    api: Api, db: Database, has_posted: bool
) -> None:
    await add_people(db, allow_change_usernames=0)
    async with db.begin() as connection:
        await add_post(connection, "Q", author_id=ME if has_posted else OTHER)
        await settle(connection)

    result = await edit(api, handle="Maya")

    assert (result.get("reason") == "SWITCHED_OFF") == has_posted
    assert (await stored(db)).handle == ("bee1" if has_posted else "Maya")


@pytest.mark.parametrize(
    "email", ["", "maya", "maya@", "maya@mail", "a b@mail.example", f"{'m' * 70}@mail.example"]
)
async def test_an_address_has_to_be_one(api: Api, db: Database, email: str) -> None:
    await add_people(db)

    result = await edit(api, email=email)

    assert (result["__typename"], result["field"]) == ("Invalid", "email")


async def test_an_address_belongs_to_one_account(api: Api, db: Database) -> None:
    await add_people(db)

    result = await edit(api, email="BEE2@example.org")

    assert (result["__typename"], result["field"]) == ("Invalid", "email")
    assert await mails(db) == []


async def test_addresses_are_not_changed_as_often_as_one_likes(api: Api, db: Database) -> None:
    await add_people(db, max_rate_user_messages=1)

    first = await edit(api, email="maya@mail.example")
    second = await edit(api, email="victim@mail.example")

    assert first["__typename"] == "UpdateProfileSuccess"
    assert second["__typename"] == "RateLimited"
    assert [mail.recipient for mail in await mails(db)] == ["maya@mail.example"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ([{"name": "wings", "value": "4"}], "fields"),
        ([{"name": "name", "value": "A"}, {"name": "name", "value": "B"}], "fields"),
        ([{"name": "about", "value": "x" * 8_001}], "fields.about"),
    ],
)
async def test_a_field_that_will_not_do_is_named(
    api: Api, db: Database, fields: list[Any], field: str
) -> None:
    await add_people(db)

    result = await edit(api, fields=[*fields, {"name": "website", "value": "kept?"}])

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    assert await values_of(db) == {}


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"handle": f"Maya {EMOJI}"}, "handle"),
        ({"fields": [{"name": "about", "value": EMOJI}]}, "fields.about"),
    ],
)
async def test_what_the_columns_cannot_hold_is_named(
    api: Api, db: Database, input: dict[str, Any], field: str
) -> None:
    await add_people(db)

    result = await edit(api, **input)

    # SQLite holds every character.
    if db.engine.dialect.name == "mysql":
        assert (result["__typename"], result["field"]) == ("Invalid", field)
    else:
        assert result["__typename"] == "UpdateProfileSuccess"


async def test_a_field_for_others_cannot_be_filled_in(api: Api, db: Database) -> None:
    await add_people(db)
    fields = [{"name": "secret", "value": "honey"}]

    assert (await edit(api, fields=fields))["reason"] == "LEVEL"
    await change(db, level=100)
    assert (await edit(api, fields=fields))["__typename"] == "UpdateProfileSuccess"

    assert await values_of(db) == {"secret": "honey"}


async def test_a_field_can_be_emptied(api: Api, db: Database) -> None:
    await add_people(db)
    await edit(api, fields=[{"name": "about", "value": "Bees"}])

    result = await edit(api, fields=[{"name": "about", "value": ""}])

    assert result["viewer"]["user"]["profile"] == []
    assert await values_of(db) == {"about": ""}


async def test_a_picture_is_chosen_among_those_that_there_are(api: Api, db: Database) -> None:
    await add_people(db)

    gravatar = await edit(api, avatar="GRAVATAR")
    upload = await edit(api, avatar="UPLOAD")
    none = await edit(api, avatar="NONE")

    assert "gravatar" in gravatar["viewer"]["user"]["avatarUrl"]
    assert (upload["__typename"], upload["field"]) == ("Invalid", "avatar")
    assert none["viewer"]["user"]["avatarUrl"] is None
    assert (await stored(db)).flags == 1


async def test_an_upload_is_shown_once_it_is_there(api: Api, db: Database) -> None:
    await add_people(db, me={"avatar_blob_id": 1_234_567_890_123, "flags": 9})

    result = await edit(api, avatar="UPLOAD")

    assert "1234567890123" in result["viewer"]["user"]["avatarUrl"]
    assert (await stored(db)).flags == 5


@pytest.mark.parametrize("option", ["avatar_allow_gravatar", "avatar_allow_upload"])
async def test_the_site_may_do_without_a_kind_of_picture(
    api: Api, db: Database, option: str
) -> None:
    await add_people(db, me={"avatar_blob_id": 1_234_567_890_123}, **{option: 0})

    result = await edit(api, avatar=option.rpartition("_")[2].upper())

    assert (result["__typename"], result["field"]) == ("Invalid", "avatar")


async def test_switches_are_turned_off_and_on(api: Api, db: Database) -> None:
    await add_people(db)
    names = ("acceptsMessages", "acceptsWallPosts", "acceptsMailings")

    for accepts, flags in ((False, 1 + 16 + 32 + 256), (True, 1)):
        viewer = (await edit(api, **dict.fromkeys(names, accepts)))["viewer"]
        assert [viewer[name] for name in names] == [accepts] * 3
        assert (await stored(db)).flags == flags


@pytest.mark.parametrize(
    ("me", "options", "reason"),
    [
        ({"flags": 2}, {}, "BLOCKED"),
        ({}, {"block_ips_write": "127.0.0.*"}, "IP_BLOCKED"),
        # Who has to confirm a wrong address has to be able to correct it.
        ({"flags": 128}, {}, None),
    ],
)
async def test_who_may_not_write_may_not_edit(
    api: Api, db: Database, me: dict[str, int], options: dict[str, str], reason: str | None
) -> None:
    await add_people(db, me=me, **options)

    result = await edit(api, email="maya@mail.example")

    assert result.get("reason") == reason


async def test_a_guest_has_no_profile(api: Api, db: Database) -> None:
    await add_people(db)

    assert (await edit(api, None, handle="Maya"))["reason"] == "SIGNED_OUT"


async def test_nobody_waits_under_anothers_address_for_its_owner(api: Api, db: Database) -> None:
    await add_people(db)
    site = await SiteCache(db).get()
    thief = Person(subject="thief", email="thief@mail.example", email_verified=True)
    victim = Person(subject="victim", email="victim@mail.example", email_verified=True)

    async def enter(person: Person) -> int:
        async with db.begin() as connection:
            entry = await accounts.enter(
                connection, person=person, site=site, address=HERE, now=datetime.now(UTC)
            )
        return entry.account.id

    thiefs = await enter(thief)
    result = await edit(api, thiefs, email=victim.email)

    assert result["__typename"] == "UpdateProfileSuccess"
    assert await enter(victim) != thiefs
    assert await enter(thief) == thiefs


@pytest.mark.mariadb
async def test_of_two_who_want_a_name_at_once_one_gets_it(api: Api, db: Database) -> None:
    await add_people(db)
    async with db.begin() as connection:
        people = [ME, OTHER, *[await add_user(connection) for _ in range(4)]]
        await settle(connection)

    results = await asyncio.gather(
        *(edit(api, one, handle="Maya", email="maya@mail.example") for one in people)
    )

    names = [result["__typename"] for result in results]
    assert sorted(names) == ["Invalid"] * 5 + ["UpdateProfileSuccess"]
    await expect_no_differences(db)


async def change(db: Database, **values: Any) -> None:
    columns = {getattr(User, name): value for name, value in values.items()}
    async with db.begin() as connection:
        await connection.execute(update(User).where(User.id == ME).values(columns))
