"""The client's address, which only known proxies may name."""

import asyncio
import socket
import sys
import tracemalloc
from asyncio.subprocess import Process
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.auth.proxies import client_address
from app.domain.addresses import packed
from app.models import User
from tests.auth.conftest import OpenDoor, rows
from tests.auth.pool import Pool
from tests.auth.test_accounts import prepare

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("127.0.0.1"), ip_network("2001:db8:1::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        # Strangers say what they like.
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["203.0.113.1"], "192.0.2.7"),
        ("192.0.2.7", ["10.0.0.1"], "192.0.2.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        # What stands left of a stranger is the stranger's invention.
        ("10.0.0.1", ["198.51.100.9, 203.0.113.1"], "203.0.113.1"),
        ("10.0.0.1", ["198.51.100.9, 203.0.113.1, 10.2.3.4"], "203.0.113.1"),
        ("10.0.0.1", ["198.51.100.9", "203.0.113.1", "10.2.3.4"], "203.0.113.1"),
        ("10.0.0.1", ["127.0.0.1, 10.2.3.4"], "127.0.0.1"),
        ("10.0.0.1", ["198.51.100.9, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.9, , 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.1:4711"], "203.0.113.1"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.1", ["::ffff:203.0.113.1"], "203.0.113.1"),
        ("::ffff:10.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        ("2001:db8:1::5", ["203.0.113.1"], "203.0.113.1"),
        ("2001:db8:2::5", ["203.0.113.1"], "2001:db8:2::5"),
        ("fe80::1%eth0", [], "fe80::1"),
        # A socket of the file system.
        ("", ["203.0.113.1"], "203.0.113.1"),
        ("", [], "127.0.0.1"),
    ],
)
def test_the_address_is_that_of_the_last_hop_that_is_not_trusted(
    peer: str, forwarded: list[str], expected: str
) -> None:
    found = client_address(peer, forwarded_for=forwarded, trusted=TRUSTED)
    assert found == packed(expected)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "10.0.0.1"),
        ({"TRUSTED_PROXIES": "192.168.0.0/16"}, "10.0.0.1"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8"}, "203.0.113.1"),
    ],
)
async def test_the_endpoint_believes_the_proxies_of_the_settings(
    open_door: OpenDoor, small_url: str, pool: Pool, settings: dict[str, str], expected: str
) -> None:
    door = open_door(small_url, **settings)
    headers = {
        "authorization": f"Bearer {pool.token()}",
        "x-forwarded-for": "198.51.100.9, 203.0.113.1",
    }

    async with door.client("10.0.0.1") as http:
        await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    [row] = await rows(door.db, select(User.created_from))
    assert row[0] == packed(expected)


async def test_the_server_believes_no_other_proxies(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url)
    await prepare(door.db, db_version=67)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    server = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "waggle",
        *("serve", "--port", port),
        env={"DATABASE_URL": small_url, **pool.settings},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    headers = {"authorization": f"Bearer {pool.token()}", "x-forwarded-for": "203.0.113.1"}
    try:
        response = await answer_of(server, f"http://127.0.0.1:{port}/graphql", headers)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()

    assert response.json() == {"data": {"__typename": "Query"}}
    [row] = await rows(door.db, select(User.created_from))
    assert row[0] == packed("127.0.0.1")


async def answer_of(server: Process, url: str, headers: dict[str, str]) -> httpx.Response:
    """The answer of a server that may not have started yet."""
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while server.returncode is None:
            try:
                return await client.post(url, json={"query": "{ __typename }"}, headers=headers)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
    pytest.fail("The server has ended.")


def test_what_strangers_invent_for_an_address_is_not_kept() -> None:
    tracemalloc.start()
    for number in range(1100):
        invented = [f"{number}{'x' * 10_000}"]
        client_address("127.0.0.1", forwarded_for=invented, trusted=TRUSTED)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 1_000_000
