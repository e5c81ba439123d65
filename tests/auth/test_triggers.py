"""What the site answers Cognito, event by event."""

import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from app import migrations
from app.auth.triggers import TriggerFailed, Triggers
from app.db import Database
from app.models import AddressLimit, ExternalLogin, Option, User, UserLimit
from tests.auth.conftest import KIN, PEOPLE, RYOU, WASP, Known, rows
from tests.conftest import settings_for

EGG = next(person for person in PEOPLE if not person.confirmed)
SERVER, BROWSER = "site-server", "bee-app"

Event = dict[str, Any]
MakeTriggers = Callable[..., Triggers]


@pytest.fixture
async def make(real_file: str) -> AsyncIterator[MakeTriggers]:
    """Makes the triggers of the real site under other settings."""
    made: list[Triggers] = []

    def make(**others: str) -> Triggers:
        trusted = {"COGNITO_TRUSTED_CLIENT_IDS": SERVER}
        made.append(Triggers(Database(settings_for(real_file, **{**trusted, **others}))))
        return made[-1]

    db = make().db
    await migrations.upgrade(db)
    async with db.begin() as connection:
        # What was counted on the real site.
        await connection.execute(delete(AddressLimit))
        await connection.execute(delete(UserLimit))
    yield make
    for triggers in made:
        await triggers.db.close()


@pytest.fixture
def triggers(make: MakeTriggers) -> Triggers:
    return make()


def event(source: str, login: str, *, client: str = BROWSER, **request: Any) -> Event:
    """An event as Cognito sends it."""
    return {
        "version": "1",
        "triggerSource": source,
        "region": "eu-west-1",
        "userPoolId": "eu-west-1_A",
        "userName": login,
        "callerContext": {"awsSdkVersion": "3", "clientId": client},
        "request": request,
        "response": {},
    }


def signing_in(login: str, password: str, **others: Any) -> Event:
    return event("UserMigration_Authentication", login, password=password, **others)


def with_attributes(source: str, *, version: str = "1", **attributes: str) -> Event:
    asked = event(source, "somebody", userAttributes=attributes, groupConfiguration={})
    return {**asked, "version": version}


async def set_option(db: Database, name: str, value: str) -> None:
    async with db.begin() as connection:
        await connection.execute(delete(Option).where(Option.name == name))
        await connection.execute(insert(Option).values({Option.name: name, Option.value: value}))


@pytest.mark.parametrize("login", [KIN.email, KIN.handle])
async def test_an_old_password_brings_the_account_into_the_pool(
    triggers: Triggers, login: str
) -> None:
    answer = await triggers.handle(signing_in(login, KIN.password))

    assert answer["response"] == {
        "userAttributes": {
            "email": KIN.email,
            "email_verified": "true",
            "preferred_username": KIN.handle,
        },
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
        "desiredDeliveryMediums": ["EMAIL"],
        "forceAliasCreation": False,
    }
    assert (answer["userName"], answer["version"]) == (login, "1")


async def test_whoever_forgot_the_password_comes_without_it(triggers: Triggers) -> None:
    answer = await triggers.handle(event("UserMigration_ForgotPassword", RYOU.email))

    assert answer["response"]["userAttributes"]["email_verified"] == "true"
    assert answer["response"]["finalUserStatus"] == "RESET_REQUIRED"
    assert answer["response"]["messageAction"] == "SUPPRESS"


@pytest.mark.parametrize(("person", "status"), [(EGG, "RESET_REQUIRED"), (WASP, "CONFIRMED")])
async def test_an_unproved_address_has_to_be_proved_and_a_blocked_person_comes_in(
    triggers: Triggers, person: Known, status: str
) -> None:
    answer = await triggers.handle(signing_in(person.email, person.password))

    assert answer["response"]["finalUserStatus"] == status


async def test_where_nobody_confirms_addresses_none_has_to_be_proved(
    make: MakeTriggers,
) -> None:
    await set_option(make().db, "confirm_user_emails", "0")

    answer = await make().handle(signing_in(EGG.email, EGG.password))

    assert answer["response"]["finalUserStatus"] == "CONFIRMED"


