"""People come by way of Cognito: new ones, those who move with their old password, and twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from jose import jwt
from sqlalchemy import func, select

from app import migrations
from app.auth.triggers import Triggers
from app.db import Database
from app.main import create_app
from app.models import ExternalLogin, User
from app.models.waggle import Mail
from tests.auth.conftest import KIN, PEOPLE, RYOU, WASP, Known
from tests.auth.emulators import Functions, Pool, cognito_local, functions, moto
from tests.conftest import settings_for

pytestmark = pytest.mark.node

WHO = "{ viewer { user { handle } email } }"
PASSWORD = "New-hive-2026!"

OpenSite = Callable[..., Awaitable["Site"]]


class Site:
    """The real site behind a user pool: its API, its triggers and its tables."""

    def __init__(self, url: str, pool: Pool, functions: Functions) -> None:
        app = create_app(settings_for(url, **pool.settings))
        self.db: Database = app.state.db
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://test")
        functions.answer_from(Triggers(self.db))

    async def viewer(self, token: str) -> dict[str, Any]:
        """Whom the API takes the bearer of a token for."""
        headers = {"authorization": f"Bearer {token}"}
        response = await self.http.post("/graphql", json={"query": WHO}, headers=headers)
        assert response.status_code == 200, response.text
        viewer: dict[str, Any] = response.json()["data"]["viewer"]
        return viewer

    async def handle(self, tokens: dict[str, str]) -> str:
        return str((await self.viewer(tokens["AccessToken"]))["user"]["handle"])

    async def rows(self, statement: Any) -> list[Any]:
        async with self.db.read() as connection:
            return list((await connection.execute(statement)).all())

    async def people(self) -> int:
        [(count,)] = await self.rows(select(func.count()).select_from(User))
        return int(count)

    async def linked(self, tokens: dict[str, str]) -> list[int]:
        """The accounts that the tokens' subject is linked to."""
        subject = str(jwt.get_unverified_claims(tokens["AccessToken"])["sub"])
        rows = select(ExternalLogin.user_id).where(ExternalLogin.identifier == subject.encode())
        return [user_id for (user_id,) in await self.rows(rows)]


@pytest.fixture(scope="session")
def our_functions() -> Iterator[Functions]:
    with functions() as served:
        yield served


@pytest.fixture(scope="session")
def emulated(our_functions: Functions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """A pool of cognito-local; each test moves other people, or empties it."""
    with cognito_local(tmp_path_factory.mktemp("cognito"), our_functions) as pool:
        yield pool


@pytest.fixture
def pool(emulated: Pool) -> Pool:
    """The pool of cognito-local without anybody in it."""
    listed = emulated.client.list_users(UserPoolId=emulated.id)["Users"]
    for user in listed:
        emulated.client.admin_delete_user(UserPoolId=emulated.id, Username=user["Username"])
    return emulated


@pytest.fixture(scope="session")
def moto_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with moto(tmp_path_factory.mktemp("moto")) as pool:
        yield pool


@pytest.fixture
async def open_site(our_functions: Functions) -> AsyncIterator[OpenSite]:
    async with AsyncExitStack() as stack:

        async def make(url: str, pool: Pool) -> Site:
            site = Site(url, pool, our_functions)
            await migrations.upgrade(site.db)
            stack.push_async_callback(site.db.close)
            stack.push_async_callback(site.http.aclose)
            return site

        yield make


@pytest.fixture
async def site(open_site: OpenSite, real_file: str, pool: Pool) -> Site:
    return await open_site(real_file, pool)


async def test_somebody_new_signs_up_confirms_and_signs_in(site: Site, pool: Pool) -> None:
    before = await site.people()

    await pool.sign_up("mitsuko@bees.example", PASSWORD, preferred_username="mitsuko")
    after = await site.people()
    tokens = await pool.sign_in("mitsuko@bees.example", PASSWORD)

    # The account is there before its owner first comes to the site.
    assert after == before + 1
    assert await site.handle(tokens) == "mitsuko"
    assert await site.people() == after
    [mail] = await site.rows(select(Mail.kind, Mail.recipient, Mail.recipient_name))
    assert mail == ("welcome", "mitsuko@bees.example", "mitsuko")


@pytest.mark.parametrize("person", [RYOU, KIN], ids=lambda person: str(person.hash))
async def test_an_old_password_moves_its_owner_who_stays_the_same_account(
    open_site: OpenSite, real_url: str, pool: Pool, person: Known
) -> None:
    site = await open_site(real_url, pool)
    before = await site.people()

    tokens = await pool.sign_in(person.email, person.password)

    assert await site.handle(tokens) == person.handle
    assert await site.linked(tokens) == [person.userid]
    assert await site.people() == before
    # From now on the pool has the password, and does not ask again.
    again = await pool.sign_in(person.email, person.password)
    assert await site.handle(again) == person.handle
    assert await site.linked(again) == [person.userid]


async def test_an_old_hash_is_replaced_on_the_way(site: Site, pool: Pool) -> None:
    await pool.sign_in(RYOU.email, RYOU.password)

    columns = select(User.password_hash, User.password_sha1).where(User.id == RYOU.userid)
    [(hash, sha1)] = await site.rows(columns)
    assert (hash[:7], sha1) == ("$2y$10$", None)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        (KIN.email, "wrong"),
        (KIN.email, KIN.password + "x"),
        (RYOU.email, KIN.password),
        ("nobody@bees.example", KIN.password),
    ],
)
async def test_a_wrong_password_moves_nobody(
    site: Site, pool: Pool, login: str, password: str
) -> None:
    with pytest.raises(ClientError) as refused:
        await pool.sign_in(login, password)

    assert refused.value.response["Error"]["Code"] == "NotAuthorizedException"
    assert (await pool.call("list_users", UserPoolId=pool.id))["Users"] == []
    moved = select(ExternalLogin.user_id).where(ExternalLogin.source == "cognito")
    assert await site.rows(moved) == []


