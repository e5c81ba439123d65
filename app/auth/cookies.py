"""q2a's cookies, and when to believe that it was a person who sent them (FACTS 12 and 13)."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote_plus, urlsplit

MAX_COOKIE_LENGTH = 400
A_YEAR = 365 * 24 * 3600
LARGEST_ID = 2**64 - 1
# Whose browser sends it wants to see what it has just written.
WROTE = "waggle_wrote"


class SessionCookie(NamedTuple):
    """What `qa_session` says: a handle and the code that proves it."""

    handle: str
    code: str


def session_of(cookies: Mapping[str, str]) -> SessionCookie | None:
    """The session that q2a's cookie names; None where there is no cookie of q2a's form."""
    text = cookies.get("qa_session", "")
    if len(text) > MAX_COOKIE_LENGTH:
        return None
    try:
        # PHP writes a blank as + or %20, and no handle has a plus sign.
        parts = unquote_plus(text, errors="strict").split("/")
    except UnicodeDecodeError:
        return None
    if len(parts) != 3 or parts[2] not in ("0", "1"):
        return None
    handle, code, _ = parts
    return SessionCookie(handle, code) if handle and code else None


def guest_id_of(cookies: Mapping[str, str]) -> int | None:
    """The number of a returning guest; None where there is no cookie with such a number."""
    text = cookies.get("qa_id", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 20:
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None


def guest_cookie(number: int, *, secure: bool) -> str:
    """The value of the `Set-Cookie` header by which a guest is known from now on, as in q2a.

    :param secure: whether browsers are to send it back over HTTPS only
    """
    flags = "; Secure" if secure else ""
    return f"qa_id={number}; Max-Age={A_YEAR}; Path=/; HttpOnly; SameSite=Lax{flags}"


def wrote_cookie(seconds: int, *, secure: bool) -> str:
    """The value of the `Set-Cookie` header by which whoever wrote is known for some seconds."""
    flags = "; Secure; SameSite=None" if secure else "; SameSite=Lax"
    return f"{WROTE}=1; Max-Age={seconds}; Path=/; HttpOnly{flags}"


def origin_of(url: str) -> str:
    """The origin of a URL, as browsers send it; empty where the URL has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def are_honoured(
    *,
    method: str,
    content_type: str,
    origins: Sequence[str],
    host: str,
    allowed: Collection[str],
) -> bool:
    """Whether no foreign page can have made a browser send this request with its cookies.

    A page elsewhere cannot send JSON without asking first, and cannot choose its origin.

    :param origins: the `Origin` headers
    :param host: the `Host` header
    :param allowed: origins, in lower case, that may act for the people who visit them
    """
    if method != "POST" or content_type.partition(";")[0].strip().lower() != "application/json":
        return False
    if not origins:
        return True
    origin = origins[0].lower()
    if len(origins) > 1 or origin == "null":
        return False
    own = (f"https://{host.lower()}", f"http://{host.lower()}") if host else ()
    return origin in own or origin in allowed
