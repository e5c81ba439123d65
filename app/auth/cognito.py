"""The user pool of the settings: which tokens are its own, and what it knows of their owners."""

import json
from collections.abc import Mapping
from typing import Any

from app.auth.claims import Claims, Unauthenticated, Unavailable
from app.auth.documents import strict_object
from app.auth.fetching import FetchFailed, fetch
from app.auth.tokens import Policy
from app.config import SettingError, Settings

# Tokens with this scope may ask for their owner's attributes; sign-in by password gives it.
SCOPE = "aws.cognito.signin.user.admin"
TARGET = "AWSCognitoIdentityProviderService.GetUser"


def policy_of(settings: Settings) -> Policy | None:
    """Which tokens are accepted; None where no user pool is set up.

    :raises SettingError: if only a part of it is
    """
    issuer = settings.cognito_issuer or _issuer_of(settings)
    if not issuer:
        return None
    if not settings.cognito_client_ids:
        accepted = "the ids of the app clients whose tokens are accepted, separated by commas"
        raise SettingError("COGNITO_CLIENT_IDS", "", accepted)
    return Policy(
        issuer=issuer,
        client_ids=frozenset(settings.cognito_client_ids),
        uses=frozenset(settings.cognito_token_uses),
    )


def _issuer_of(settings: Settings) -> str:
    region, pool = settings.cognito_region, settings.cognito_user_pool_id
    if not pool:
        return ""
    if not region:
        raise SettingError("COGNITO_REGION", "", "the region of the user pool")
    return f"https://cognito-idp.{region}.amazonaws.com/{pool}"


def jwks_url_of(settings: Settings, policy: Policy) -> str:
    """Where the pool publishes its keys."""
    return settings.cognito_jwks_url or f"{policy.issuer.rstrip('/')}/.well-known/jwks.json"


class UserPool:
    """What the pool itself tells the owner of an access token: its attributes.

    An access token names no e-mail address, and without one nobody's account can be found when
    they come for the first time.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    async def attributes(self, token: str, claims: Claims) -> Mapping[str, str]:
        """The attributes of a verified token's owner; none where the token may not ask for them.

        :raises Unauthenticated: if the pool has revoked the token
        :raises Unavailable: if the pool does not answer
        """
        if claims.scopes is not None and SCOPE not in claims.scopes:
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
            if status == 400:
                # Revoked, or its owner was deleted or disabled: all of that only the pool knows.
                raise Unauthenticated("The user pool does not accept the token any more.")
            if status == 200:
                return strict_object(body)
        except (FetchFailed, ValueError):
            pass
        raise Unavailable("The user pool does not answer; try again.")


def user_pool_of(settings: Settings) -> UserPool | None:
    """The pool to ask for attributes; None where the settings do not say where it answers."""
    if settings.cognito_endpoint:
        return UserPool(settings.cognito_endpoint)
    if settings.cognito_region and settings.cognito_user_pool_id:
        return UserPool(f"https://cognito-idp.{settings.cognito_region}.amazonaws.com/")
    return None


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
