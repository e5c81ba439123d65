"""From a token to an account: found, linked, made; never twice, and never somebody else's."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, event, func, insert, select, update

from app.db import Database
from app.domain.accounts import AccountRow
from app.domain.viewers import COGNITO, Flag, subject_columns
from app.models import AddressLimit, ExternalLogin, Option, User, UserPoints
from schema import nodes
from tests.auth.conftest import Door, OpenDoor, rows
from tests.auth.pool import NOW, Pool
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

ADDRESS = b"\xc0\x00\x02\x07"
LONG_AGO = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001 - as add_user has it


async def people_of(db: Database) -> list[AccountRow]:
    columns = (User.id, User.handle, User.email, User.level, User.flags)
    return [AccountRow._make(row) for row in await rows(db, select(*columns).order_by(User.id))]


async def logins_of(db: Database) -> list[tuple[int, str, bytes]]:
    columns = (ExternalLogin.user_id, ExternalLogin.source, ExternalLogin.identifier)
    return [tuple(row) for row in await rows(db, select(*columns))]


async def prepare(db: Database, *people: dict[str, Any], **options: object) -> list[int]:
    """Accounts and options of a site whose figures are right."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        ids = [await add_user(connection, **person) for person in people]
        await settle(connection)
    return ids


def knows(pool: Pool, subject: str, email: str, *, verified: bool = True, **more: str) -> None:
    """Let the pool know somebody's address."""
    pool.attributes[subject] = {"email": email, "email_verified": str(verified).lower(), **more}


async def test_somebody_new_gets_an_account(door: Door, pool: Pool) -> None:
    await prepare(door.db, {}, points_base=100)
    knows(pool, "new", "Mitsu@example.org", preferred_username="mitsu")

    assert await door.handle(token=pool.token("new")) == "mitsu"

    [_, person] = await people_of(door.db)
    assert person[1:] == ("mitsu", "Mitsu@example.org", 0, Flag.CONFIRMED)
    assert await logins_of(door.db) == [(person.id, "cognito", b"new")]
    [account] = await rows(door.db, select(*User.__table__.c).where(User.id == person.id))
    assert account.createip == account.loginip == ADDRESS
    assert account.created == account.loggedin
    assert (account.sessioncode, account.emailcode, account.passhash) == ("", "", None)
    [points] = await rows(door.db, select(UserPoints.points).where(UserPoints.user_id == person.id))
    assert points.points == 100
    await expect_no_differences(door.db)


async def test_the_same_person_is_recognized_by_every_later_token(
    small_door: Door, pool: Pool
) -> None:
    knows(pool, "new", "mitsu@example.org")
    tokens = [pool.token("new") for _ in range(3)]

    handles = [await small_door.handle(token=token) for token in [*tokens, tokens[0]]]

    assert handles == ["mitsu"] * 4
    assert len(await people_of(small_door.db)) == 1
    assert len(await logins_of(small_door.db)) == 1


async def test_two_first_requests_at_once_make_one_account(
    open_door: OpenDoor, site_url: str, pool: Pool
) -> None:
    doors = [open_door(site_url) for _ in range(4)]
    for number in range(3):
        knows(pool, f"new-{number}", f"mitsu{number}@example.org", preferred_username="mitsu")
    tokens = [pool.token(f"new-{number}") for number in range(3) for _ in range(2)]

    handles = await asyncio.gather(
        *(door.handle(token=token) for token in tokens for door in doors)
    )

    assert len(await people_of(doors[0].db)) == 3
    assert len(await logins_of(doors[0].db)) == 3
    assert set(handles) == {"mitsu", "mitsu2", "mitsu3"}
    await expect_no_differences(doors[0].db)


async def test_a_verified_address_leads_to_the_account_that_has_it(door: Door, pool: Pool) -> None:
    [hachi, _] = await prepare(door.db, {"email": "hachi@example.org", "flags": 0}, {})
    knows(pool, "known", "Hachi@Example.org", preferred_username="somebody")

    assert await door.handle(token=pool.token("known")) == "bee1"

    assert await logins_of(door.db) == [(hachi, "cognito", b"known")]
    assert (await people_of(door.db))[0].flags == Flag.CONFIRMED
    await expect_no_differences(door.db)


