"""Passwords of both kinds, and signing in with them on a copy of the real site."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth import passwords
from app.auth.passwords import WrongPassword, hash_password, verify
from app.db import Database
from app.domain import sign_ins
from app.domain.errors import RateLimited
from app.domain.options import Options
from app.domain.sign_ins import Candidate
from app.models import AddressLimit, User, UserLimit
from tests.auth.conftest import KIN, PEOPLE, RYOU, WASP, Known
from tests.conftest import settings_for

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HOME = b"\xc0\x00\x02\x07"
# The check value of FACTS 12.
SALT, SHA1 = b"abcdefgh12345678", bytes.fromhex("080e2247c3b3e058112bac7a4a5c2354f457242b")


@pytest.fixture(scope="module")
def stored(golden_url: Callable[[str], str]) -> Mapping[int, Candidate]:
    """What the real site keeps of everybody's password."""
    url = golden_url("sqlite")

    async def read() -> dict[int, Candidate]:
        db = Database(settings_for(url))
        async with db.read() as connection:
            rows = (await connection.execute(select(*sign_ins.COLUMNS))).all()
        await db.close()
        return {row[0]: Candidate._make(row) for row in rows}

    return asyncio.run(read())


def opens(password: str, account: Candidate) -> bool:
    return verify(password, hash=account.hash, salt=account.salt, sha1=account.sha1)


def changed(password: str, position: int) -> str:
    """The password with one bit of one byte changed."""
    content = bytearray(password.encode())
    content[position] ^= 1
    return content.decode()


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: str(person.userid))
def test_every_password_of_the_real_site_verifies_and_none_with_one_byte_changed(
    person: Known, stored: Mapping[int, Candidate]
) -> None:
    account = stored[person.userid]
    # A few places for each person, so that all places come up.
    length = len(person.password.encode())
    places = {0, length - 1, person.userid % length}

    assert opens(person.password, account)
    assert not [place for place in places if opens(changed(person.password, place), account)]
    assert not opens(person.password[:-1], account)


def test_the_real_site_has_passwords_of_both_kinds(stored: Mapping[int, Candidate]) -> None:
    kinds = {person.hash for person in PEOPLE}

    assert kinds == {"bcrypt", "legacy-sha1"}
    assert stored[RYOU.userid].sha1
    assert not stored[RYOU.userid].hash
    assert str(stored[KIN.userid].hash).startswith("$2y$10$")


@pytest.mark.parametrize("typed", ["secret", " \tsecret\r\n", "\0secret\x0b"])
def test_the_older_hash_is_of_salt_and_password_interleaved(typed: str) -> None:
    assert verify(typed, hash=None, salt=SALT, sha1=SHA1)


@pytest.mark.parametrize("typed", ["", "Secret", "secret\0", "sec\0ret", "secre", "\ud800"])
def test_the_older_hash_opens_to_nothing_else(typed: str) -> None:
    expected = typed.strip("\0") == "secret"

    assert verify(typed, hash=None, salt=SALT, sha1=SHA1) is expected


def test_a_new_hash_is_phps_and_has_a_salt_of_its_own() -> None:
    first, second = hash_password("蜂蜜 honey"), hash_password("蜂蜜 honey")

    assert first != second
    assert first.startswith("$2y$10$")
    assert len(first) == 60
    assert verify("  蜂蜜 honey\n", hash=first, salt=None, sha1=None)


def test_line_ends_are_one_however_they_were_typed() -> None:
    made = hash_password("two\nlines")

    assert verify("two\r\nlines", hash=made, salt=None, sha1=None)
    assert not verify("two\rlines", hash=made, salt=None, sha1=None)


def test_bcrypt_knows_72_bytes_of_a_password_and_no_more() -> None:
    made = hash_password("x" * 72)

    assert verify("x" * 72 + "anything", hash=made, salt=None, sha1=None)
    assert not verify("x" * 71, hash=made, salt=None, sha1=None)
    assert not verify("x" * 71 + "y", hash=made, salt=None, sha1=None)
    # 24 characters of three bytes each, and a 25th that is cut off.
    assert verify("蜂" * 25, hash=hash_password("蜂" * 24), salt=None, sha1=None)


def test_a_zero_byte_ends_no_password_early() -> None:
    assert not verify("secret\0more", hash=hash_password("secret"), salt=None, sha1=None)
    with pytest.raises(ValueError, match="zero byte"):
        hash_password("secret\0more")


