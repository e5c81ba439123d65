"""The public keys of an issuer elsewhere: fetched, cached, and kept while it cannot be reached."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from app.auth.claims import Unauthenticated
from app.auth.documents import strict_object
from app.auth.fetching import FetchFailed, fetch

# Cryptography is loaded in functions here, when the first token comes: see `app.auth.tokens`.
if TYPE_CHECKING:
    from jose.backends.base import Key

MAX_KEYS = 100
KEY_BITS = range(2048, 8193)
# Between two fetches; an unknown key id is no reason to ask more often.
PAUSE = 60.0
# The same as long as there is no key at all, when waiting helps nobody.
PAUSE_WITHOUT_KEYS = 5.0
# After this a key that the issuer has withdrawn is noticed.
MAX_AGE = 3600.0

logger = logging.getLogger(__name__)


class RemoteKeys:
    """The keys at one address. Requests that need the same fetch wait for it together."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._keys: dict[str, Key] = {}
        self._fetched_at = 0.0
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> "Key":
        """The key with this id.

        :raises Unauthenticated: if the issuer has none, or cannot be asked now
        """
        if kid not in self._keys:
            async with self._lock:
                if kid not in self._keys and self._may_fetch():
                    await self._fetch()
        elif self._is_old() and self._may_fetch() and not self._lock.locked():
            # Everybody else goes on with the keys that are there.
            async with self._lock:
                await self._fetch()

        if kid in self._keys:
            return self._keys[kid]
        if not self._keys:
            raise Unauthenticated("The keys that tokens are checked with cannot be had now.")
        raise Unauthenticated("The token is signed with an unknown key.")

    def _is_old(self) -> bool:
        return time.monotonic() - self._fetched_at > MAX_AGE

    def _may_fetch(self) -> bool:
        pause = PAUSE if self._keys else PAUSE_WITHOUT_KEYS
        return time.monotonic() - self._tried_at >= pause

    async def _fetch(self) -> None:
        try:
            status, body = await fetch("GET", self.url)
            if status != 200:
                raise FetchFailed(f"the status is {status}")
            keys = keys_in(body)
        except (FetchFailed, ValueError) as error:
            logger.warning("The keys at %s cannot be had: %s", self.url, error)
        else:
            self._keys = keys
            self._fetched_at = time.monotonic()
        # Not after a cancellation: the next in the queue tries at once then.
        self._tried_at = time.monotonic()


def keys_in(document: bytes) -> "dict[str, Key]":
    """The keys of a JWKS document that can have signed a token, by their ids.

    :raises ValueError: if there are none
    """
    entries = strict_object(document).get("keys")
    if not isinstance(entries, list):
        raise ValueError("the document has no list of keys")
    usable = {entry["kid"]: _key(entry) for entry in entries[:MAX_KEYS] if _is_usable(entry)}
    if not usable:
        raise ValueError("there is no RSA key for signatures of 2048 bits or more")
    return usable


def _is_usable(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA":
        return False
    if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return False
    kid, modulus, exponent = entry.get("kid"), entry.get("n"), entry.get("e")
    if not isinstance(kid, str) or not isinstance(modulus, str) or not isinstance(exponent, str):
        return False
    from jose.utils import base64_to_long

    try:
        e = base64_to_long(exponent)
        return base64_to_long(modulus).bit_length() in KEY_BITS and e % 2 == 1 and 3 <= e < 2**32
    except ValueError:
        return False


def _key(entry: dict[str, Any]) -> "Key":
    from jose import jwk
    from jose.exceptions import JOSEError

    # Nothing but the public half, whatever else the document says.
    public = {"kty": "RSA", "n": entry["n"], "e": entry["e"]}
    try:
        return jwk.construct(public, algorithm="RS256")
    except JOSEError as error:
        raise ValueError(str(error)) from None