@pytest.mark.parametrize(
    ("email", "verified"), [("hachi@example.org", False), ("häçhi@example.org", True)]
)
async def test_nobody_gets_an_account_by_an_address_that_may_not_be_theirs(
    door: Door, pool: Pool, email: str, verified: bool
) -> None:
    # The second address is the first to the column of MySQL, not to the mail server.
    await prepare(door.db, {"email": "hachi@example.org"})
    knows(pool, "wolf", email, verified=verified, preferred_username="wolf")

    assert await door.handle(token=pool.token("wolf")) == "wolf"

    [_, wolf] = await people_of(door.db)
    is_free = "sqlite" in str(door.db.engine.url) and verified
    assert wolf.email == (email if is_free else "")
    assert wolf.flags == (Flag.CONFIRMED if is_free else 0)


async def test_an_address_that_two_accounts_have_leads_to_neither(
    small_door: Door, pool: Pool
) -> None:
    await prepare(small_door.db, {"email": "hive@example.org"}, {"email": "HIVE@example.org"})
    knows(pool, "third", "hive@example.org", preferred_username="third")

    assert await small_door.handle(token=pool.token("third")) == "third"
    assert [person.email for person in await people_of(small_door.db)][2] == ""


async def test_a_link_counts_more_than_an_address(small_door: Door, pool: Pool) -> None:
    [linked, _] = await prepare(small_door.db, {}, {"email": "other@example.org"})
    async with small_door.db.begin() as connection:
        columns = subject_columns("sub")
        values = {"user_id": linked, "source": COGNITO, "identifier": b"sub"}
        await connection.execute(
            insert(ExternalLogin).values(**values, identifier_md5=columns["md5"])
        )
        # Another service may call somebody else the same.
        await connection.execute(
            insert(ExternalLogin).values(
                user_id=2, source="google", identifier=b"sub", identifier_md5=columns["md5"]
            )
        )
    knows(pool, "sub", "other@example.org")

    assert await small_door.handle(token=pool.token("sub")) == "bee1"


async def test_a_subject_is_compared_exactly(door: Door, pool: Pool) -> None:
    knows(pool, "Sub", "one@example.org")
    knows(pool, "sub", "two@example.org")
    knows(pool, "sub ", "three@example.org")

    handles = [await door.handle(token=pool.token(subject)) for subject in ("Sub", "sub", "sub ")]

    assert handles == ["one", "two", "three"]


async def test_a_deleted_account_is_made_anew(small_door: Door, pool: Pool) -> None:
    knows(pool, "new", "mitsu@example.org")
    token = pool.token("new")
    await small_door.handle(token=token)
    async with small_door.db.begin() as connection:
        await connection.execute(delete(UserPoints))
        await connection.execute(delete(ExternalLogin))
        await connection.execute(delete(User))
        await settle(connection)

    assert await small_door.handle(token=token) == "mitsu"
    await expect_no_differences(small_door.db)


WISHES = [
    ("taro", "taro"),
    ("taro@example.org", "taro"),
    ("a+b/c", "a-b-c"),
    ("  みつ　ばち  ", "みつ ばち"),
    ("bee\u200b\u0007keeper", "beekeeper"),
    ("𠮷野家", "野家"),
    ("a" * 30, "a" * 20),
    ("cafe\u0301", "café"),
    (".", "local"),
    ("..", "local"),
    ("🐝🐝", "local"),
    ("@@@", "local"),
    ("anonymous", "local"),
    ("", "local"),
]


@pytest.mark.parametrize(("wish", "handle"), WISHES)
async def test_a_handle_is_made_of_what_somebody_is_called(
    small_door: Door, pool: Pool, wish: str, handle: str
) -> None:
    knows(pool, "new", "local@example.org", preferred_username=wish)
    assert await small_door.handle(token=pool.token("new")) == handle


async def test_names_that_nobody_chose_are_not_made_handles(small_door: Door, pool: Pool) -> None:
    knows(pool, "a", "google@example.org")
    knows(pool, "b", "random@example.org")

    social = await small_door.handle(token=pool.token("a", username="Google_108123456789"))
    uuid = "6a7b8c9d-1111-4222-8333-444455556666"
    random = await small_door.handle(token=pool.token("b", username=uuid))

    assert (social, random) == ("google", "random")


async def test_a_taken_handle_gets_a_number(door: Door, pool: Pool) -> None:
    await prepare(door.db, {"handle": "Taro"}, {"handle": "taro2"}, {"handle": "x" * 20})

    handles = [
        await door.handle(token=pool.token(subject, preferred_username=wish))
        for subject, wish in [("a", "taro"), ("b", "TARO"), ("c", "x" * 20), ("d", "taro")]
    ]

    assert handles == ["taro3", "TARO4", "x" * 19 + "2", "taro5"]