@pytest.mark.parametrize("hash", ["$2y$10$tooshort", "plain", "$argon2id$v=19$m=1", "é", "\0" * 60])
def test_what_is_no_hash_opens_to_nothing(hash: str) -> None:
    assert not verify("plain", hash=hash, salt=None, sha1=None)
    assert not verify("", hash=hash, salt=SALT, sha1=SHA1)
    # A newer hash is the one that counts, also where the older is still there.
    assert not verify("secret", hash=hash, salt=SALT, sha1=SHA1)


def test_an_account_without_a_password_opens_to_nothing() -> None:
    assert not verify("", hash=None, salt=None, sha1=None)
    assert not verify("", hash="", salt=b"", sha1=b"")
    assert not verify("secret", hash=None, salt=SALT, sha1=None)


def test_a_guess_takes_as_long_for_nobody_as_for_somebody() -> None:
    somebody: dict[str, Any] = {"hash": hash_password("secret"), "salt": None, "sha1": None}
    others: list[dict[str, Any]] = [
        {"hash": None, "salt": None, "sha1": None},
        {"hash": None, "salt": SALT, "sha1": SHA1},
        {"hash": "plain", "salt": None, "sha1": None},
    ]

    usual = _cpu_seconds(somebody)

    for other in others:
        assert 0.5 * usual < _cpu_seconds(other) < 2 * usual


def _cpu_seconds(columns: dict[str, Any]) -> float:
    """What a wrong guess takes at the least, whatever else the machine does."""
    taken = []
    for _ in range(3):
        start = time.thread_time()
        verify("a wrong guess", **columns)
        taken.append(time.thread_time() - start)
    return min(taken)


class Door:
    """The sign-in of the real site at a moment that the test chooses."""

    def __init__(self, db: Database, options: Options) -> None:
        self.db = db
        self.options = options

    async def open(
        self,
        login: str,
        password: str,
        *,
        address: bytes | None = HOME,
        now: datetime = NOW,
        **options: str,
    ) -> Candidate:
        changed = Options({**self.options.texts, **options})
        return await passwords.sign_in(
            self.db, login=login, password=password, address=address, options=changed, now=now
        )


@pytest.fixture
def door(real: Database, real_options: Options) -> Door:
    return Door(real, real_options)


async def columns_of(db: Database, person: Known) -> Candidate:
    async with db.read() as connection:
        account = await sign_ins.by_id(connection, user_id=person.userid)
    assert account
    return account


@pytest.mark.parametrize("person", [RYOU, KIN, WASP], ids=lambda person: str(person.handle))
async def test_people_sign_in_by_handle_and_by_email(door: Door, person: Known) -> None:
    logins = [person.handle, f" {person.handle.upper()} ", person.email, person.email.upper()]

    ids = [(await door.open(login, person.password)).id for login in logins]

    assert ids == [person.userid] * 4


async def test_a_japanese_handle_and_password_sign_in(door: Door) -> None:
    learner = next(person for person in PEOPLE if person.handle == "蜂飼い見習い")

    assert (await door.open(learner.handle, learner.password)).id == learner.userid


@pytest.mark.parametrize(
    "login", ["", " ", "nobody", "nobody@site.bees.invalid", "𠮷野", "admin%", "x" * 5000]
)
async def test_nobody_signs_in_by_a_name_that_is_not_there(door: Door, login: str) -> None:
    with pytest.raises(WrongPassword):
        await door.open(login, KIN.password)


async def test_handles_do_not_count_where_only_emails_do(door: Door) -> None:
    with pytest.raises(WrongPassword):
        await door.open(KIN.handle, KIN.password, allow_login_email_only="1")

    assert (await door.open(KIN.email, KIN.password, allow_login_email_only="1")).id == KIN.userid


async def test_an_email_that_two_accounts_have_opens_neither(door: Door) -> None:
    await _change(door.db, RYOU, {User.email: KIN.email})

    with pytest.raises(WrongPassword):
        await door.open(KIN.email, KIN.password)
    assert (await door.open(KIN.handle, KIN.password)).id == KIN.userid


async def test_an_old_hash_is_replaced_by_bcrypts_as_q2a_does_it(door: Door) -> None:
    await door.open(RYOU.handle, RYOU.password)

    account = await columns_of(door.db, RYOU)
    assert (account.salt, account.sha1) == (None, None)
    assert str(account.hash).startswith("$2y$10$")
    assert (await door.open(RYOU.handle, RYOU.password)).hash == account.hash


