"""Signing in without Cognito: tokens for the passwords of q2a, and where there are none."""

import asyncio
import multiprocessing
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jose import jwt
from sqlalchemy import delete, func, select, update

from app.auth.claims import Unauthenticated
from app.auth.issuer import CLIENT_ID, ISSUER, LocalIssuer, Tokens
from app.auth.key_files import KeyFileError, read_or_make
from app.auth.passwords import hash_password
from app.config import SettingError, Settings
from app.db import Database
from app.domain.sign_ins import Candidate
from app.main import create_app
from app.models import ExternalLogin, User
from tests.auth.conftest import KIN, PEOPLE, RYOU, WASP, Known
from tests.conftest import settings_for

WHO = "{ viewer { user { handle } } }"
ACCOUNT = Candidate(7, "hachi", "hachi@bees.invalid", 1, "$2y$10$x", None, None)

Client = httpx.AsyncClient
Clients = Callable[..., Awaitable[Client]]


@pytest.fixture
async def clients(real_file: str, tmp_path: Path) -> AsyncIterator[Clients]:
    """Makes clients of the real site under various settings; it is a file unless they say so."""
    async with AsyncExitStack() as stack:

        async def make(**others: str) -> Client:
            key = {"LOCAL_ISSUER_KEY": str(tmp_path / "keys" / "issuer.pem")}
            url = others.pop("DATABASE_URL", real_file)
            app = create_app(settings_for(url, **{**key, **others}))
            stack.push_async_callback(app.state.db.close)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = Client(transport=transport, base_url="http://test")
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
async def client(clients: Clients) -> Client:
    return await clients()


@pytest.fixture
async def everywhere(clients: Clients, real_url: str) -> Client:
    """A client of the real site on both kinds of server."""
    return await clients(DATABASE_URL=real_url)


async def signed_in(client: Client, person: Known) -> dict[str, Any]:
    """The tokens that a person gets for the password."""
    form = {"grant_type": "password", "username": person.handle, "password": person.password}
    response = await client.post("/auth/token", data=form)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


async def handle_of(client: Client, token: str) -> str | None:
    """Whom the API takes the bearer of a token for."""
    headers = {"authorization": f"Bearer {token}"}
    response = await client.post("/graphql", json={"query": WHO}, headers=headers)
    assert response.status_code == 200, response.text
    viewer = response.json()["data"]["viewer"]
    return viewer and str(viewer["user"]["handle"])


async def renewed(client: Client, token: str) -> httpx.Response:
    body = {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post("/auth/token", json=body)


@pytest.mark.parametrize("person", [RYOU, KIN, WASP], ids=lambda person: str(person.handle))
async def test_a_password_gives_a_token_that_signs_the_same_person_in(
    everywhere: Client, person: Known
) -> None:
    tokens = await signed_in(everywhere, person)

    assert await handle_of(everywhere, tokens["access_token"]) == person.handle
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)


async def test_the_tokens_have_cognitos_claims(client: Client) -> None:
    tokens = await signed_in(client, KIN)

    access = jwt.get_unverified_claims(tokens["access_token"])
    id_ = jwt.get_unverified_claims(tokens["id_token"])
    both = {"sub", "iss", "origin_jti", "event_id", "auth_time", "iat", "exp", "jti", "token_use"}
    assert access.keys() == both | {"client_id", "username", "scope"}
    assert id_.keys() == both | {
        "aud",
        "cognito:username",
        "preferred_username",
        "email",
        "email_verified",
    }
    assert (access["token_use"], access["client_id"]) == ("access", CLIENT_ID)
    assert (id_["token_use"], id_["aud"]) == ("id", CLIENT_ID)
    assert (id_["preferred_username"], id_["email"]) == (KIN.handle, KIN.email)
    assert id_["email_verified"] is True
    assert access["exp"] - access["iat"] == 3600
    assert access["sub"] == id_["sub"] == access["username"]


async def test_the_keys_are_published_for_whoever_verifies_tokens(client: Client) -> None:
    tokens = await signed_in(client, KIN)

    [key] = (await client.get("/.well-known/jwks.json")).json()["keys"]

    assert key.keys() == {"kty", "kid", "use", "alg", "n", "e"}
    assert jwt.get_unverified_header(tokens["id_token"])["kid"] == key["kid"]
    claims = jwt.decode(
        tokens["id_token"],
        key,
        algorithms=["RS256"],
        audience=CLIENT_ID,
        issuer=ISSUER,
        options={"verify_at_hash": False},
    )
    assert claims["email"] == KIN.email


async def test_a_person_is_the_same_at_every_sign_in_and_linked_once(
    everywhere: Client, real: Database
) -> None:
    many = await asyncio.gather(*(signed_in(everywhere, RYOU) for _ in range(4)))

    subjects = {jwt.get_unverified_claims(tokens["access_token"])["sub"] for tokens in many}
    assert len(subjects) == 1
    async with real.read() as connection:
        linked = select(func.count()).where(
            ExternalLogin.user_id == RYOU.userid, ExternalLogin.source == "cognito"
        )
        assert (await connection.execute(linked)).scalar_one() == 1


