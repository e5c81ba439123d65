"""The job `link-users`: which accounts would trip over a move to Cognito, and over what."""

import asyncio
import csv
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app import migrations
from app.cli import main
from app.db import Database
from app.models import ExternalLogin, User
from tests.conftest import DATA, settings_for
from tests.mariadb import MariaDB
from tests.meadow import add_user, set_option

BCRYPT = "$2y$10$vI8aWBnW3fID.ZQ4/zo1G.q1lRps.9cGLcZEiGDMVr5yUP1KUOYTa"
SOUND = {"password_hash": BCRYPT}
# What each account is like, and what is to be said of it; its handle is the name here.
ACCOUNTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "sound": ({}, {}),
    "高橋": ({"email": "o'neil+bees@mail.example.co.jp"}, {}),
    "nowhere": ({"email": ""}, {"email-missing": ""}),
    "blanks": ({"email": "   "}, {"email-missing": ""}),
    "no at": ({"email": "bees"}, {"email-invalid": "no @", "handle-characters": "space"}),
    "two.dots": ({"email": "a..b@docomo.example"}, {"email-invalid": "two in a row"}),
    "last.dot": ({"email": "ab.@docomo.example"}, {"email-invalid": "dot at an end"}),
    "beyond": ({"email": "bée@example.org"}, {"email-invalid": "beyond ASCII"}),
    "local": ({"email": "bee@localhost"}, {"email-invalid": "not complete"}),
    "dashes": ({"email": "bee@-x.example"}, {"email-invalid": "not one"}),
    "inside": ({"email": "b ee@example.org"}, {"email-invalid": "blanks"}),
    "quoted": ({"email": '"b(e"@example.org'}, {"email-invalid": "not allowed"}),
    "Twice": ({"email": "Same@example.org"}, {"email-shared": "one of 2", "handle-shared": "2"}),
    "twice": ({"email": "same@EXAMPLE.org"}, {"email-shared": "one of 2", "handle-shared": "2"}),
    "old": (
        {"password_hash": None, "password_salt": b"s" * 16, "password_sha1": b"x" * 20},
        {"password-old": ""},
    ),
    "half": ({"password_hash": None, "password_salt": b"s" * 16}, {"password-unknown": "half"}),
    "foreign": ({"password_hash": "$P$Babcdefgh"}, {"password-unknown": "not bcrypt"}),
    "nothing": ({"password_hash": None}, {"password-missing": ""}),
    "empty": ({"password_hash": ""}, {"password-missing": ""}),
    "social": ({"password_hash": None}, {"password-missing": "signs in by facebook"}),
    "moved": ({"password_hash": None}, {"linked": ""}),
    "moved-twice": ({}, {"linked": "by 2 identities"}),
    "blocked": ({"flags": 3}, {"blocked": ""}),
    "waiting": ({"flags": 0}, {"unconfirmed": ""}),
    "=1+1": ({"email": "sum@example.org"}, {}),
}
LOGINS = {"social": ["facebook"], "moved": ["cognito"], "moved-twice": ["cognito", "cognito"]}


def link_users(url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["job", "link-users", *options], env={"DATABASE_URL": url})


Work = Callable[[AsyncConnection], Awaitable[Any]]


def on(url: str, work: Work) -> Any:
    """Do something in one transaction on a site that has Waggle's tables."""

    async def run() -> Any:
        db = Database(settings_for(url))
        await migrations.upgrade(db)
        async with db.begin() as connection:
            result = await work(connection)
        await db.close()
        return result

    return asyncio.run(run())


async def add_everybody(connection: AsyncConnection) -> None:
    await set_option(connection, "confirm_user_emails", "1")
    for handle, (values, _) in ACCOUNTS.items():
        id = await add_user(connection, handle=handle, **SOUND | values)
        for number, source in enumerate(LOGINS.get(handle, [])):
            identifier = f"{handle}-{number}".encode()
            login = {"identifier": identifier, "identifier_md5": identifier[:16].ljust(16)}
            await connection.execute(
                insert(ExternalLogin).values(user_id=id, source=source, **login)
            )


