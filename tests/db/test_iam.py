"""Tokens of AWS as passwords, as botocore makes them, and never without TLS."""

import asyncio
import socket
import threading
from datetime import UTC, datetime
from urllib.parse import parse_qs

import boto3
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.db import Database
from app.db.iam import token

HOST, USER, REGION = "waggle.proxy-abc.eu-west-1.rds.amazonaws.com", "wag gle", "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalr/+EXAMPLEKEY"}


@pytest.mark.parametrize("session", ["", "a/long+session=="])
def test_a_token_is_what_botocore_would_have_made(session: str) -> None:
    client = boto3.client(
        "rds",
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=session or None,
    )
    expected = client.generate_db_auth_token(HOST, 3306, USER)
    [made_at] = parse_qs(expected)["X-Amz-Date"]
    now = datetime.strptime(made_at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    made = token(
        host=HOST,
        port=3306,
        user=USER,
        region=REGION,
        credentials={**CREDENTIALS, "AWS_SESSION_TOKEN": session},
        now=now,
    )

    assert made.partition("/?")[0] == expected.partition("/?")[0] == f"{HOST}:3306"
    assert parse_qs(made.partition("?")[2]) == parse_qs(expected.partition("?")[2])


async def test_a_token_is_not_sent_to_a_server_without_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that offers no encryption hears nothing but a refusal."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_pretend, args=(server, heard), daemon=True)
    thread.start()
    port = server.getsockname()[1]
    url = f"mysql+aiomysql://waggle@127.0.0.1:{port}/waggle"
    db = Database(Settings(database_url=url, database_iam_region=REGION))

    with pytest.raises(DBAPIError, match="offers no encryption"):
        async with db.read() as connection:
            await connection.execute(select(1))

    await db.close()
    server.close()
    # The connection is closed by the loop.
    await asyncio.to_thread(thread.join, 5)
    assert not any(b"X-Amz-Signature" in words for words in heard)


def _pretend(server: socket.socket, heard: list[bytes]) -> None:
    """Greet as a MySQL server that cannot encrypt and wants passwords in the open."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(5)
        # Protocol 10, a version, a thread, 8 bytes, capabilities without CLIENT_SSL (0x0800).
        greeting = b"\x0a8.0.36\0" + b"\1\0\0\0" + b"12345678\0" + b"\xff\xf7" + b"\x2d" + b"\2\0"
        greeting += b"\xff\xff" + b"\x15" + b"\0" * 10 + b"123456789012\0"
        greeting += b"mysql_clear_password\0"
        connection.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
        while True:
            try:
                words = connection.recv(65536)
            except OSError:
                return
            if not words:
                return
            heard.append(words)