async def test_a_wrong_password_replaces_no_hash(door: Door) -> None:
    before = await columns_of(door.db, RYOU)

    with pytest.raises(WrongPassword):
        await door.open(RYOU.handle, RYOU.password + "x")

    assert await columns_of(door.db, RYOU) == before


async def test_a_password_changed_meanwhile_is_not_written_over(door: Door) -> None:
    as_read = await columns_of(door.db, RYOU)
    await _change(door.db, RYOU, {User.password_sha1: b"\1" * 20})

    async with door.db.begin() as connection:
        await sign_ins.record(
            connection,
            account=as_read,
            better_hash=hash_password(RYOU.password),
            address=None,
            at=datetime(2026, 3, 4, 5, 6, 7),  # noqa: DTZ001 - as the tables hold it
        )

    assert await columns_of(door.db, RYOU) == as_read._replace(sha1=b"\1" * 20)


async def test_signing_in_twice_at_once_replaces_the_hash_once(door: Door) -> None:
    await asyncio.gather(*(door.open(RYOU.handle, RYOU.password) for _ in range(4)))

    account = await columns_of(door.db, RYOU)
    assert opens(RYOU.password, account)
    assert account.sha1 is None


async def test_it_is_noted_when_and_from_where_somebody_signed_in(door: Door) -> None:
    zone = await door.db.zone()

    await door.open(KIN.handle, KIN.password)

    async with door.db.read() as connection:
        noted = select(User.signed_in_at, User.signed_in_from).where(User.id == KIN.userid)
        assert (await connection.execute(noted)).one() == (zone.to_local(NOW), HOME)


async def _change(db: Database, person: Known, values: dict[Any, Any]) -> None:
    async with db.begin() as connection:
        await connection.execute(update(User).where(User.id == person.userid).values(values))


async def test_an_address_has_so_many_attempts_an_hour(door: Door) -> None:
    async def attempt(**options: Any) -> None:
        with pytest.raises(WrongPassword):
            await door.open("nobody", "wrong", max_rate_ip_logins="2", **options)

    await attempt()
    await attempt()

    with pytest.raises(RateLimited) as refused:
        await door.open(KIN.handle, KIN.password, max_rate_ip_logins="2")
    assert refused.value.retry_after == 3600 - 6 * 60 - 7
    await attempt(address=b"\x20\x01" + b"\0" * 14)
    await attempt(now=NOW + timedelta(hours=1))


async def test_attempts_count_in_q2as_own_table_before_the_password_is_looked_at(
    door: Door,
) -> None:
    await door.open(KIN.handle, KIN.password)
    with pytest.raises(WrongPassword):
        await door.open(KIN.handle, "wrong")

    async with door.db.read() as connection:
        counted = select(AddressLimit.period, AddressLimit.count).where(
            AddressLimit.address == HOME, AddressLimit.action == "L"
        )
        assert (await connection.execute(counted)).one() == (int(NOW.timestamp()) // 3600, 2)


async def test_without_an_address_an_accounts_attempts_count(door: Door) -> None:
    for _ in range(2):
        with pytest.raises(WrongPassword):
            await door.open(KIN.handle, "wrong", address=None, max_rate_ip_logins="2")

    with pytest.raises(RateLimited):
        await door.open(KIN.email, KIN.password, address=None, max_rate_ip_logins="2")
    await door.open(RYOU.handle, RYOU.password, address=None, max_rate_ip_logins="2")
    async with door.db.read() as connection:
        assert await _attempts(connection) == {KIN.userid: 2, RYOU.userid: 1}


async def test_many_attempts_at_once_are_no_more_than_the_hour_allows(door: Door) -> None:
    attempts = (door.open("nobody", "wrong", max_rate_ip_logins="5") for _ in range(12))

    results = await asyncio.gather(*attempts, return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == (
        ["RateLimited"] * 7 + ["WrongPassword"] * 5
    )


async def _attempts(connection: AsyncConnection) -> dict[int, int]:
    query = (
        select(UserLimit.user_id, func.sum(UserLimit.count))
        .where(UserLimit.action == "L")
        .group_by(UserLimit.user_id)
    )
    return {user_id: int(count) for user_id, count in (await connection.execute(query)).all()}