async def test_accents_do_not_make_another_handle_on_mysql(door: Door, pool: Pool) -> None:
    await prepare(door.db, {"handle": "Élan"})
    expected = "elan" if "sqlite" in str(door.db.engine.url) else "elan2"
    assert await door.handle(token=pool.token("new", preferred_username="elan")) == expected


@pytest.mark.parametrize(
    ("options", "verified", "flags"),
    [
        ({}, True, Flag.CONFIRMED),
        ({}, False, 0),
        ({"show_notice_welcome": 1}, True, Flag.CONFIRMED | Flag.WELCOME_PENDING),
        ({"confirm_user_required": 1}, False, Flag.MUST_CONFIRM),
        ({"confirm_user_required": 1}, True, Flag.CONFIRMED),
        ({"confirm_user_required": 1, "confirm_user_emails": 0}, False, 0),
    ],
)
async def test_a_new_account_has_the_flags_that_the_options_want(
    small_door: Door, pool: Pool, options: dict[str, object], verified: bool, flags: int
) -> None:
    await prepare(small_door.db, **options)
    knows(pool, "new", "mitsu@example.org", verified=verified)

    await small_door.handle(token=pool.token("new"))

    [person] = await people_of(small_door.db)
    assert person.flags == flags


async def test_who_must_confirm_is_freed_by_confirming_in_the_pool(
    small_door: Door, pool: Pool
) -> None:
    await prepare(small_door.db, confirm_user_required=1)
    knows(pool, "new", "mitsu@example.org", verified=False)
    await small_door.handle(token=pool.token("new"))
    knows(pool, "new", "mitsu@example.org", verified=True)

    await small_door.handle(token=pool.token("new"))

    assert (await people_of(small_door.db))[0].flags == Flag.CONFIRMED


async def test_nobody_gets_an_account_while_registering_is_suspended(
    small_door: Door, pool: Pool
) -> None:
    await prepare(small_door.db, {"email": "old@example.org"}, suspend_register_users=1)
    knows(pool, "old", "old@example.org")

    response = await small_door.post(token=pool.token("new"))

    assert response.status_code == 403
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "reason": "SWITCHED_OFF"}
    assert await small_door.handle(token=pool.token("old")) == "bee1"
    assert len(await people_of(small_door.db)) == 1


async def test_nobody_gets_an_account_from_a_blocked_address(small_door: Door, pool: Pool) -> None:
    await prepare(small_door.db, {"email": "old@example.org"}, block_ips_write="192.0.2.*")
    knows(pool, "old", "old@example.org")

    assert (await small_door.post(token=pool.token("new"))).status_code == 403
    assert await small_door.handle(token=pool.token("old")) == "bee1"
    async with small_door.client("198.51.100.1") as elsewhere:
        headers = {"authorization": f"Bearer {pool.token('new')}"}
        body = {"query": "{ __typename }"}
        assert (await elsewhere.post("/graphql", json=body, headers=headers)).status_code == 200


async def test_an_address_makes_only_so_many_accounts_in_an_hour(door: Door, pool: Pool) -> None:
    await prepare(door.db, max_rate_ip_registers=2)
    tokens = [pool.token(f"new-{number}") for number in range(4)]

    answers = [await door.post(token=token) for token in tokens]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    [error] = answers[2].json()["errors"]
    seconds = int(answers[2].headers["retry-after"])
    assert 0 < seconds <= 3600
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": seconds}
    assert len(await people_of(door.db)) == 2
    [counted] = await rows(door.db, select(AddressLimit.action, AddressLimit.count))
    assert tuple(counted) == ("R", 2)
    # Whoever has an account comes and goes as before.
    assert (await door.post(token=tokens[0])).status_code == 200


@pytest.mark.parametrize("status", [400, 500, 503])
async def test_a_pool_that_does_not_answer_makes_no_second_account(
    small_door: Door, pool: Pool, status: int
) -> None:
    await prepare(small_door.db, {"email": "old@example.org"})
    assert (await small_door.post(token=pool.token("warm"))).status_code == 200
    knows(pool, "old", "old@example.org")
    pool.status = status
    token = pool.token("old")

    response = await small_door.post(token=token)

    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    pool.status = 200
    assert await small_door.handle(token=token) == "bee1"


async def test_a_token_that_the_pool_has_revoked_makes_no_account(
    small_door: Door, pool: Pool
) -> None:
    pool.revoked.add("gone")

    response = await small_door.post(token=pool.token("gone"))

    assert response.status_code == 401
    assert await people_of(small_door.db) == []