async def _refusals(triggers: Triggers) -> list[TriggerFailed]:
    """What Cognito is told when something is wrong, in as many ways as there are."""
    async with triggers.db.begin() as connection:
        # Two accounts with one address, and one without any.
        values = {User.email: PEOPLE[5].email}
        await connection.execute(update(User).where(User.id == PEOPLE[6].userid).values(values))
        await connection.execute(
            update(User).where(User.id == PEOPLE[7].userid).values({User.email: ""})
        )
    wrong = [
        signing_in(KIN.email, "wrong"),
        signing_in("nobody@bees.example", "wrong"),
        signing_in("", ""),
        signing_in(PEOPLE[5].handle, PEOPLE[5].password),
        signing_in(PEOPLE[7].handle, PEOPLE[7].password),
        event("UserMigration_Authentication", KIN.email),
        event("UserMigration_Authentication", KIN.email, password=["x"]),
        event("UserMigration_ForgotPassword", "nobody@bees.example"),
        {"triggerSource": "UserMigration_Authentication"},
    ]
    raised = []
    for one in wrong:
        with pytest.raises(TriggerFailed) as refused:
            await triggers.handle(one)
        raised.append(refused.value)
    return raised


async def test_every_refusal_is_the_same(triggers: Triggers) -> None:
    raised = await _refusals(triggers)

    assert {str(error) for error in raised} == {"The request was refused."}
    assert {error.__suppress_context__ for error in raised} == {True}