async def test_json_is_understood_as_well_as_a_form(client: Client) -> None:
    body = {"grant_type": "password", "username": KIN.email, "password": KIN.password}

    response = await client.post("/auth/token", json=body)

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert await handle_of(client, response.json()["access_token"]) == KIN.handle


@pytest.mark.parametrize(
    ("username", "password"),
    [
        (KIN.handle, "wrong"),
        (KIN.handle, KIN.password[:-1]),
        (RYOU.handle, KIN.password),
        ("nobody", KIN.password),
        ("nobody@bees.invalid", "wrong"),
        (KIN.handle, "\ud800".encode("utf-16", "surrogatepass").hex()),
    ],
)
async def test_what_does_not_fit_is_refused_and_nobody_learns_which_part(
    client: Client, username: str, password: str
) -> None:
    body = {"grant_type": "password", "username": username, "password": password}

    response = await client.post("/auth/token", json=body)

    assert response.status_code == 401
    assert response.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect username or password.",
    }


@pytest.mark.parametrize(
    ("content_type", "body", "status", "error"),
    [
        ("application/json", "{", 400, "invalid_request"),
        ("application/json", "[]", 400, "invalid_request"),
        ("application/json", '{"grant_type": 1}', 400, "invalid_request"),
        ("application/json", "{}", 400, "invalid_request"),
        ("application/json", '{"grant_type": "magic"}', 400, "unsupported_grant_type"),
        ("application/json", '{"grant_type": "password", "username": "a"}', 400, "invalid_request"),
        ("application/x-www-form-urlencoded", "grant_type=password", 400, "invalid_request"),
        ("application/x-www-form-urlencoded", "a=%ff", 400, "invalid_request"),
        (
            "application/x-www-form-urlencoded",
            "grant_type=password&grant_type=refresh_token",
            400,
            "invalid_request",
        ),
        ("application/json", "{" + " " * 30_000 + "}", 413, "invalid_request"),
        ("text/plain", "grant_type=password", 415, "invalid_request"),
    ],
)
async def test_what_is_no_request_for_tokens_is_named(
    client: Client, content_type: str, body: str, status: int, error: str
) -> None:
    headers = {"content-type": content_type}

    response = await client.post("/auth/token", content=body, headers=headers)

    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.json()["error_description"]


async def test_passwords_are_not_read_from_an_address(client: Client) -> None:
    response = await client.get("/auth/token?grant_type=password&username=a&password=b")

    assert response.status_code == 405


async def test_too_many_attempts_are_refused_until_the_hour_is_over(client: Client) -> None:
    body = {"grant_type": "password", "username": "nobody", "password": "wrong"}
    # The real site's owner allows 30.
    for _ in range(30):
        assert (await client.post("/auth/token", json=body)).status_code == 401

    response = await client.post("/auth/token", json=body)

    assert (response.status_code, response.json()["error"]) == (429, "temporarily_unavailable")
    assert 0 < int(response.headers["retry-after"]) <= 3600


async def test_a_refresh_token_gives_new_tokens_of_the_same_sign_in(client: Client) -> None:
    first = await signed_in(client, RYOU)

    second = (await renewed(client, first["refresh_token"])).json()

    assert "refresh_token" not in second
    assert await handle_of(client, second["access_token"]) == RYOU.handle
    before, after = (jwt.get_unverified_claims(each["access_token"]) for each in (first, second))
    assert before["jti"] != after["jti"]
    assert [before[name] for name in ("sub", "origin_jti", "auth_time")] == [
        after[name] for name in ("sub", "origin_jti", "auth_time")
    ]


async def test_a_refresh_token_ends_with_the_password(everywhere: Client, real: Database) -> None:
    tokens = await signed_in(everywhere, KIN)
    async with real.begin() as connection:
        changed = update(User).where(User.id == KIN.userid)
        await connection.execute(changed.values({User.password_hash: hash_password("another")}))

    response = await renewed(everywhere, tokens["refresh_token"])

    assert (response.status_code, response.json()["error"]) == (401, "invalid_grant")


async def test_a_refresh_token_ends_with_the_account(everywhere: Client, real: Database) -> None:
    tokens = await signed_in(everywhere, RYOU)
    async with real.begin() as connection:
        await connection.execute(delete(User).where(User.id == RYOU.userid))

    assert (await renewed(everywhere, tokens["refresh_token"])).status_code == 401


@pytest.mark.parametrize("kind", ["access_token", "id_token"])
async def test_other_tokens_refresh_nothing(client: Client, kind: str) -> None:
    tokens = await signed_in(client, KIN)

    assert (await renewed(client, tokens[kind])).status_code == 401
    assert (await renewed(client, tokens["refresh_token"] + "x")).status_code == 401
    assert (await renewed(client, "no.token.atall")).status_code == 401