async def everything(connection: AsyncConnection) -> list[Any]:
    users = (await connection.execute(select(*User.__table__.columns))).all()
    logins = (await connection.execute(select(*ExternalLogin.__table__.columns))).all()
    return [*users, *logins]


def adding(*accounts: dict[str, Any]) -> Work:
    async def add(connection: AsyncConnection) -> None:
        for values in accounts:
            await add_user(connection, **SOUND | values)

    return add


def test_every_account_that_would_trip_is_named(site_url: str, tmp_path: Path) -> None:
    on(site_url, add_everybody)
    before = on(site_url, everything)

    result = link_users(site_url, "--csv", str(tmp_path / "a.csv"), "--json", str(tmp_path / "b"))

    assert result.exit_code == 1
    found = json.loads((tmp_path / "b").read_text())
    said = {(row["handle"], row["obstacle"]): row["detail"] for row in found}
    expected = {(handle, name) for handle, (_, names) in ACCOUNTS.items() for name in names}
    assert said.keys() == expected
    for handle, (_, names) in ACCOUNTS.items():
        for name, detail in names.items():
            assert detail in said[handle, name]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["handle"], row["obstacle"]) for row in rows] == list(said)
    assert "email-shared: 2 (cannot move)" in result.stdout
    assert "email-invalid 8" in result.stderr
    assert BCRYPT[7:] not in result.output
    assert "$P$" not in result.output
    assert on(site_url, everything) == before


def test_nothing_to_settle_is_a_good_end(site_url: str, tmp_path: Path) -> None:
    on(site_url, adding({}, {"flags": 3}, {"flags": 0}))
    on(site_url, lambda connection: set_option(connection, "confirm_user_emails", "0"))

    result = link_users(site_url, "--json", str(tmp_path / "found.json"))

    assert result.exit_code == 0
    # Whether an address is confirmed matters only where the site asks for it.
    assert [row["obstacle"] for row in json.loads((tmp_path / "found.json").read_text())] == [
        "blocked"
    ]


@pytest.mark.mariadb
def test_what_only_the_database_takes_for_the_same_is_found(
    mariadb: MariaDB, tmp_path: Path
) -> None:
    mariadb.load("accents", DATA / "q2a-site.sql.gz")
    url = mariadb.url("accents")
    one = {"handle": "josé", "email": "jose@example.org"}
    on(url, adding(one, {"handle": "Jose", "email": "josè@example.org"}))

    result = link_users(url, "--json", str(tmp_path / "found.json"))

    found = json.loads((tmp_path / "found.json").read_text())
    similar = {"email-similar", "handle-similar"}
    assert {row["handle"] for row in found if row["obstacle"] in similar} == {"josé", "Jose"}
    assert "handle-similar: 2 (moves with a detour)" in result.stdout


def test_the_real_site_is_read_as_q2a_left_it(
    golden_url: Callable[[str], str], tmp_path: Path
) -> None:
    file = shutil.copy(golden_url("sqlite").partition("///")[2], tmp_path / "site.sqlite")
    url = f"sqlite+aiosqlite:///{file}"
    on(url, adding())

    result = link_users(url)

    assert result.exit_code == 1
    counts = "password-old 12, blocked 3, handle-characters 2, unconfirmed 2"
    assert counts in result.stderr
    for handle in ("Queen Bee 12", "Big Hive (north)", "unconfirmed_egg", "blocked_wasp"):
        assert handle in result.stdout


def test_a_terminal_and_a_spreadsheet_are_not_tricked_by_handles(
    site_url: str, tmp_path: Path
) -> None:
    on(site_url, adding(*({"handle": handle, "email": ""} for handle in ("=1+1", "\x1b[2Jbee"))))

    result = link_users(site_url, "--csv", str(tmp_path / "found.csv"))

    assert result.exit_code == 1, result.output
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as file:
        handles = {row["handle"] for row in csv.DictReader(file)}
    assert "'=1+1" in handles
    assert "\x1b" not in result.stdout
