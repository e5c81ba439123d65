"""The user pool of the settings: which tokens are its own, and what it knows of their owners."""

import json
from collections.abc import Mapping
from typing import Any

from app.auth.claims import Claims, Unauthenticated, Unavailable
from app.auth.documents import strict_object
from app.auth.fetching import FetchFailed, fetch
from app.auth.tokens import Policy
from app.config import Settings

# Tokens with this scope may ask for their owner's attributes; sign-in by password gives it.
SCOPE = "aws.cognito.signin.user.admin"
# The token was revoked, or its owner was disabled or deleted: all of that only the pool knows.
REFUSALS = {"NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException"}
TARGET = "AWSCognitoIdentityProviderService.GetUser"


def policy_of(settings: Settings) -> Policy | None:
    """Which tokens are accepted; None where no user pool is set up.

    :raises SettingError: if only a part of it is
    """
    settings.ensure_servable()
    region, pool = settings.cognito_region, settings.cognito_user_pool_id
    in_region = f"https://cognito-idp.{region}.amazonaws.com/{pool}" if pool else ""
    issuer = settings.cognito_issuer or in_region
    if not issuer:
        return None
    return Policy(
        issuer=issuer,
        client_ids=frozenset(settings.cognito_client_ids),
        uses=frozenset(settings.cognito_token_uses),
    )


def jwks_url_of(settings: Settings, policy: Policy) -> str:
    """Where the pool publishes its keys."""
    return settings.cognito_jwks_url or f"{policy.issuer.rstrip('/')}/.well-known/jwks.json"


class UserPool:
    """What the pool itself tells the owner of an access token: its attributes.

    An access token names no e-mail address, and without one nobody's account can be found when
    they come for the first time.
    """

    def __init__(self, url: str, *, issuer: str) -> None:
        self.url = url
        self.issuer = issuer

    async def attributes(self, token: str, claims: Claims) -> Mapping[str, str]:
        """The attributes of a verified token's owner; none where the token may not ask for them.

        :raises Unauthenticated: if the pool has revoked the token
        :raises Unavailable: if the pool does not answer
        """
        if claims.issuer != self.issuer or SCOPE not in (claims.scopes or {SCOPE}):
            return {}
        attributes = _attributes_in(await self._asked(token))
        if attributes.get("sub", claims.subject) != claims.subject:
            raise Unauthenticated("The token is somebody else's.")
        return attributes

    async def _asked(self, token: str) -> dict[str, Any]:
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET}
        content = json.dumps({"AccessToken": token}).encode()
        try:
            status, body = await fetch("POST", self.url, content=content, headers=headers)
            answer = strict_object(body)
        except (FetchFailed, ValueError):
            raise Unavailable("The user pool does not answer; try again.") from None
        if status == 200:
            return answer
        # AWS may put a namespace in front.
        if str(answer.get("__type")).rpartition("#")[2] in REFUSALS:
            raise Unauthenticated("The user pool does not accept the token any more.")
        raise Unavailable("The user pool does not answer; try again.")


def user_pool_of(settings: Settings, policy: Policy) -> UserPool | None:
    """The pool to ask for attributes; None where the settings do not say where it answers."""
    url = settings.cognito_endpoint
    if not url and settings.cognito_region:
        url = f"https://cognito-idp.{settings.cognito_region}.amazonaws.com/"
    return UserPool(url, issuer=policy.issuer) if url else None


def _attributes_in(answer: Mapping[str, Any]) -> dict[str, str]:
    listed = answer.get("UserAttributes")
    entries = listed if isinstance(listed, list) else []
    pairs = [
        (entry.get("Name"), entry.get("Value")) for entry in entries if isinstance(entry, dict)
    ]
    pairs.append(("username", answer.get("Username")))
    return {
        name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)
    }
