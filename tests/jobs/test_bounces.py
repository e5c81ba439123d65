"""SES: mails sent through it, and what it tells of them by its notifications."""

import io
import json
import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from app.db import Database
from app.domain import suppressing
from app.domain.suppressing import MailStopReason
from app.jobs import JOBS
from app.jobs.job import Outcome, Work
from app.jobs.logs import LOGGER, JsonFormatter, Log
from app.jobs.running import run
from tests.conftest import Api, settings_for
from tests.letterbox import add_mail, make_site, rows
from tests.meadow import add_user

REGION = "eu-west-1"


class Aws:
    """Clients of an emulator's SES, SNS and SQS."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.ses = self._client("ses")
        self.sns = self._client("sns")
        self.sqs = self._client("sqs")

    def _client(self, name: Any) -> Any:
        return boto3.client(name, region_name=REGION, endpoint_url=self.endpoint)

    def close(self) -> None:
        for client in (self.ses, self.sns, self.sqs):
            client.close()

    def queue_of_bounces(self, domain: str) -> str:
        """A queue that gets what SES tells of a domain's mails."""
        name = domain.replace(".", "-")
        topic = self.sns.create_topic(Name=name)["TopicArn"]
        queue = str(self.sqs.create_queue(QueueName=name)["QueueUrl"])
        names = ["QueueArn"]
        arn = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
        for kind in ("Bounce", "Complaint"):
            self.ses.set_identity_notification_topic(
                Identity=domain, NotificationType=kind, SnsTopic=topic
            )
        return queue

    def event(self, queue: str) -> dict[str, Any]:
        """What is in a queue, as Lambda would get it."""
        found = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        return {"Records": [{"body": mended(message["Body"])} for message in found["Messages"]]}


def mended(body: str) -> str:
    """What the emulator says as SES would: with its kind, and the message as a text."""
    envelope = json.loads(body)
    message = envelope["Message"]
    message["notificationType"] = "Bounce" if "bounce" in message else "Complaint"
    return json.dumps(envelope | {"Message": json.dumps(message)})


@pytest.fixture
def aws(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    aws = Aws(s3_endpoint)
    yield aws
    aws.close()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What jobs log, as Lambda would keep it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonFormatter())
    monkeypatch.setattr(LOGGER, "handlers", [handler])
    level = LOGGER.level
    LOGGER.setLevel(logging.INFO)
    yield text
    LOGGER.setLevel(level)


async def send(url: str, mail_url: str) -> Outcome:
    db = Database(settings_for(url, MAIL_URL=mail_url, MAILS_PER_SECOND="1000"))
    job = JOBS["outbox"]
    try:
        return await run(job, Work(db, Log(job.name)))
    finally:
        await db.close()


async def tell(db: Database, event: object) -> Outcome:
    assert isinstance(event, dict)
    return await run(JOBS["bounces"], Work(db, Log("bounces"), event=event))


async def stopped(db: Database, *addresses: str) -> dict[str, MailStopReason]:
    async with db.read() as connection:
        found = await suppressing.found(connection, addresses=addresses)
    return {address: suppression.reason for address, suppression in found.items()}


