"""Watching requests: gives each an id, and tells whoever watches when it comes and how it ended."""

import asyncio
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.monitoring import is_frozen_between_requests
from app.monitoring.monitoring import Monitoring
from app.monitoring.records import CURRENT, Record

REQUEST_ID = "x-request-id"
# Where the scope of a request has its record, if there is one.
RECORD = "waggle.record"
# Load balancers ask for these every few seconds.
SILENT = frozenset({"/healthz", "/readyz"})
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Watching:
    """Middleware around all of the application but for the addresses of health."""

    def __init__(self, app: ASGIApp, *, monitoring: Monitoring) -> None:
        self.app = app
        self.monitoring = monitoring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in SILENT:
            await self.app(scope, receive, send)
            return
        record = scope[RECORD] = self.monitoring.begin(_id_of(scope), scope["method"])
        token = CURRENT.set(record)
        try:
            await self.app(scope, receive, _noting(record, send))
        finally:
            CURRENT.reset(token)
            # Without a status, it is Starlette that answers an exception after this.
            record.status = record.status or 500
            record.route = getattr(scope.get("route"), "path", "none")
            self.monitoring.end(record)
        if is_frozen_between_requests():
            await asyncio.to_thread(self.monitoring.flush)


def record_of(scope: Scope) -> Record | None:
    """What is noted of a request; None if nobody watches."""
    record: Record | None = scope.get(RECORD)
    return record


def _noting(record: Record, send: Send) -> Send:
    async def send_noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            record.status = message["status"]
            MutableHeaders(raw=message["headers"])[REQUEST_ID] = record.id
        await send(message)

    return send_noted


def _id_of(scope: Scope) -> str:
    """Lambda's id of the invocation, or else the one that a proxy gave, or else a new one."""
    invocation = getattr(scope.get("aws.context"), "aws_request_id", "")
    given = invocation or Headers(scope=scope).get(REQUEST_ID, "")
    return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
