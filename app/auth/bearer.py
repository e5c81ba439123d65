"""The token that a request carries."""

from collections.abc import Sequence

from app.auth.claims import Unauthenticated


def token_of(headers: Sequence[str]) -> str | None:
    """The token in the `Authorization` headers of a request; None if there is no such header.

    :raises Unauthenticated: if there are several, or one that carries no token
    """
    if not headers:
        return None
    if len(headers) > 1:
        raise Unauthenticated("Send one Authorization header only.")
    scheme, _, token = headers[0].strip().partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Send the token as: Authorization: Bearer TOKEN")
    if not token.strip():
        raise Unauthenticated("The Authorization header has no token.")
    return token.strip()
