"""What SNS posts about mails: believed only if SNS has signed it, for the site's own topic."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette

from app.aws.sns import SnsGate
from app.db import Database
from app.domain import suppressing
from app.endpoint.mail_events import MailEventsEndpoint
from app.main import create_app
from tests.conftest import settings_for

TOPIC = "arn:aws:sns:eu-west-1:123456789012:waggle-mail"
BOUNCE = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "gone@b.example"}],
    },
}


class Sns:
    """A service that signs messages, shows its certificate, and notes what is opened."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.opened: list[str] = []
        self.may_answer = Event()
        self.may_answer.set()
        certificate = make_certificate(self.key)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.opened.append(self.path)
                outer.may_answer.wait(10)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(certificate)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def message(self, text: str = json.dumps(BOUNCE), **changes: str) -> dict[str, str]:
        """A message as SNS posts it, signed after the changes."""
        fields = {
            "Type": "Notification",
            "MessageId": "1",
            "TopicArn": TOPIC,
            "Message": text,
            "Timestamp": "2026-11-23T09:00:00.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": f"{self.address}/SimpleNotificationService-1a2b.pem",
            "UnsubscribeURL": f"{self.address}/?Action=Unsubscribe",
            **changes,
        }
        names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token"]
        text = "".join(
            f"{name}\n{fields[name]}\n" for name in [*names, "TopicArn", "Type"] if name in fields
        )
        algorithm = hashes.SHA1() if fields["SignatureVersion"] == "1" else hashes.SHA256()
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), algorithm)
        return fields | {"Signature": base64.b64encode(signature).decode()}


def make_certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    return certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def sns() -> Iterator[Sns]:
    sns = Sns()
    yield sns
    sns.close()


def client_of(db: Database, sns: Sns) -> httpx.AsyncClient:
    gate = SnsGate(TOPIC, authority=sns.address)
    app = Starlette(routes=[MailEventsEndpoint(db, gate).route()])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def post(db: Database, sns: Sns, body: object) -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client_of(db, sns) as client:
        return (await client.post("/mails/events", content=content)).status_code


async def is_off(db: Database) -> bool:
    async with db.read() as connection:
        return bool(await suppressing.found(connection, addresses=["gone@b.example"]))


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_signed_message_switches_mail_off(db: Database, sns: Sns, version: str) -> None:
    message = sns.message(SignatureVersion=version, Subject="Amazon SES")

    assert await post(db, sns, message) == 204

    assert await is_off(db)


async def test_a_subscription_is_confirmed(db: Database, sns: Sns) -> None:
    url = f"{sns.address}/?Action=ConfirmSubscription&Token=abc"
    message = sns.message(Type="SubscriptionConfirmation", Token="abc", SubscribeURL=url)

    assert await post(db, sns, message) == 204

    assert sns.opened[-1] == "/?Action=ConfirmSubscription&Token=abc"


async def test_what_sns_has_not_signed_for_this_topic_changes_nothing(
    db: Database, sns: Sns
) -> None:
    signed = sns.message()
    elsewhere = "http://127.0.0.1:1/SimpleNotificationService-1a2b.pem"
    other_key = Sns()
    forged = [
        signed | {"Message": signed["Message"].replace("gone", "else")},
        signed | {"Signature": "AAAA"},
        signed | {"Signature": "not base64!"},
        signed | {"SignatureVersion": "3"},
        {name: value for name, value in signed.items() if name != "Signature"},
        sns.message(TopicArn=TOPIC + "2"),
        sns.message(SigningCertURL=elsewhere),
        sns.message(SigningCertURL=f"{sns.address}/else.pem"),
        sns.message(SigningCertURL="https://["),
        sns.message(SigningCertURL=signed["SigningCertURL"] + "?Action=Publish"),
        sns.message(SigningCertURL=f"{sns.address}@127.0.0.1:1/SimpleNotificationService-1.pem"),
        other_key.message(SigningCertURL=signed["SigningCertURL"]),
        sns.message(Type="UnsubscribeConfirmation"),
        signed | {"Type": ["Notification"]},
        signed | {"Message": {}},
        [],
        b"not JSON",
        b"[" * 400_000,
        b"[" * 200_000,
    ]
    other_key.close()
    confirmations = len([path for path in sns.opened if "Action" in path])
    stolen = sns.message(Type="SubscriptionConfirmation", Token="a", SubscribeURL=elsewhere)
    forged.append(stolen)

    assert [await post(db, sns, body) for body in forged] == [403] * len(forged)

    assert not await is_off(db)
    assert len([path for path in sns.opened if "Action" in path]) == confirmations


async def test_strangers_cannot_make_it_ask_for_many_certificates_at_once(
    db: Database, sns: Sns
) -> None:
    urls = [f"{sns.address}/SimpleNotificationService-9{n}.pem" for n in range(10)]
    messages = [sns.message(SigningCertURL=url) for url in urls]
    asked = len(sns.opened)
    sns.may_answer.clear()

    async with client_of(db, sns) as client:
        posts = [
            asyncio.create_task(client.post("/mails/events", json=message)) for message in messages
        ]
        refused = [await answer for answer in asyncio.as_completed(posts[2:])]
        sns.may_answer.set()
        taken = await asyncio.gather(*posts[:2])

    assert [answer.status_code for answer in refused] == [503] * 8
    assert [answer.status_code for answer in taken] == [204, 204]
    assert len(sns.opened) == asked + 2


async def test_what_is_signed_and_cannot_be_read_is_not_asked_for_again(
    db: Database, sns: Sns
) -> None:
    assert await post(db, sns, sns.message("not JSON")) == 400


async def test_the_address_is_there_only_if_a_topic_is_named(empty_file: Path) -> None:
    url = f"sqlite+aiosqlite:///{empty_file}"
    answers = []
    for chosen in ({}, {"MAIL_EVENTS_TOPIC": TOPIC}):
        app = create_app(settings_for(url, **chosen))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answers.append((await client.post("/mails/events", content=b"{}")).status_code)
        await app.state.db.close()
    assert answers[1] == 403
    assert answers[0] in (404, 405)
