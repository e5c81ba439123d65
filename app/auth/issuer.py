"""An issuer of tokens for development: Cognito's claims, for the passwords of q2a.

It never exists where `ENVIRONMENT=production`: see `Settings.uses_local_issuer`.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid4, uuid5

from app.auth.claims import Unauthenticated
from app.domain.sign_ins import Candidate
from app.domain.viewers import Flag

# Cryptography is loaded in functions here, when the first token comes: see `app.auth.tokens`.
if TYPE_CHECKING:
    from jose.backends.base import Key

# Nobody can have this name on a network, so no real issuer has it.
ISSUER = "https://local-issuer.invalid"
CLIENT_ID = "local"
# Cognito's own defaults.
TOKEN_SECONDS = 3600
REFRESH_SECONDS = 30 * 86400
SCOPE = "aws.cognito.signin.user.admin"
REFUSED = "The refresh token is not valid any more."


class Tokens(NamedTuple):
    """What somebody gets for a password; without a `refresh_token` for a refresh token."""

    access_token: str
    id_token: str
    refresh_token: str | None


class Keys(NamedTuple):
    """The key pair, ready for use. `secret` is known to whoever can read the file, only."""

    id: str
    private: "Key"
    public: "Key"
    secret: bytes


class Refresh(NamedTuple):
    """What a refresh token says. It holds as long as the password is that of `fingerprint`."""

    user_id: int
    fingerprint: str
    origin: str
    signed_in_at: int


class LocalIssuer:
    """Signs tokens with the key in a file, which is made when it is first needed.

    It is the source of the keys that the tokens are verified with, too.
    """

    def __init__(self, key_file: Path) -> None:
        self.key_file = key_file
        self._keys: Keys | None = None

    async def key(self, kid: str) -> "Key":
        """The public key with this id.

        :raises Unauthenticated: if it is not this issuer's
        """
        keys = await self._ready()
        if kid != keys.id:
            raise Unauthenticated("The token is signed with an unknown key.")
        return keys.public

    async def jwks(self) -> dict[str, Any]:
        """The public key as a JWKS document."""
        keys = await self._ready()
        public = {name: _text(value) for name, value in keys.public.to_dict().items()}
        return {"keys": [{**public, "kid": keys.id, "use": "sig", "alg": "RS256"}]}

    async def issue(self, account: Candidate, *, subject: str, now: datetime) -> Tokens:
        """Tokens for somebody who has just signed in.

        :param subject: what names the account in tokens, see `subject_of`
        """
        keys = await self._ready()
        at = int(now.timestamp())
        refresh = Refresh(account.id, _fingerprint(keys, account), str(uuid4()), at)
        tokens = _signed(keys, account, subject, refresh, at)
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "token_use": "refresh",
            "iat": at,
            "exp": at + REFRESH_SECONDS,
            **refresh._asdict(),
        }
        return tokens._replace(refresh_token=_sign(keys, claims))

    async def renew(
        self, refresh: Refresh, account: Candidate | None, *, subject: str, now: datetime
    ) -> Tokens:
        """New tokens for a refresh token.

        :param account: the one with the token's `user_id`, as it is now
        :raises Unauthenticated: if it is gone, or its password is another since
        """
        keys = await self._ready()
        if account is None:
            raise Unauthenticated(REFUSED)
        if not hmac.compare_digest(refresh.fingerprint, _fingerprint(keys, account)):
            raise Unauthenticated(REFUSED)
        return _signed(keys, account, subject, refresh, int(now.timestamp()))

    async def read_refresh(self, token: str) -> Refresh:
        """What a refresh token says.

        :raises Unauthenticated: if it is not a genuine one, or has expired
        """
        from jose import JWTError, jwt

        keys = await self._ready()
        try:
            options = {"verify_aud": False, "require_exp": True}
            claims = jwt.decode(
                token, keys.public, algorithms=["RS256"], issuer=ISSUER, options=options
            )
        except JWTError:
            raise Unauthenticated(REFUSED) from None
        if claims.get("token_use") != "refresh":
            raise Unauthenticated(REFUSED)
        return Refresh(*(claims[name] for name in Refresh._fields))

    async def _ready(self) -> Keys:
        if self._keys is None:
            self._keys = await asyncio.to_thread(_keys_in, self.key_file)
        return self._keys


def subject_of(user_id: int, *, site_url: str) -> str:
    """What names an account in the tokens of this issuer: always the same for the same site."""
    return str(uuid5(NAMESPACE_URL, f"{ISSUER}/{site_url}#{user_id}"))


def _keys_in(path: Path) -> Keys:
    from jose import jwk

    from app.auth import key_files

    pem = key_files.read_or_make(path)
    private = jwk.construct(pem.decode(), algorithm="RS256")
    public = private.public_key()
    modulus = _text(public.to_dict()["n"])
    return Keys(
        id=hashlib.sha256(modulus.encode()).hexdigest()[:16],
        private=private,
        public=public,
        secret=hashlib.sha256(b"fingerprints" + pem).digest(),
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _fingerprint(keys: Keys, account: Candidate) -> str:
    """Stands for the password: another one, another fingerprint. It does not tell the password."""
    parts = (str(account.id).encode(), (account.hash or "").encode(), account.sha1 or b"")
    return hmac.new(keys.secret, b"\0".join(parts), hashlib.sha256).hexdigest()


def _signed(keys: Keys, account: Candidate, subject: str, refresh: Refresh, at: int) -> Tokens:
    both = {
        "sub": subject,
        "iss": ISSUER,
        "origin_jti": refresh.origin,
        "event_id": str(uuid4()),
        "auth_time": refresh.signed_in_at,
        "iat": at,
        "exp": at + TOKEN_SECONDS,
    }
    access = {
        "token_use": "access",
        "client_id": CLIENT_ID,
        "username": subject,
        "scope": SCOPE,
        "jti": str(uuid4()),
    }
    id_ = {
        "token_use": "id",
        "aud": CLIENT_ID,
        "cognito:username": subject,
        "preferred_username": account.handle,
        "email": account.email,
        "email_verified": bool(account.flags & Flag.CONFIRMED),
        "jti": str(uuid4()),
    }
    return Tokens(_sign(keys, both | access), _sign(keys, both | id_), None)


def _sign(keys: Keys, claims: Mapping[str, Any]) -> str:
    from jose import jwt

    # The library changes the claims that it is given.
    return jwt.encode(dict(claims), keys.private, algorithm="RS256", headers={"kid": keys.id})
