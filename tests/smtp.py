"""A mail server on a real socket that remembers what it was sent, and does as tests tell it."""

import socket
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

Answers = dict[tuple[str, str], str]
# Instead of an answer: close the connection.
HANG_UP = "hang up"


class Taken(NamedTuple):
    """A mail that the server has taken: its envelope and its text."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class MailServer:
    """What it has taken, and what it answers: by command and recipient, once each mail.

    `answers[("RCPT", "bee@example.org")] = "550 No such bee"`, or `HANG_UP`; the text of a mail is
    the command `TEXT`. A mail whose answer is `HANG_UP` then is taken all the same.
    """

    def __init__(self, host: str, certificate: ssl.SSLContext | None, *, tls: bool) -> None:
        self.taken: list[Taken] = []
        self.answers: Answers = {}
        # Called with every command before it is answered, and with TAKEN.
        self.on_step: Callable[[str], None] = lambda _step: None
        self.connections = 0
        self.signed_in: list[str] = []
        self.encrypted: list[bool] = []
        self.certificate = certificate
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                _Dialogue(outer, self.request).run(is_encrypted=tls)

        self._server = _Server((host, 0), Handler)
        self.address = f"{host}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True, args=(0.01,)).start()

    def counts(self) -> Counter[str]:
        """How many mails it has taken, by Message-ID."""
        return Counter(taken.message["Message-ID"] for taken in self.taken)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Dialogue:
    """One connection."""

    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.is_encrypted = False
        self.sender = self.recipient = ""
        self.refused = False

    def run(self, *, is_encrypted: bool) -> None:
        # Clients may be killed, or not trust the certificate.
        with suppress(OSError):
            if is_encrypted:
                self._encrypt()
            self._say("220 meadow")
            while (line := self.lines.readline()) and self._obey(line.decode().strip()):
                pass
        self.lines.close()
        self.connection.close()

    def _say(self, answer: str) -> None:
        self.connection.sendall(answer.encode() + b"\r\n")

    def _obey(self, line: str) -> bool:
        command, _, rest = line.partition(" ")
        command = command.upper()
        self.server.on_step(command)
        if command == "EHLO":
            offered = ["SIZE", "AUTH PLAIN LOGIN"]
            if self.server.certificate and not self.is_encrypted:
                offered.append("STARTTLS")
            for name in offered:
                self._say(f"250-{name}")
            self._say("250 meadow")
        elif command == "STARTTLS":
            self._say("220 Go on")
            self._encrypt()
        elif command == "AUTH":
            self.server.signed_in.append(rest)
            self._say("235 Welcome")
        elif command == "MAIL":
            self.sender = _address(rest)
            self._say("250 OK")
        elif command == "RCPT":
            self.recipient = _address(rest)
            return self._answer("RCPT", "250 OK")
        elif command == "DATA":
            return self._answer("DATA", "354 Go on") and (self.refused or self._take())
        elif command == "QUIT":
            self._say("221 Bye")
            return False
        else:
            self._say("250 OK")
        return True

    def _encrypt(self) -> None:
        assert self.server.certificate
        self.lines.close()
        self.connection = self.server.certificate.wrap_socket(self.connection, server_side=True)
        self.lines = self.connection.makefile("rb")
        self.is_encrypted = True

    def _answer(self, command: str, usual: str) -> bool:
        """Whether the dialogue goes on."""
        answer = self.server.answers.get((command, self.recipient), usual)
        if answer == HANG_UP:
            return False
        self._say(answer)
        self.refused = answer != usual
        return True

    def _take(self) -> bool:
        lines: list[bytes] = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b"."))
        self.server.on_step("TEXT")
        answer = self.server.answers.get(("TEXT", self.recipient), "250 Taken as 1")
        if answer.startswith("2") or answer == HANG_UP:
            taken = Taken(self.sender, self.recipient, b"".join(lines))
            self.server.taken.append(taken)
            self.server.encrypted.append(self.is_encrypted)
            self.server.on_step("TAKEN")
        if answer == HANG_UP:
            return False
        self._say(answer)
        return True


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


@contextmanager
def mail_server(
    host: str = "127.0.0.1", *, certificate: ssl.SSLContext | None = None, tls: bool = False
) -> Iterator[MailServer]:
    server = MailServer(host, certificate, tls=tls)
    try:
        yield server
    finally:
        server.close()
