"""Where SNS tells of bounces and complaints, for sites that have no Lambda function for it."""

import asyncio
import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.auth.fetching import FetchFailed, fetch
from app.aws.sns import Forged, SnsGate
from app.db import Database
from app.endpoint.requests import RequestRefused, body_of
from app.jobs import bounces
from app.jobs.job import Work
from app.jobs.logs import Log
from app.jobs.running import run

PATH = "mails/events"
# SNS sends 256 KiB at the most.
MAX_BYTES = 300_000
# Whoever names certificates that nobody has seen makes this server ask for them.
ASKED_AT_ONCE = 2
OK = 200

logger = logging.getLogger(__name__)


class MailEventsEndpoint:
    """Runs the job `bounces` for every message of one topic, and confirms its subscription."""

    def __init__(self, db: Database, gate: SnsGate) -> None:
        self.db = db
        self.gate = gate
        self._certificates: dict[str, bytes] = {}
        self._asking = asyncio.Semaphore(ASKED_AT_ONCE)

    def route(self) -> Route:
        return Route(f"/{PATH}", self.respond, methods=["POST"])

    async def respond(self, request: Request) -> Response:
        """204 if the message is done with, 403 if it is not SNS's; what gets 5xx is sent again."""
        try:
            fields = self.gate.read(await _body(request))
            self.gate.prove(fields, await self._certificate(fields))
            if fields["Type"] == "SubscriptionConfirmation":
                await _expect(self.gate.address(fields, "SubscribeURL"))
                return Response(status_code=204)
        except Forged as error:
            logger.warning("A message about mails was refused: %s", error)
            return Response("This is not for us.", 403, media_type="text/plain")
        except FetchFailed as error:
            logger.warning("SNS cannot be asked: %s", error)
            return Response("Try again.", 503, media_type="text/plain")
        return await self._tell(fields)

    async def _tell(self, fields: Mapping[str, str]) -> Response:
        event = {"Records": [{"Sns": {"Message": fields["Message"]}}]}
        try:
            outcome = await run(bounces.JOB, Work(self.db, Log(bounces.JOB.name), event=event))
        except Exception:
            # The log has it already.
            return Response("Try again.", 503, media_type="text/plain")
        # To repeat what cannot be read would not make it readable.
        return Response(status_code=400 if outcome.failed else 204)

    async def _certificate(self, fields: Mapping[str, str]) -> bytes:
        url = self.gate.address(fields, "SigningCertURL")
        found = self._certificates.get(url)
        if found is None:
            if self._asking.locked():
                raise FetchFailed("others are asked for just now")
            async with self._asking:
                found = await _expect(url)
            # There is one at a time; whoever names others cannot fill the memory.
            self._certificates = {url: found}
        return found


async def _expect(url: str) -> bytes:
    """:raises FetchFailed: if the answer is not 200"""
    status, body = await fetch("GET", url)
    if status != OK:
        raise FetchFailed(f"the answer is {status}")
    return body


async def _body(request: Request) -> bytes:
    try:
        return await body_of(request, max_bytes=MAX_BYTES)
    except RequestRefused as refusal:
        raise Forged(str(refusal)) from None