async def test_ses_sends_and_what_bounces_gets_no_more_mail(
    site_url: str, db: Database, aws: Aws, log: io.StringIO
) -> None:
    # The emulator outlives the test.
    domain = f"{secrets.token_hex(4)}.example"
    await make_site(db, from_email=f"no-reply@{domain}")
    mail_url = f"ses://{REGION}?endpoint={aws.endpoint}"
    await add_mail(db, "bee@b.example")
    refused = await send(site_url, mail_url)
    # The emulator, too, sends only for those who have proved their domain.
    assert refused.counts["sent"] == 0
    assert domain in (await rows(db))["bee@b.example"].error

    aws.ses.verify_domain_identity(Domain=domain)
    queue = aws.queue_of_bounces(domain)
    async with db.begin() as connection:
        member = await add_user(connection, email="Recipient1@example.com")
    for recipient in ("bounce@simulator.amazonses.com", "success@simulator.amazonses.com"):
        await add_mail(db, recipient)
    sent = await send(site_url, mail_url)
    told = await tell(db, aws.event(queue))

    assert sent == Outcome({"sent": 2})
    found = await rows(db)
    assert len(found["success@simulator.amazonses.com"].message_id or "") > 40
    # The emulator tells of these, whatever it was sent; the second one is still being tried.
    assert told == Outcome({"bounce": 1, "complaint": 0})
    addresses = ["recipient1@example.com", "recipient2@example.com"]
    assert await stopped(db, *addresses) == {"recipient1@example.com": MailStopReason.BOUNCE}
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    [line] = [line for line in lines if line["message"] == "mail is off"]
    assert (line["job"], line["reason"], line["users"]) == ("bounces", "bounce", [member])
    assert "example.com" not in log.getvalue()

    await add_mail(db, "recipient1@EXAMPLE.com")
    assert (await send(site_url, mail_url)).counts == {"sent": 0, "skipped": 1}


def bounce(address: str, **changes: object) -> dict[str, Any]:
    recipient = {"emailAddress": address, "diagnosticCode": "550 No such bee"}
    details = {"bounceType": "Permanent", "bouncedRecipients": [recipient], **changes}
    return {"notificationType": "Bounce", "bounce": details}


def complaint(address: str, kind: str | None) -> dict[str, Any]:
    details = {"complainedRecipients": [{"emailAddress": address}], "complaintFeedbackType": kind}
    return {"eventType": "Complaint", "complaint": details}


async def test_only_what_is_for_good_switches_mail_off(db: Database) -> None:
    events = [
        bounce("Gone@b.example"),
        bounce("full@b.example", bounceType="Transient"),
        bounce("odd@b.example", bounceType="Undetermined"),
        complaint("angry@b.example", "abuse"),
        complaint("Bee <angry2@b.example>", None),
        complaint("pleased@b.example", "not-spam"),
        # It was called spam after it had come back.
        complaint("gone@b.example", "abuse"),
        bounce("angry@b.example"),
        {"notificationType": "Delivery", "delivery": {}},
    ]
    records = [{"Sns": {"Message": json.dumps(event)}} for event in events[:-1]]
    records.append({"Sns": {"Message": json.dumps(events[-1])}})

    assert await tell(db, {"Records": records}) == Outcome({"bounce": 2, "complaint": 3})
    # It may be told twice.
    await tell(db, {"Records": records})

    names = ("gone", "full", "odd", "angry", "angry2", "pleased")
    assert await stopped(db, *(f"{name}@b.example" for name in names)) == {
        "gone@b.example": MailStopReason.COMPLAINT,
        "angry@b.example": MailStopReason.COMPLAINT,
        "angry2@b.example": MailStopReason.COMPLAINT,
    }


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": [{}]},
        {"Records": [{"Sns": {"Message": "not JSON"}}]},
        {"Records": [{"Sns": {"Message": "[]"}}]},
        {"Records": [{"body": '{"Message": "{}"}'}]},
        {"notificationType": "Bounce", "bounce": "all"},
        {
            "notificationType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": 1}]},
        },
    ],
)
async def test_what_is_no_notification_fails_so_that_somebody_looks_at_it(
    empty_file: Any, event: dict[str, Any]
) -> None:
    db = Database(settings_for(f"sqlite+aiosqlite:///{empty_file}"))
    outcome = await tell(db, event)
    await db.close()
    assert outcome.failed


async def test_people_are_told_that_mail_to_them_is_off(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        member = await add_user(connection, email="Bee@b.example")
        other = await add_user(connection)
    await tell(db, bounce("bee@b.example"))
    query = "{ viewer { mailStop { reason since } } }"

    [stop] = (await api.ask(query, viewer=member))["viewer"].values()
    assert stop["reason"] == "BOUNCE"
    since = datetime.fromisoformat(stop["since"])
    assert abs(datetime.now(UTC) - since) < timedelta(minutes=5)
    assert (await api.ask(query, viewer=other))["viewer"] == {"mailStop": None}
