"""Mail by SMTP (RFC 5321): one connection for many mails, in a thread of its own.

The commands are given one by one, because what became of a mail depends on which of them failed:
before its text is sent it is surely not taken, and afterwards it may be.
"""

import asyncio
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import TypeVar

from app.domain.mailer import Doubtful, Letter, Postponed, Refused, Unavailable

Result = TypeVar("Result")
TIMEOUT_SECONDS = 30.0
# Servers say it before they close the connection, whatever was asked.
CLOSING = 421
TAKEN, GO_ON, TOO_EARLY, NEVER = 200, 300, 400, 500
LOCAL = {"localhost", "127.0.0.1", "::1"}


class Encryption(Enum):
    """How a connection is kept from being read and changed."""

    TLS = "from its beginning"
    STARTTLS = "before anything is said"
    IF_OFFERED = "if the server offers it"
    NONE = "not at all"


class SmtpMailer:
    """A mail server.

    Unless encryption is switched off, a password is sent encrypted, but to this machine itself.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        encryption: Encryption,
        user: str = "",
        password: str = "",
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.host = host
        self.port = port
        self.encryption = encryption
        self.user = user
        self.password = password
        self.timeout = timeout
        self._server: smtplib.SMTP | None = None

    async def prepare(self) -> None:
        await asyncio.to_thread(self._prepare)

    async def send(self, letter: Letter) -> str:
        return await asyncio.to_thread(self._send, letter)

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _prepare(self) -> None:
        if self._server is not None and _is_alive(self._server):
            return
        self._drop()
        try:
            self._server = self._connect()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise Unavailable(f"{self.host}:{self.port} cannot be used: {_said(error)}") from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encryption is Encryption.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if self._starts_tls(server):
                server.starttls(context=context)
                server.ehlo()
            if self.user:
                self._sign_in(server)
        except BaseException:
            server.close()
            raise
        return server

    def _starts_tls(self, server: smtplib.SMTP) -> bool:
        if self.encryption is Encryption.IF_OFFERED:
            # Certificates of servers on this machine are nobody's.
            return server.has_extn("starttls") and self.host not in LOCAL
        return self.encryption is Encryption.STARTTLS

    def _sign_in(self, server: smtplib.SMTP) -> None:
        may_be_plain = self.encryption is Encryption.NONE or self.host in LOCAL
        if not may_be_plain and not isinstance(server.sock, ssl.SSLSocket):
            raise smtplib.SMTPException("it offers no encryption for the password")
        server.login(self.user, self.password)

    def _send(self, letter: Letter) -> str:
        server = self._server
        if server is None:
            raise Unavailable("There is no connection.")
        self._ask(server, lambda: server.mail(letter.sender), letter)
        self._ask(server, lambda: server.rcpt(letter.recipient), letter)
        self._ask(server, lambda: server.docmd("DATA"), letter, expected=GO_ON)
        try:
            server.send(_quoted(letter.content))
            code, answer = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            # Also while it is sent: who knows what the last thing was that got through.
            self._drop()
            raise Doubtful(f"the answer was lost: {_said(error)}") from error
        if code >= TOO_EARLY:
            self._refuse(server, code, answer)
        return answer.decode("ascii", "replace")

    def _ask(
        self,
        server: smtplib.SMTP,
        command: Callable[[], tuple[int, bytes]],
        letter: Letter,
        *,
        expected: int = TAKEN,
    ) -> None:
        """Give a command that comes before the mail itself.

        :raises MailError: if the answer is another, or none
        """
        try:
            code, answer = command()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unavailable(f"the connection was lost: {_said(error)}") from error
        if not expected <= code < expected + 100:
            self._refuse(server, code, answer)

    def _refuse(self, server: smtplib.SMTP, code: int, answer: bytes) -> None:
        text = f"{code} {answer.decode('utf-8', 'replace')}"
        if code == CLOSING:
            self._drop()
            raise Unavailable(text)
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()
        raise Refused(text) if code >= NEVER else Postponed(text)

    def _close(self) -> None:
        if self._server is None:
            return
        # What it has taken, it has taken.
        with suppress(smtplib.SMTPException, OSError):
            self._server.quit()
        self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def _is_alive(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] < GO_ON
    except (smtplib.SMTPException, OSError):
        return False


def _quoted(content: bytes) -> bytes:
    """The text as it is sent: a line of one dot would end it."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + end + b".\r\n"


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {text}"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return str(error) or type(error).__name__