async def test_the_pool_is_not_asked_where_the_token_may_not_or_says_it_itself(
    small_door: Door, pool: Pool
) -> None:
    await small_door.handle(token=pool.token("a", scope="openid"))
    await small_door.handle(
        token=pool.token("b", email="beatrice@example.org", email_verified="true")
    )
    assert pool.asked == 0
    handles = [person.handle for person in await people_of(small_door.db)]
    assert handles == ["member", "beatrice"]


async def test_coming_with_a_new_token_is_noted_once(small_door: Door, pool: Pool) -> None:
    knows(pool, "known", "old@example.org")
    await prepare(small_door.db, {"email": "old@example.org"})
    traces = select(User.signed_in_at, User.signed_in_from)
    token = pool.token("known", iat=int(NOW()) - 30)

    await small_door.handle(token=token)

    [noted] = await rows(small_door.db, traces)
    assert noted[0] > LONG_AGO
    assert noted[1] == ADDRESS
    other = Door(small_door.db.settings)
    headers = {"authorization": f"Bearer {token}"}
    async with other.client("203.0.113.9") as elsewhere:
        await elsewhere.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    await other.db.close()
    assert await rows(small_door.db, traces) == [noted]


async def test_a_missing_row_of_points_is_made_at_the_next_token(
    small_door: Door, pool: Pool
) -> None:
    knows(pool, "known", "old@example.org")
    await prepare(small_door.db, {"email": "old@example.org"})
    async with small_door.db.begin() as connection:
        await connection.execute(delete(UserPoints))
        await settle(connection)
        await connection.execute(delete(UserPoints))
        await set_counter(connection, "cache_userpointscount", 0)

    await small_door.handle(token=pool.token("known"))

    assert await rows(small_door.db, select(func.count()).select_from(UserPoints)) == [(1,)]
    await expect_no_differences(small_door.db)


async def set_counter(connection: Any, name: str, value: int) -> None:
    statement = update(Option).where(Option.name == name)
    await connection.execute(statement.values({Option.value: str(value)}))


def statements_of(door: Door) -> list[str]:
    """Every SQL statement that is sent from here on."""
    sent: list[str] = []
    event.listen(
        door.db.engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    return sent


async def test_a_token_costs_one_statement_after_its_first_request(
    small_door: Door, pool: Pool
) -> None:
    token = pool.token("new", email="mitsu@example.org", email_verified=True)
    await small_door.post("{ __typename }", token=token)
    sent = statements_of(small_door)

    await small_door.post("{ __typename }")
    assert sent == []
    await small_door.post("{ __typename }", token=token)
    assert len(sent) == 1


NO_VOTE = 'mutation { castVote(input: { id: "x", direction: UP }) { __typename } }'
EMAIL = "{ viewer { email } }"


async def test_who_only_reads_is_remembered_for_a_moment(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url, VIEWER_CACHE_SECONDS="60")
    token = pool.token("new", email="mitsu@example.org", email_verified=True)
    await door.post(EMAIL, token=token)
    async with door.db.begin() as connection:
        await connection.execute(update(User).values(email="changed@example.org"))
    sent = statements_of(door)

    async def email() -> Any:
        return (await door.post(EMAIL, token=token)).json()["data"]["viewer"]["email"]

    assert await email() == "mitsu@example.org"
    assert sent == []
    # Who changes something is looked at anew, and afterwards sees what has changed.
    await door.post(NO_VOTE, token=token)
    assert len(sent) >= 1
    assert await email() == "changed@example.org"


async def test_a_blocked_account_signs_in_but_changes_nothing(small_door: Door, pool: Pool) -> None:
    flags = (Flag.CONFIRMED | Flag.BLOCKED).value
    await prepare(small_door.db, {"email": "wasp@example.org", "flags": flags}, {})
    async with small_door.db.begin() as connection:
        question = nodes.encode("Question", await add_post(connection, "Q", author_id=2))
    knows(pool, "wasp", "wasp@example.org")
    token = pool.token("wasp")

    assert await small_door.handle(token=token) == "bee1"
    answer = await small_door.post(
        f'mutation {{ castVote(input: {{ id: "{question}", direction: UP }})'
        " { __typename ... on NotAllowed { reason } } }",
        token=token,
    )

    refusal = {"__typename": "NotAllowed", "reason": "BLOCKED"}
    assert answer.json()["data"]["castVote"] == refusal
    assert (await people_of(small_door.db))[0].flags == flags