async def test_a_blocked_person_moves_and_reads_as_in_q2a(site: Site, pool: Pool) -> None:
    tokens = await pool.sign_in(WASP.email, WASP.password)

    assert await site.handle(tokens) == WASP.handle


async def test_whoever_has_not_confirmed_the_address_does_so_by_a_new_password(
    site: Site, pool: Pool
) -> None:
    egg = next(person for person in PEOPLE if not person.confirmed)

    with pytest.raises(ClientError) as refused:
        await pool.sign_in(egg.email, egg.password)

    assert refused.value.response["Error"]["Code"] == "PasswordResetRequiredException"


async def test_an_id_token_tells_the_handle_and_the_number_in_q2a(site: Site, pool: Pool) -> None:
    tokens = await pool.sign_in(KIN.email, KIN.password)

    claims = jwt.get_unverified_claims(tokens["IdToken"])
    assert (claims["handle"], claims["q2a_user_id"]) == (KIN.handle, str(KIN.userid))


async def test_whoever_moves_twice_at_once_stays_one_account(
    open_site: OpenSite, real_url: str, pool: Pool
) -> None:
    site = await open_site(real_url, pool)
    before = await site.people()

    both = await asyncio.gather(*(pool.sign_in(RYOU.email, RYOU.password) for _ in range(2)))
    handles = await asyncio.gather(*(site.handle(tokens) for tokens in both for _ in range(3)))

    assert set(handles) == {RYOU.handle}
    assert await site.people() == before
    for tokens in both:
        assert await site.linked(tokens) == [RYOU.userid]


async def test_somebody_new_who_comes_twice_at_once_has_one_account(
    open_site: OpenSite, real_url: str, moto_pool: Pool, tmp_path: Path
) -> None:
    site = await open_site(real_url, moto_pool)
    before = await site.people()
    email = f"{tmp_path.name}@bees.example"
    await moto_pool.sign_up(email, PASSWORD, preferred_username="two bees")

    both = await asyncio.gather(*(moto_pool.sign_in(email, PASSWORD) for _ in range(2)))
    handles = await asyncio.gather(*(site.handle(tokens) for tokens in both for _ in range(3)))

    assert set(handles) == {"two bees"}
    assert await site.people() == before + 1
    assert await site.linked(both[0]) == await site.linked(both[1])


async def test_a_verified_address_finds_its_account_without_a_trigger(
    open_site: OpenSite, real_file: str, moto_pool: Pool
) -> None:
    site = await open_site(real_file, moto_pool)
    before = await site.people()
    await moto_pool.sign_up(KIN.email, PASSWORD)
    verified = [{"Name": "email_verified", "Value": "true"}]
    await moto_pool.call(
        "admin_update_user_attributes",
        UserPoolId=moto_pool.id,
        Username=KIN.email,
        UserAttributes=verified,
    )

    tokens = await moto_pool.sign_in(KIN.email, PASSWORD)

    assert await site.viewer(tokens["AccessToken"]) == {
        "user": {"handle": KIN.handle},
        "email": KIN.email,
    }
    assert await site.people() == before