async def test_a_refresh_token_is_no_access_token(client: Client) -> None:
    tokens = await signed_in(client, KIN)
    headers = {"authorization": f"Bearer {tokens['refresh_token']}"}

    response = await client.post("/graphql", json={"query": WHO}, headers=headers)

    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_token_of_another_key_is_refused(clients: Clients, tmp_path: Path) -> None:
    elsewhere = await clients(LOCAL_ISSUER_KEY=str(tmp_path / "another.pem"))
    tokens = await signed_in(elsewhere, KIN)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}

    response = await (await clients()).post("/graphql", json={"query": WHO}, headers=headers)

    assert response.status_code == 401


async def issued(key_file: Path, *, at: datetime) -> tuple[LocalIssuer, Tokens]:
    issuer = LocalIssuer(key_file)
    return issuer, await issuer.issue(ACCOUNT, subject="somebody", now=at)


async def test_a_refresh_token_lives_for_thirty_days(tmp_path: Path) -> None:
    month = timedelta(days=30)
    almost = datetime.now(UTC) - month + timedelta(minutes=1)
    issuer, young = await issued(tmp_path / "key.pem", at=almost)
    _, old = await issued(tmp_path / "key.pem", at=almost - timedelta(minutes=2))
    assert young.refresh_token
    assert old.refresh_token

    assert (await issuer.read_refresh(young.refresh_token)).user_id == ACCOUNT.id
    with pytest.raises(Unauthenticated):
        await issuer.read_refresh(old.refresh_token)


async def test_a_refresh_token_tells_nothing_of_the_password(tmp_path: Path) -> None:
    _, tokens = await issued(tmp_path / "key.pem", at=datetime.now(UTC))
    _, others = await issued(tmp_path / "other.pem", at=datetime.now(UTC))

    fingerprints = {
        jwt.get_unverified_claims(str(each.refresh_token))["fingerprint"]
        for each in (tokens, others)
    }

    # Whoever does not have the key cannot try passwords or hashes against it.
    assert len(fingerprints) == 2


async def test_in_production_there_is_no_local_issuer(clients: Clients) -> None:
    client = await clients(ENVIRONMENT="production")

    form = {"grant_type": "password", "username": KIN.handle, "password": KIN.password}
    assert (await client.get("/auth/token")).status_code == 404
    assert "token" not in (await client.post("/auth/token", data=form)).text
    assert (await client.get("/.well-known/jwks.json")).status_code == 404


async def test_its_tokens_are_refused_in_production(clients: Clients) -> None:
    tokens = await signed_in(await clients(), KIN)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    pool = {"COGNITO_REGION": "eu-west-1", "COGNITO_USER_POOL_ID": "eu-west-1_A"}

    for others in ({}, {**pool, "COGNITO_CLIENT_IDS": CLIENT_ID}):
        client = await clients(ENVIRONMENT="production", **others)
        response = await client.post("/graphql", json={"query": WHO}, headers=headers)
        assert response.status_code == 401


def test_production_does_not_start_with_a_local_issuer() -> None:
    with pytest.raises(SettingError, match="LOCAL_ISSUER"):
        Settings.load({"ENVIRONMENT": "production", "LOCAL_ISSUER": "true"})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, True),
        ({"LOCAL_ISSUER": "false"}, False),
        ({"COGNITO_USER_POOL_ID": "eu-west-1_A"}, False),
        ({"COGNITO_ISSUER": "http://127.0.0.1:9229/pool"}, False),
        ({"COGNITO_USER_POOL_ID": "eu-west-1_A", "LOCAL_ISSUER": "true"}, True),
        ({"ENVIRONMENT": "production"}, False),
    ],
)
def test_it_is_there_in_development_unless_cognito_is(
    settings: dict[str, str], expected: bool
) -> None:
    assert Settings.load(settings).uses_local_issuer is expected


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "yet" / "key.pem"

    with multiprocessing.get_context("spawn").Pool(3) as processes:
        keys = processes.map(read_or_make, [path] * 6)

    assert len(set(keys)) == 1
    assert keys[0] == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAA\n"])
def test_a_file_that_is_no_key_is_left_alone_and_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text(content)

    with pytest.raises(KeyFileError, match=r"key\.pem"):
        read_or_make(path)
    assert path.read_text() == content


def waggle(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60)


async def test_the_command_line_prints_a_token_for_a_handle(
    clients: Clients, real_file: str, tmp_path: Path
) -> None:
    key = str(tmp_path / "keys" / "issuer.pem")
    learner = next(person for person in PEOPLE if person.handle == "蜂飼い見習い")

    done = await asyncio.to_thread(
        waggle, "token", learner.handle, DATABASE_URL=real_file, LOCAL_ISSUER_KEY=key
    )

    assert (done.stderr, done.returncode) == ("", 0)
    assert await handle_of(await clients(), done.stdout.strip()) == learner.handle


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "There is no account with the handle nobody."),
        ({"ENVIRONMENT": "production"}, "There is no local issuer"),
        ({"LOCAL_ISSUER": "false"}, "There is no local issuer"),
    ],
)
def test_the_command_line_says_why_there_is_no_token(
    real_file: str, tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    key = {"LOCAL_ISSUER_KEY": str(tmp_path / "key.pem")}

    done = waggle("token", "nobody", DATABASE_URL=real_file, **key, **environment)

    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
