"""How mails leave the site: an interface, which `app.aws` fills.

What matters is to know what has become of a mail: whoever is not told that it was surely not
sent must not send it again.
"""

from typing import NamedTuple, Protocol


class Letter(NamedTuple):
    """A mail as it is sent: `content` are its headers and its text, lines ending with CR and LF."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


class MailError(Exception):
    """A mail was not sent, or perhaps not; the text says why."""


class Unavailable(MailError):
    """No mail can be sent now, whoever gets it; this one was not."""


class Postponed(MailError):
    """This mail was surely not sent; it may be later."""


class Refused(MailError):
    """This mail was not sent, and will not be."""


class Doubtful(MailError):
    """The mail may have been sent: the answer was lost."""


class Mailer(Protocol):
    """One way out of the site. Not for two at once."""

    async def prepare(self) -> None:
        """Connect, if that is still to be done, so that a mail can be sent right away.

        :raises Unavailable: if that does not succeed
        """
        ...

    async def send(self, letter: Letter) -> str:
        """Hand a mail over, once: nothing in it tries again.

        :returns: by what name the mail was taken
        :raises MailError: one of the four above
        """
        ...

    async def close(self) -> None: ...