async def test_no_password_is_ever_logged(
    make: MakeTriggers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = make(TABLE_PREFIX="absent_")

    await make().handle(signing_in(RYOU.email, RYOU.password))
    with pytest.raises(TriggerFailed):
        await make().handle(signing_in(KIN.email, "a-secret-guess"))
    with pytest.raises(TriggerFailed):
        await broken.handle(signing_in(KIN.email, KIN.password))

    ours = [record for record in caplog.records if record.name.startswith("app.")]
    assert [record.levelname for record in ours] == ["INFO", "ERROR"]
    assert KIN.email not in str([record.getMessage() for record in ours])
    # Not even by the database driver, which tells every parameter when it is debugged.
    assert KIN.email in caplog.text
    for secret in (RYOU.password, "a-secret-guess", KIN.password):
        assert secret not in caplog.text


async def test_an_account_has_so_many_attempts_an_hour(make: MakeTriggers) -> None:
    await set_option(make().db, "max_rate_ip_logins", "2")
    triggers = make()
    for _ in range(2):
        with pytest.raises(TriggerFailed):
            await triggers.handle(signing_in(KIN.email, "wrong"))

    with pytest.raises(TriggerFailed):
        await triggers.handle(signing_in(KIN.handle, KIN.password))
    with pytest.raises(TriggerFailed):
        await triggers.handle(event("UserMigration_ForgotPassword", KIN.email))
    # It does not lock anybody out of q2a, which counts addresses, nor anybody else out of here.
    await triggers.handle(signing_in(RYOU.email, RYOU.password))
    assert await rows(triggers.db, select(func.count()).select_from(AddressLimit)) == [(0,)]


@pytest.mark.parametrize("part", ["validationData", "clientMetadata"])
async def test_an_address_counts_if_a_server_of_the_site_names_it(
    triggers: Triggers, part: str
) -> None:
    named: Any = {part: {"address": "192.0.2.7"}}

    await triggers.handle(signing_in(KIN.email, KIN.password, client=SERVER, **named))

    counted = select(AddressLimit.address, AddressLimit.action, AddressLimit.count)
    assert await rows(triggers.db, counted) == [(b"\xc0\x00\x02\x07", "L", 1)]
    signed_in = select(User.signed_in_from).where(User.id == KIN.userid)
    assert await rows(triggers.db, signed_in) == [(b"\xc0\x00\x02\x07",)]


@pytest.mark.parametrize("address", ["192.0.2.7", "nonsense", ""])
async def test_an_address_that_anybody_could_have_named_does_not_count(
    triggers: Triggers, address: str
) -> None:
    named = {"address": address}

    await triggers.handle(signing_in(KIN.email, KIN.password, validationData=named))
    if address != "192.0.2.7":
        server = signing_in(KIN.email, KIN.password, client=SERVER, validationData=named)
        await triggers.handle(server)

    assert await rows(triggers.db, select(func.count()).select_from(AddressLimit)) == [(0,)]
    assert len(await rows(triggers.db, select(UserLimit.count))) == 1


async def test_a_confirmed_sign_up_makes_an_account_and_finds_it_again(
    triggers: Triggers,
) -> None:
    asked = with_attributes(
        "PostConfirmation_ConfirmSignUp",
        sub="sub-1",
        email="new@bees.example",
        email_verified="true",
        preferred_username="new bee",
    )

    assert await triggers.handle(asked) == asked
    assert await triggers.handle(asked) == asked

    made = select(User.handle, User.flags, User.created_from).where(
        User.email == "new@bees.example"
    )
    # Confirmed, and nobody knows from where.
    assert await rows(triggers.db, made) == [("new bee", 1, bytes(4))]


async def test_a_confirmed_sign_up_with_a_known_address_is_linked(triggers: Triggers) -> None:
    asked = with_attributes(
        "PostConfirmation_ConfirmForgotPassword", sub="s", email=KIN.email, email_verified="true"
    )

    await triggers.handle(asked)

    linked = select(ExternalLogin.user_id).where(ExternalLogin.source == "cognito")
    assert await rows(triggers.db, linked) == [(KIN.userid,)]


async def test_tokens_carry_the_handle_and_the_number_where_the_owner_wants_it(
    make: MakeTriggers,
) -> None:
    attributes = {"sub": "s", "email": KIN.email, "email_verified": "true"}
    claims = {"claimsToAddOrOverride": {"handle": KIN.handle, "q2a_user_id": str(KIN.userid)}}

    async def response(version: str, **settings: str) -> Any:
        asked = with_attributes("TokenGeneration_Authentication", version=version, **attributes)
        return (await make(**settings).handle(asked))["response"]

    assert await response("1") == {}
    wanted = {"COGNITO_TOKEN_CLAIMS": "true"}
    assert await response("1", **wanted) == {"claimsOverrideDetails": claims}
    assert await response("2", **wanted) == {
        "claimsAndScopeOverrideDetails": {
            "idTokenGeneration": claims,
            "accessTokenGeneration": claims,
        }
    }


@pytest.mark.parametrize("source", ["PreSignUp_SignUp", "CustomMessage_SignUp", "", None])
async def test_other_events_come_back_as_they_are(triggers: Triggers, source: Any) -> None:
    asked = with_attributes(source, sub="s")

    assert await triggers.handle(asked) == asked


async def test_somebody_without_a_number_gets_no_account(triggers: Triggers) -> None:
    before = await rows(triggers.db, select(func.count()).select_from(User))
    asked = with_attributes("TokenGeneration_Authentication", email="x@bees.example")

    assert await triggers.handle(asked) == asked
    assert await rows(triggers.db, select(func.count()).select_from(User)) == before


def test_the_lambda_function_keeps_its_connections_between_events(real_url: str) -> None:
    program = """
import asyncio, json, sys
from app.auth import triggers
assert not {"boto3", "mangum", "starlette", "strawberry"} & sys.modules.keys()
for event in json.loads(sys.stdin.read()):
    try:
        print(json.dumps(triggers.handler(event, None)["response"]["finalUserStatus"]))
    except triggers.TriggerFailed as error:
        print(json.dumps(str(error)))
process = triggers._process
assert asyncio.get_event_loop() is process.loop and not process.loop.is_closed()
process.loop.run_until_complete(process.triggers.db.close())
process.loop.close()
"""
    events = [
        signing_in(RYOU.email, RYOU.password),
        signing_in(RYOU.email, "wrong"),
        signing_in(KIN.handle, KIN.password),
    ]

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"DATABASE_URL": real_url},
        input=json.dumps(events),
        capture_output=True,
        text=True,
    )

    assert done.stderr == ""
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said == ["CONFIRMED", "The request was refused.", "CONFIRMED"]
