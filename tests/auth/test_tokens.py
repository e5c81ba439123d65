"""Which tokens are accepted, and that all others are refused without a word too many."""

import base64
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization

from tests.auth.conftest import Door, OpenDoor
from tests.auth.pool import CLIENT, NOW, Pool, encoded, private_key, signed

HEADER = {"alg": "RS256", "kid": "one"}
HOUR = 3600
Forge = Callable[[Pool], str]


def with_header(**members: Any) -> Forge:
    return lambda pool: signed(HEADER | members, pool.claims(), "one")


def with_claims(**claims: Any) -> Forge:
    return lambda pool: pool.token(**claims)


def without_kid(pool: Pool) -> str:
    return signed({"alg": "RS256"}, pool.claims(), "one")


def unsigned(pool: Pool) -> str:
    head, payload, _ = signed({"alg": "none", "kid": "one"}, pool.claims(), "one").split(".")
    return f"{head}.{payload}."


def signed_with_the_public_key(pool: Pool) -> str:
    """What a verifier accepts that takes the public key for a shared secret."""
    public = private_key("one").public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    token = signed({"alg": "HS256", "kid": "one"}, pool.claims(), "one")
    head = token.rpartition(".")[0]
    mac = hmac.HMAC(der, hashes.SHA256())
    mac.update(head.encode())
    return f"{head}.{encoded(mac.finalize())}"


def tampered(pool: Pool) -> str:
    head, payload, signature = pool.token().split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{encoded(json.dumps(content | {'sub': 'somebody'}).encode())}.{signature}"


def signed_by_somebody_else(pool: Pool) -> str:
    return signed(HEADER, pool.claims(), "stranger")


def with_claim_twice(pool: Pool) -> str:
    text = json.dumps(pool.claims())
    return signed(HEADER, f'{{"sub": "somebody", {text[1:]}', "one")


def with_header_twice(pool: Pool) -> str:
    return signed('{"alg": "none", "alg": "RS256", "kid": "one"}', pool.claims(), "one")


def with_padding(pool: Pool) -> str:
    return pool.token() + "="


def with_junk_inside(pool: Pool) -> str:
    head, payload, signature = pool.token().split(".")
    return f"{head}.{payload}.{signature[:9]}!{signature[9:]}"


REFUSED: dict[str, Forge] = {
    "expired": with_claims(exp=int(NOW()) - 60),
    "expired long ago": with_claims(iat=0, exp=HOUR),
    "not valid yet": with_claims(nbf=int(NOW()) + 600),
    "issued in the future": with_claims(iat=int(NOW()) + 600, exp=int(NOW()) + 2 * HOUR),
    "another issuer": with_claims(iss="https://cognito-idp.eu-west-1.amazonaws.com/another"),
    "another application": with_claims(client_id="somebody-elses-app"),
    "several applications": with_claims(client_id=[CLIENT]),
    "an id token": lambda pool: pool.id_token(),
    "a refresh token": with_claims(token_use="refresh"),
    "no use": with_claims(token_use=None),
    "several uses": with_claims(token_use=["access"]),
    "no client": with_claims(client_id=None),
    "no client but an audience": with_claims(client_id=None, aud=CLIENT),
    "no exp": with_claims(exp=None),
    "no iat": with_claims(iat=None),
    "no iss": with_claims(iss=None),
    "no sub": with_claims(sub=None),
    "sub empty": with_claims(sub=""),
    "sub a number": with_claims(sub=7),
    "sub too long": with_claims(sub="x" * 300),
    "sub half a character": with_claims(sub="\ud800"),
    "sub with a NUL": with_claims(sub="a\0b"),
    "exp a text": with_claims(exp=str(int(NOW()) + HOUR)),
    "exp a truth": with_claims(exp=True),
    "exp beyond all bounds": with_claims(exp=10**30),
    "iat negative": with_claims(iat=-5),
    "exp infinite": lambda pool: signed(HEADER, json.dumps(pool.claims(exp=float("inf"))), "one"),
    "alg none": unsigned,
    "alg none with a signature": with_header(alg="none"),
    "alg None in capitals": with_header(alg="NONE"),
    "alg RS512": with_header(alg="RS512"),
    "alg a list": with_header(alg=["RS256"]),
    "the public key as a secret": signed_with_the_public_key,
    "tampered with": tampered,
    "signed by somebody else": signed_by_somebody_else,
    "no kid": without_kid,
    "kid unknown": with_header(kid="two"),
    "kid empty": with_header(kid=""),
    "kid a number": with_header(kid=1),
    "kid too long": with_header(kid="k" * 1000),
    "kid a path": with_header(kid="../../one"),
    "crit": with_header(crit=["exp"]),
    "crit empty": with_header(crit=[]),
    "a claim twice": with_claim_twice,
    "a header twice": with_header_twice,
    "padding": with_padding,
    "junk inside": with_junk_inside,
    "header no object": lambda pool: signed("[]", pool.claims(), "one"),
    "payload no object": lambda pool: signed(HEADER, "[]", "one"),
    "payload no JSON": lambda pool: signed(HEADER, "bees", "one"),
    "payload too deep": lambda pool: signed(HEADER, "[" * 9000, "one"),
    "payload not UTF-8": lambda pool: f"{encoded(json.dumps(HEADER).encode())}._w._w",
    "a megabyte": lambda pool: pool.token(padding="x" * 1_000_000),
    "a megabyte of nothing": lambda pool: "x" * 1_000_000,
    "two parts": lambda pool: pool.token().rpartition(".")[0],
    "four parts": lambda pool: pool.token() + ".more",
    "no parts": lambda pool: "token",
    "only dots": lambda pool: "..",
}


