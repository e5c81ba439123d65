"""Sending mail: the job `outbox`, as its owner runs it, against mail servers on real sockets."""

import io
import ipaddress
import logging
import re
import shutil
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import update

from app.db import Database
from app.domain import suppressing, unsubscribing
from app.domain.suppressing import MailStopReason
from app.domain.unsubscribing import MailTopic
from app.jobs import JOBS
from app.jobs.job import Outcome, Work
from app.jobs.logs import LOGGER, Log, TextFormatter
from app.jobs.running import run
from app.models.waggle import Mail
from tests.conftest import settings_for
from tests.letterbox import add_mail, make_site, rows
from tests.meadow import add_user
from tests.smtp import HANG_UP, MailServer, Taken, mail_server

ELSEWHERE = "127.0.0.2"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


class Sending:
    """Runs of the job on one site."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def __call__(self, mail_url: str, *, settings: dict[str, str] | None = None) -> Outcome:
        return await self.run(mail_url, settings=settings)

    async def run(
        self, mail_url: str, *, settings: dict[str, str] | None = None, **options: Any
    ) -> Outcome:
        chosen = {"MAIL_URL": mail_url, "MAILS_PER_SECOND": "1000", **(settings or {})}
        db = Database(settings_for(self.url, **chosen))
        try:
            job = JOBS["outbox"]
            return await run(job, Work(db, Log("outbox"), options=options))
        finally:
            await db.close()


@pytest.fixture
def send(site_url: str) -> Sending:
    return Sending(site_url)


async def test_mails_arrive_once_whole_and_readable(
    db: Database, send: Sending, server: MailServer
) -> None:
    await make_site(db)
    async with db.begin() as connection:
        member = await add_user(connection, handle='蜂, "Bee"', email="abc.@phone.example")
    title = "新しい回答: どのようにして蜂は飛ぶのですか"
    text = "こんにちは。\n" + "w" * 1200 + "\n"
    dots = ".\n..\n\nFrom here on.\n"
    first = await add_mail(
        db,
        "abc.@phone.example",
        kind="answered",
        user_id=member,
        recipient_name='蜂, "Bee"',
        subject=title,
        body=text,
    )
    await add_mail(db, "plain@bücher.example", recipient_name="", body=dots, kind="confirm")
    await add_mail(db, "later@bees.example", not_before=datetime(2999, 1, 1))  # noqa: DTZ001

    outcome = await send(f"smtp://{server.address}")
    again = await send(f"smtp://{server.address}")

    assert (outcome, again) == (Outcome({"sent": 2}), Outcome({"sent": 0}))
    member_mail, plain_mail = server.taken
    assert server.connections == 1
    assert member_mail.sender == "no-reply@bees.example"
    assert member_mail.recipient == '"abc."@phone.example'
    message = member_mail.message
    assert message["Subject"] == title
    assert text_of(member_mail) == text.rstrip() + footer(message)
    [sender], [to] = message["From"].addresses, message["To"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Meadow, 蜂の", "no-reply@bees.example")
    assert (to.display_name, to.domain) == ('蜂, "Bee"', "phone.example")
    assert re.fullmatch(rf"<qa_{first}\.\d{{14}}@bees\.example>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    # Mail programs look for this line as it stands.
    assert re.search(rb"^List-Unsubscribe: <https://\S+>\r$", member_mail.content, re.MULTILINE)
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in member_mail.content
    assert max(map(len, member_mail.content.split(b"\r\n"))) < 200
    assert plain_mail.recipient == "plain@xn--bcher-kva.example"
    assert plain_mail.message["To"] == "plain@xn--bcher-kva.example"
    assert text_of(plain_mail) == dots
    assert plain_mail.message["List-Unsubscribe"] is None
    found = await rows(db)
    assert {row.status for row in found.values()} == {"sent", "waiting"}
    assert found["abc.@phone.example"].message_id == "Taken as 1"
    assert found["later@bees.example"].status == "waiting"


def text_of(taken: Taken) -> str:
    return str(taken.message.get_content()).replace("\r\n", "\n")


def footer(message: EmailMessage) -> str:
    url = str(message["List-Unsubscribe"]).strip("<>")
    return f"\n\nNo more mails of this kind: {url}\n"


async def test_nothing_in_a_row_becomes_a_header_or_another_recipient(
    db: Database, send: Sending, server: MailServer
) -> None:
    await make_site(db, site_title="Meadow\r\nBcc: all@bees.example")
    attack = "x\r\nBcc: all@bees.example\r\n\r\nBuy"
    await add_mail(db, "bee@bees.example", recipient_name=attack[:80], subject=attack, body=attack)
    for recipient in (
        "a@b.example\r\nRCPT TO:<all@bees.example>",
        "a@b.example, all@bees.example",
        "<all@bees.example>",
        "蜂@bees.example",
        "nobody",
        "@bees.example",
        "",
    ):
        await add_mail(db, recipient)

    outcome = await send(f"smtp://{server.address}")

    assert outcome == Outcome({"sent": 1, "failed": 7}, failed=True)
    [taken] = server.taken
    headers = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
    body_headers = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    assert taken.message.keys() == headers + body_headers
    assert taken.message["Subject"] == "x Bcc: all@bees.example Buy"


async def test_what_a_server_answers_decides_what_becomes_of_a_mail(
    db: Database, send: Sending, server: MailServer
) -> None:
    await make_site(db)
    server.answers = {
        ("RCPT", "full@b.example"): "452 Full",
        ("RCPT", "none@b.example"): "550 No such bee",
        ("DATA", "later@b.example"): "451 Later",
        ("TEXT", "spam@b.example"): "554 Spam",
        ("TEXT", "greylisted@b.example"): "450 Not yet",
        ("TEXT", "lost@b.example"): HANG_UP,
    }
    for _, recipient in server.answers:
        await add_mail(db, recipient)
    long_ago = datetime(2026, 1, 1)  # noqa: DTZ001
    await add_mail(db, "old@b.example", created_at=long_ago)
    server.answers["RCPT", "old@b.example"] = "452 Full"
    await add_mail(db, "well@b.example")

    outcome = await send(f"smtp://{server.address}")

    assert outcome.counts == {"sent": 1, "postponed": 3, "failed": 3, "unknown": 1}
    assert outcome.failed
    found = await rows(db)
    assert {recipient: row.status for recipient, row in found.items()} == {
        "full@b.example": "waiting",
        "none@b.example": "failed",
        "later@b.example": "waiting",
        "spam@b.example": "failed",
        "greylisted@b.example": "waiting",
        "lost@b.example": "unknown",
        "old@b.example": "failed",
        "well@b.example": "sent",
    }
    assert found["none@b.example"].error == "550 No such bee"
    assert 40 < found["full@b.example"].waits <= 61

    # The pauses become longer; what was given up and what is unknown is left alone.
    async with db.begin() as connection:
        due = {Mail.not_before: long_ago}
        await connection.execute(update(Mail).values(due))
    assert (await send(f"smtp://{server.address}")).counts == {"sent": 0, "postponed": 3}
    assert 100 < (await rows(db))["full@b.example"].waits <= 121

    server.answers = {}
    retried = await send.run(f"smtp://{server.address}", resend_failed=True, resend_unknown=True)
    assert retried.counts == {"given another chance": 4, "sent": 4}
    assert [taken.recipient for taken in server.taken].count("lost@b.example") == 2


async def test_no_address_is_in_the_log_though_servers_repeat_it(
    db: Database, send: Sending, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(TextFormatter())
    monkeypatch.setattr(LOGGER, "handlers", [handler])
    await make_site(db)
    server.answers = {("RCPT", "none@b.example"): "550 <None@B.example>: No such bee"}
    await add_mail(db, "none@b.example")

    await send(f"smtp://{server.address}")

    assert "550 <ADDRESS>: No such bee" in log.getvalue()
    assert "b.example" not in log.getvalue().lower()
    assert (await rows(db))["none@b.example"].error == "550 <None@B.example>: No such bee"


@pytest.mark.parametrize("step", ["connect", "RCPT", "busy", "sender"])
async def test_no_mail_is_touched_while_none_can_be_sent(
    db: Database, send: Sending, server: MailServer, step: str
) -> None:
    await make_site(db, from_email="bees" if step == "sender" else "no-reply@bees.example")
    for number in range(3):
        await add_mail(db, f"bee{number}@b.example")
    address = server.address
    if step == "connect":
        server.close()
    elif step != "sender":
        answer = HANG_UP if step == "RCPT" else "421 Too many mails"
        server.answers["RCPT", "bee0@b.example"] = answer

    outcome = await send(f"smtp://{address}")

    assert outcome.failed
    assert outcome.counts["unavailable"] == 1
    found = await rows(db)
    assert {(row.status, row.attempts) for row in found.values()} == {("waiting", 0)}
    assert [found[f"bee{number}@b.example"].waits < 0 for number in (1, 2)] == [True, True]
    assert server.taken == []


async def test_no_mail_goes_where_it_came_back_from_or_is_not_wanted_any_more(
    db: Database, send: Sending, server: MailServer
) -> None:
    await make_site(db)
    async with db.begin() as connection:
        member = await add_user(connection)
        for address in ("Gone@b.example", "angry@b.example"):
            await suppressing.suppress(
                connection, address=address, reason=MailStopReason.BOUNCE, detail="550"
            )
        now = datetime.now(UTC)
        await unsubscribing.end(connection, user_id=member, topic=MailTopic.POSTS, now=now)
    await add_mail(db, "gone@B.example")
    await add_mail(db, "bee@b.example", kind="answered", user_id=member)
    await add_mail(db, "bee2@b.example", kind="confirm", user_id=member)

    outcome = await send(f"smtp://{server.address}")

    assert outcome == Outcome({"sent": 1, "skipped": 2})
    assert [taken.recipient for taken in server.taken] == ["bee2@b.example"]
    found = await rows(db)
    assert found["gone@B.example"].error == "no mail goes there: bounce"
    assert found["bee@b.example"].error == "unsubscribed meanwhile"


async def test_a_limit_and_the_order_of_waiting_are_kept(
    db: Database, send: Sending, server: MailServer
) -> None:
    await make_site(db)
    for number in range(4):
        due = datetime(2026, 1, 9 - number)  # noqa: DTZ001
        await add_mail(db, f"bee{number}@b.example", not_before=due)

    await send.run(f"smtp://{server.address}", limit=3)

    recipients = [taken.recipient for taken in server.taken]
    assert recipients == ["bee3@b.example", "bee2@b.example", "bee1@b.example"]


async def test_in_development_mails_are_files_and_in_production_nothing_pretends_to_send(
    db: Database, send: Sending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await make_site(db)
    await add_mail(db, "bee@b.example")

    refused = await send("", settings={"ENVIRONMENT": "production"})
    assert refused.failed
    assert (await rows(db))["bee@b.example"].status == "waiting"

    assert (await send("")).counts == {"sent": 1}
    [file] = (tmp_path / "var" / "mail").iterdir()
    assert file.suffix == ".eml"
    assert b'To: "bee" <bee@b.example>' in file.read_bytes()


async def test_q2as_own_options_are_used_where_no_setting_says_otherwise(
    db: Database, send: Sending, server: MailServer
) -> None:
    host, _, port = server.address.partition(":")
    await make_site(
        db,
        smtp_active=1,
        smtp_address=host,
        smtp_port=port,
        smtp_authenticate=1,
        smtp_username="bee",
        smtp_password="sting",
    )
    await add_mail(db, "bee@b.example")

    assert (await send("")).counts == {"sent": 1}
    assert len(server.signed_in) == 1
    assert len(server.taken) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_password_is_sent_over_a_connection_that_is_proved_and_encrypted(
    empty_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(empty_file, tmp_path / 'site.sqlite')}"
    db, send = Database(settings_for(url)), Sending(url)
    await make_site(db)
    await add_mail(db, "bee@b.example")
    certificate = make_certificate(tmp_path)

    # Nobody vouches for the certificate yet.
    with mail_server(ELSEWHERE, certificate=certificate, tls=scheme == "smtps") as server:
        refused = await send(f"{scheme}://bee:sting@{server.address}")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        sent = await send(f"{scheme}://bee:sting@{server.address}")
    # Nor is it sent to a server that encrypts nothing, unless that is wanted.
    await add_mail(db, "bee2@b.example")
    with mail_server(ELSEWHERE) as plain:
        unencrypted = await send(f"smtp://bee:sting@{plain.address}")
        assert plain.signed_in == []
        switched_off = await send(f"smtp://bee:sting@{plain.address}?tls=off")
    await db.close()

    assert refused.counts == {"sent": 0, "unavailable": 1}
    assert sent.counts == {"sent": 1}
    assert server.encrypted == [True]
    assert len(server.signed_in) == 1
    assert unencrypted.counts == {"sent": 0, "unavailable": 1}
    assert switched_off.counts == {"sent": 1}


def make_certificate(folder: Path) -> ssl.SSLContext:
    """A server's certificate for `ELSEWHERE`, signed by itself, in `certificate.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "meadow")])
    now = datetime.now(UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ELSEWHERE))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
