"""What a genuine token says, and how everything in this package says that one is not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from jose.backends.base import Key


class Unauthenticated(Exception):
    """The request names somebody it cannot prove; the text is fit for the client."""


class Unavailable(Exception):
    """What only another server knows cannot be had now; the text is fit for the client."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says of a person.

    `digest` tells tokens apart. `username` is what the user pool calls the person; `handle`,
    `email` and `email_verified` are in ID tokens, and in access tokens that a trigger added them
    to. `scopes` is None where the token has none. Times are in seconds since 1970.
    """

    issuer: str
    subject: str
    digest: bytes
    issued_at: int
    expires_at: int
    username: str = ""
    handle: str = ""
    email: str = ""
    email_verified: bool = False
    groups: tuple[str, ...] = ()
    scopes: frozenset[str] | None = None


class Verifier(Protocol):
    """Tells genuine tokens from all others."""

    async def verify(self, token: str) -> Claims:
        """What the token says.

        :raises Unauthenticated: if it is not genuine, not for this site, or not valid now
        """


class KeySource(Protocol):
    """Where the public keys are that tokens of one issuer are checked with."""

    async def key(self, kid: str) -> "Key":
        """The key with this id, constructed for RS256.

        :raises Unauthenticated: if the issuer has none, or cannot be asked now
        """