def expect_refusal(response: httpx.Response) -> None:
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert "data" not in response.json()
    assert "Traceback" not in response.text


@pytest.mark.parametrize("forge", REFUSED.values(), ids=list(REFUSED))
async def test_a_token_is_refused(
    small_door: Door, pool: Pool, forge: Forge, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        response = await small_door.post(token=forge(pool))

    expect_refusal(response)
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_genuine_token_is_accepted(small_door: Door, pool: Pool) -> None:
    # The same claims and keys that the table above makes something wrong of.
    pool.attributes["sub-1"] = {"preferred_username": "mitsu"}
    assert await small_door.handle(token=pool.token()) == "mitsu"


async def test_no_token_is_a_guest(small_door: Door) -> None:
    assert await small_door.handle() is None


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YmVlOnN0aW5n", "Token x", "bees"]
)
async def test_a_header_without_a_bearer_token_is_refused(small_door: Door, header: str) -> None:
    expect_refusal(await small_door.post(authorization=header))


async def test_two_authorization_headers_are_refused(small_door: Door, pool: Pool) -> None:
    token = pool.token()
    headers = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")]

    response = await small_door.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers=headers
    )

    expect_refusal(response)


async def test_the_scheme_may_be_in_small_letters(small_door: Door, pool: Pool) -> None:
    response = await small_door.post(authorization=f"bearer {pool.token()}")
    assert response.status_code == 200


async def test_a_bad_token_is_refused_on_get_as_well(small_door: Door) -> None:
    response = await small_door.http.get(
        "/graphql", params={"query": "{ __typename }"}, headers={"authorization": "Bearer x"}
    )
    expect_refusal(response)


async def test_clocks_may_differ_a_little(small_door: Door, pool: Pool) -> None:
    now = int(NOW())
    for token in (pool.token(exp=now - 5), pool.token(iat=now + 5), pool.token(nbf=now + 5)):
        assert (await small_door.post(token=token)).status_code == 200


async def test_id_tokens_are_accepted_where_the_settings_say_so(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url, COGNITO_TOKEN_USES="id")

    assert (await door.post(token=pool.id_token())).status_code == 200
    expect_refusal(await door.post(token=pool.token()))
    expect_refusal(await door.post(token=pool.id_token(aud="somebody-elses-app")))
    expect_refusal(await door.post(token=pool.id_token(aud=None, client_id=CLIENT)))


async def test_tokens_are_refused_where_nobody_issues_them(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    nobody = {"COGNITO_ISSUER": "", "COGNITO_ENDPOINT": "", "LOCAL_ISSUER": "false"}
    door = open_door(small_url, **nobody)

    expect_refusal(await door.post(token=pool.token()))
    assert await door.handle() is None


async def test_a_token_is_verified_once_and_refused_when_it_expires(
    small_door: Door, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = pool.token(exp=int(NOW()) + 60)
    assert (await small_door.post(token=token)).status_code == 200
    pool.published = {}

    assert (await small_door.post(token=token)).status_code == 200
    later = time.time() + 120
    monkeypatch.setattr(time, "time", lambda: later)

    expect_refusal(await small_door.post(token=token))
