"""Verifying tokens: RS256, a key chosen by its id, and every claim that has to be there."""

import base64
import hashlib
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.auth.claims import Claims, KeySource, Unauthenticated
from app.auth.documents import strict_object
from app.auth.memory import Memory

MAX_TOKEN_LENGTH = 16_384
MAX_KID_LENGTH = 200
# How far clocks may be apart, in seconds.
LEEWAY = 10
REMEMBERED_TOKENS = 10_000
# Lenient decoders skip what does not belong there, so that one token would have many forms.
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# Cognito's are UUIDs. Whatever others choose has to be text.
SUBJECT = re.compile(r"[^\x00-\x1f\ud800-\udfff]{1,255}")
MALFORMED = "The token is malformed."
REQUIRED = ("exp", "iat", "iss", "sub")


@dataclass(frozen=True)
class Policy:
    """Which tokens are meant for this site.

    `uses` are values of the claim `token_use`: `access`, `id`.
    """

    issuer: str
    client_ids: Collection[str]
    uses: Collection[str] = ("access",)


class TokenVerifier:
    """Verifies the tokens of one issuer; what was found genuine is not verified twice."""

    def __init__(self, keys: KeySource, policy: Policy) -> None:
        self.keys = keys
        self.policy = policy
        self._verified: Memory[Claims] = Memory(REMEMBERED_TOKENS)

    async def verify(self, token: str) -> Claims:
        """What the token says.

        :raises Unauthenticated: if it is not genuine, not for this site, or not valid now
        """
        _check_form(token)
        digest = hashlib.sha256(token.encode("ascii")).digest()
        claims = self._verified.get(digest, now=time.time())
        if claims is None:
            claims = await self._verify(token, digest)
            self._verified.keep(digest, claims, until=claims.expires_at + LEEWAY)
        return claims

    async def _verify(self, token: str, digest: bytes) -> Claims:
        header, payload, _ = token.split(".")
        kid = _kid_of(_part(header))
        # Before the signature: a strange payload is nothing to spend a key's time on.
        _check_shape(_part(payload))
        content = _decoded(token, await self.keys.key(kid), issuer=self.policy.issuer)
        _check_times(content)
        self._check_audience(content)
        return _claims(content, digest)

    def _check_audience(self, content: dict[str, Any]) -> None:
        use = content.get("token_use")
        if not isinstance(use, str) or use not in self.policy.uses:
            raise Unauthenticated("Tokens of this kind are not accepted.")
        client_id = content.get("aud" if use == "id" else "client_id")
        if not isinstance(client_id, str) or client_id not in self.policy.client_ids:
            raise Unauthenticated("The token is meant for another application.")


def issuer_named_in(token: str) -> str:
    """The issuer that a token names, which nothing vouches for yet; empty where it names none.

    :raises Unauthenticated: if the token is malformed
    """
    _check_form(token)
    return _text(_part(token.split(".")[1]), "iss")


def _check_form(token: str) -> None:
    if len(token) > MAX_TOKEN_LENGTH:
        raise Unauthenticated("The token is too long.")
    if not COMPACT.fullmatch(token):
        raise Unauthenticated(MALFORMED)


def _part(encoded: str) -> dict[str, Any]:
    try:
        return strict_object(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        raise Unauthenticated(MALFORMED) from None


def _kid_of(header: dict[str, Any]) -> str:
    if header.get("alg") != "RS256":
        raise Unauthenticated("Tokens are signed by RS256 here.")
    if "crit" in header:
        # It lists extensions that must be understood; there are none that would be.
        raise Unauthenticated("The token demands what is not supported here.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_LENGTH:
        raise Unauthenticated("The token does not name its key.")
    return kid


def _check_shape(payload: dict[str, Any]) -> None:
    for name in REQUIRED:
        if name not in payload:
            raise Unauthenticated(f"The token has no claim {name}.")
    for name in ("exp", "iat", "nbf"):
        value = payload.get(name, 0)
        if type(value) is not int or not 0 <= value < 2**40:
            raise Unauthenticated(f"The token's claim {name} is not a time.")
    subject = payload["sub"]
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise Unauthenticated("The token names nobody.")


def _decoded(token: str, key: Any, *, issuer: str) -> dict[str, Any]:
    # The audience is checked by hand: the library lets a token pass that has none.
    options = {"verify_aud": False, "verify_at_hash": False, "leeway": LEEWAY}
    options |= {f"require_{name}": True for name in REQUIRED}
    # Not loaded before there is a token: it takes a guest's first answer 30 ms.
    from jose import ExpiredSignatureError, JWTError, jwt

    try:
        return jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, options=options)
    except ExpiredSignatureError:
        raise Unauthenticated("The token has expired.") from None
    except JWTError as error:
        raise Unauthenticated(_reason(str(error))) from None


def _check_times(content: dict[str, Any]) -> None:
    now = time.time()
    if content["exp"] + LEEWAY <= now:
        raise Unauthenticated("The token has expired.")
    # The library lets this pass.
    if content["iat"] > now + LEEWAY:
        raise Unauthenticated("The token was issued in the future.")


def _reason(text: str) -> str:
    if "issuer" in text:
        return "The token was issued by somebody else."
    if "nbf" in text:
        return "The token is not valid yet."
    return "The token's signature is wrong." if "Signature" in text else MALFORMED


def _claims(content: dict[str, Any], digest: bytes) -> Claims:
    scope = content.get("scope")
    groups = content.get("cognito:groups")
    return Claims(
        issuer=content["iss"],
        subject=content["sub"],
        digest=digest,
        issued_at=content["iat"],
        expires_at=content["exp"],
        username=_text(content, "cognito:username") or _text(content, "username"),
        handle=_text(content, "preferred_username"),
        email=_text(content, "email"),
        # User pools say true, emulators and mapped attributes "true".
        email_verified=content.get("email_verified") in (True, "true"),
        groups=tuple(str(group) for group in groups) if isinstance(groups, list) else (),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else None,
    )


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""
