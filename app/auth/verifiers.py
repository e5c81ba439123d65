"""The verifier that the settings ask for: of a user pool, of the local issuer, or of both."""

from collections.abc import Mapping

from app.auth import cognito
from app.auth.claims import Claims, Unauthenticated, Verifier
from app.auth.issuer import CLIENT_ID, ISSUER, LocalIssuer
from app.auth.jwks import RemoteKeys
from app.auth.tokens import Policy, TokenVerifier, issuer_named_in
from app.config import Settings


class ByIssuer:
    """Leaves each token to the verifier of the issuer that it names."""

    def __init__(self, verifiers: Mapping[str, Verifier]) -> None:
        self.verifiers = verifiers

    async def verify(self, token: str) -> Claims:
        """What the token says.

        :raises Unauthenticated: if it is not genuine, not for this site, or not valid now
        """
        verifier = self.verifiers.get(issuer_named_in(token))
        if verifier is None:
            raise Unauthenticated("The token was issued by somebody else.")
        return await verifier.verify(token)


def verifier_of(settings: Settings, policy: Policy | None, issuer: LocalIssuer | None) -> Verifier:
    """Verifies the tokens of a user pool by its policy, and those of the local issuer."""
    verifiers: dict[str, Verifier] = {}
    if policy is not None:
        keys = RemoteKeys(cognito.jwks_url_of(settings, policy))
        verifiers[policy.issuer] = TokenVerifier(keys, policy)
    if issuer is not None:
        uses = settings.cognito_token_uses
        verifiers[ISSUER] = TokenVerifier(issuer, Policy(ISSUER, (CLIENT_ID,), uses))
    if len(verifiers) == 1:
        return next(iter(verifiers.values()))
    return ByIssuer(verifiers)
