"""The keys of a user pool: rotated, unknown, out of reach, and of every quality."""

import asyncio
import json
import socket
import time
from typing import Any

import pytest

from app.auth import fetching
from app.auth.claims import Unauthenticated
from app.auth.jwks import RemoteKeys, keys_in
from tests.auth.conftest import Door, OpenDoor
from tests.auth.pool import Pool, encoded, jwk, private_key, signed
from tests.auth.test_tokens import expect_refusal


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the clock that fetches are timed by go forward."""
    monotonic, passed = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + passed[0])

    def pass_(seconds: float) -> None:
        passed[0] += seconds

    return pass_


def keys_of(pool: Pool) -> RemoteKeys:
    return RemoteKeys(f"{pool.issuer}/.well-known/jwks.json")


async def test_a_new_key_is_fetched_when_a_token_names_it(
    small_door: Door, pool: Pool, pass_time: Any
) -> None:
    assert (await small_door.post(token=pool.token("a"))).status_code == 200
    pool.published = {"two": private_key("two")}
    pass_time(61)

    assert (await small_door.post(token=pool.token("b", kid="two"))).status_code == 200
    # The old one was withdrawn.
    expect_refusal(await small_door.post(token=pool.token("c")))
    assert pool.fetches == 2


async def test_two_keys_at_once_are_told_apart(small_door: Door, pool: Pool) -> None:
    pool.published["two"] = private_key("two")

    answers = [await small_door.post(token=pool.token(kid=kid)) for kid in ("one", "two", "one")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert pool.fetches == 1


async def test_a_storm_of_unknown_keys_causes_one_fetch(
    small_door: Door, pool: Pool, pass_time: Any
) -> None:
    assert (await small_door.post(token=pool.token())).status_code == 200
    pass_time(61)
    headers = [{"alg": "RS256", "kid": f"unknown-{number}"} for number in range(50)]
    tokens = [signed(header, pool.claims(), "one") for header in headers]

    answers = await asyncio.gather(*(small_door.post(token=token) for token in tokens))

    for answer in answers:
        expect_refusal(answer)
    assert pool.fetches == 2


async def test_the_first_requests_of_a_process_share_one_fetch(pool: Pool) -> None:
    pool.seconds = 0.05
    keys = keys_of(pool)

    found = await asyncio.gather(*(keys.key("one") for _ in range(20)))

    assert len({id(key) for key in found}) == 1
    assert pool.fetches == 1


async def test_a_request_that_is_given_up_does_not_keep_the_others_from_the_keys(
    pool: Pool,
) -> None:
    pool.seconds = 0.05
    keys = keys_of(pool)
    first = asyncio.create_task(keys.key("one"))
    second = asyncio.create_task(keys.key("one"))
    await asyncio.sleep(0.01)

    first.cancel()

    assert await second


async def test_known_keys_are_kept_while_the_pool_is_down(pool: Pool, pass_time: Any) -> None:
    keys = keys_of(pool)
    key = await keys.key("one")
    pool.status = 503
    # Old enough to be fetched anew.
    pass_time(7200)

    assert await keys.key("one") is key
    assert await keys.key("one") is key
    assert pool.fetches == 2
    with pytest.raises(Unauthenticated):
        await keys.key("two")


async def test_no_token_is_accepted_while_no_key_can_be_had(
    open_door: OpenDoor, small_url: str, pool: Pool, pass_time: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    door = open_door(small_url, COGNITO_JWKS_URL=f"{closed}/jwks.json")

    expect_refusal(await door.post(token=pool.token()))
    assert await door.handle() is None


async def test_the_first_key_is_asked_for_again_soon(pool: Pool, pass_time: Any) -> None:
    keys = keys_of(pool)
    pool.status = 500
    with pytest.raises(Unauthenticated):
        await keys.key("one")
    with pytest.raises(Unauthenticated):
        await keys.key("one")
    assert pool.fetches == 1
    pool.status = 200
    pass_time(6)

    assert await keys.key("one")


async def test_a_slow_pool_is_not_waited_for_long(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.05)
    pool.seconds = 2
    started = time.perf_counter()

    with pytest.raises(Unauthenticated):
        await keys_of(pool).key("one")

    assert time.perf_counter() - started < 1.5


async def test_an_old_document_is_renewed_so_that_withdrawn_keys_go(
    pool: Pool, pass_time: Any
) -> None:
    keys = keys_of(pool)
    await keys.key("one")
    pool.published = {"two": private_key("two")}
    pass_time(3601)

    with pytest.raises(Unauthenticated):
        await keys.key("one")
    assert await keys.key("two")
    assert pool.fetches == 2


ONE = jwk("one", private_key("one"))
BODIES = {
    "no JSON": b"bees",
    "no object": b"[]",
    "no keys": b"{}",
    "keys no list": b'{"keys": {"one": 1}}',
    "an empty list": b'{"keys": []}',
    "a member twice": b'{"keys": [], "keys": [' + json.dumps(ONE).encode() + b"]}",
    "too many bytes": json.dumps({"keys": [ONE], "padding": "x" * 200_000}).encode(),
    "too deep": b"[" * 50_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
async def test_a_document_that_is_none_is_not_used(pool: Pool, body: bytes) -> None:
    pool.body = body
    with pytest.raises(Unauthenticated):
        await keys_of(pool).key("one")


UNUSABLE: dict[str, Any] = {
    "of 1024 bits": jwk("weak", private_key("weak", 1024)),
    "for encryption": ONE | {"use": "enc"},
    "for another algorithm": ONE | {"alg": "RS512"},
    "of another kind": ONE | {"kty": "oct", "k": "c2VjcmV0"},
    "without an id": {name: value for name, value in ONE.items() if name != "kid"},
    "with a number for an id": ONE | {"kid": 1},
    "without a modulus": ONE | {"n": None},
    "with an even exponent": ONE | {"e": encoded(b"\x02")},
    "with the exponent 1": ONE | {"e": encoded(b"\x01")},
    "no object": "key",
}


@pytest.mark.parametrize("entry", UNUSABLE.values(), ids=list(UNUSABLE))
def test_a_key_is_not_used(entry: Any) -> None:
    document = json.dumps({"keys": [entry, jwk("good", private_key("two"))]})
    assert list(keys_in(document.encode())) == ["good"]


def test_a_key_without_use_and_algorithm_will_do() -> None:
    entry = {name: value for name, value in ONE.items() if name not in ("use", "alg")}
    assert list(keys_in(json.dumps({"keys": [entry]}).encode())) == ["one"]
