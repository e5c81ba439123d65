"""Visitors: from a request to the viewer, by token, by q2a's cookies, or as a guest."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request

from app.auth import bearer, cookies, proxies
from app.auth.claims import Unauthenticated, Unavailable, Verifier
from app.auth.proxies import Network
from app.db import Database
from app.domain import viewers
from app.domain.addresses import is_blocked
from app.domain.errors import DomainError, RateLimited
from app.domain.sites import SiteCache
from app.domain.viewers import Identity, Viewer
from app.endpoint.errors import INTERNAL, STATUS, UNAUTHENTICATED, explained
from app.endpoint.requests import WRITES, RequestRefused, database_of, has_written

if TYPE_CHECKING:
    from app.auth.issuer import LocalIssuer
    from app.auth.people import People

Identify = Callable[[Request], Awaitable[Identity]]
Recognize = Callable[[Request], Awaitable[Viewer]]

CHALLENGE = {"www-authenticate": 'Bearer error="invalid_token"'}
TRY_AGAIN = {"retry-after": "5"}


def address_of(request: Request, *, trusted: Sequence[Network]) -> bytes:
    """The client's address, 4 bytes or 16, behind whatever proxies are `trusted`."""
    return proxies.client_address(
        request.client.host if request.client else "",
        forwarded_for=request.headers.getlist("x-forwarded-for") if trusted else (),
        trusted=trusted,
    )


class Visitors:
    """Finds out whom a request comes from.

    :param verifier: tells genuine tokens; None: there are none
    :param people: knows whom they stand for
    """

    def __init__(
        self,
        db: Database,
        sites: SiteCache,
        *,
        verifier: Verifier | None = None,
        people: "People | None" = None,
    ) -> None:
        self.db = db
        self.sites = sites
        self.settings = db.settings
        self.verifier = verifier
        self.people = people
        self.origins = frozenset(
            origin.lower() for origin in db.settings.cors_origins if origin != "*"
        )

    async def viewer(self, request: Request) -> Viewer:
        """Who asks: by the token if there is one, else by q2a's session, else a guest.

        A token that is not accepted never makes a guest of anybody.

        :raises RequestRefused: if a token is not accepted, or has no account and can get none
        """
        try:
            token = bearer.token_of(request.headers.getlist("authorization"))
            identity, session = await self._by_cookies(request)
            if token is not None:
                return await self._by_token(request, token, identity)
            if session is not None and self.settings.accept_q2a_sessions:
                return await self._by_session(request, session, identity)
        except Unauthenticated as error:
            raise RequestRefused(401, str(error), code=UNAUTHENTICATED, headers=CHALLENGE) from None
        except Unavailable as error:
            raise RequestRefused(503, str(error), code=INTERNAL, headers=TRY_AGAIN) from None
        except DomainError as error:
            raise _refused(error) from None
        return Viewer(cookie_id=identity.cookie_id, address=identity.address)

    async def is_anybody(self, request: Request) -> bool:
        """Whether the viewer is a guest of whom nothing is known that an answer depends on.

        Cookies count on POST only, but for the one of whoever has just written, and wants to see
        that; addresses only where the owner has blocked them.
        """
        headers = request.headers
        if "authorization" in headers or (request.method != "GET" and "cookie" in headers):
            return False
        if has_written(request):
            return False
        site = await self.sites.get()
        rules = site.options.block_ips_write
        if not rules:
            return True
        address = address_of(request, trusted=self.settings.trusted_proxies)
        return not is_blocked(address, rules=rules)

    async def _by_cookies(self, request: Request) -> tuple[Identity, cookies.SessionCookie | None]:
        """What is known without a token. Cookies count only where no foreign page sends them."""
        address = address_of(request, trusted=self.settings.trusted_proxies)
        if "cookie" not in request.headers or not await self._honours_cookies(request):
            return Identity(address=address), None
        sent = request.cookies
        identity = Identity(cookie_id=cookies.guest_id_of(sent), address=address)
        return identity, cookies.session_of(sent)

    async def _honours_cookies(self, request: Request) -> bool:
        site = await self.sites.get()
        headers = request.headers
        return cookies.are_honoured(
            method=request.method,
            content_type=headers.get("content-type", ""),
            origins=headers.getlist("origin"),
            host=headers.get("host", ""),
            allowed=self.origins | {cookies.origin_of(site.url)},
        )

    async def _by_token(self, request: Request, token: str, identity: Identity) -> Viewer:
        if self.verifier is None or self.people is None:
            raise Unauthenticated("Tokens are not accepted here.")
        claims = await self.verifier.verify(token)
        writes = request.scope.get(WRITES, True)
        return await self.people.viewer(claims, token=token, identity=identity, writes=writes)

    async def _by_session(
        self, request: Request, session: cookies.SessionCookie, identity: Identity
    ) -> Viewer:
        async with database_of(request, self.db).read() as connection:
            viewer = await viewers.by_session(
                connection, handle=session.handle, code=session.code, identity=identity
            )
        # Browsers send a cookie until it is deleted, also one that has become worthless.
        return viewer or Viewer(cookie_id=identity.cookie_id, address=identity.address)


def visitors_of(db: Database, sites: SiteCache, *, issuer: "LocalIssuer | None" = None) -> Visitors:
    """The visitors of a site as its settings want them.

    :param issuer: hands out tokens that are accepted besides those of the settings' user pool
    :raises SettingError: if the user pool is set up only in part
    """
    settings = db.settings
    if issuer is None and not (settings.cognito_user_pool_id or settings.cognito_issuer):
        # Cryptography takes a while to load.
        return Visitors(db, sites)

    from app.auth import cognito
    from app.auth.people import People
    from app.auth.verifiers import verifier_of
    from app.domain.arrivals import Rules

    policy = cognito.policy_of(settings)
    pool = cognito.user_pool_of(settings, policy) if policy else None
    rules = Rules(dict(settings.cognito_group_levels), settings.cognito_follow)
    people = People(db, sites, rules=rules, pool=pool)
    return Visitors(db, sites, verifier=verifier_of(settings, policy, issuer), people=people)


def recognizing(db: Database, identify: Identify) -> Recognize:
    """Recognizes viewers where somebody else says who they are, such as a test."""

    async def recognize(request: Request) -> Viewer:
        identity = await identify(request)
        if identity.user_id is None:
            return Viewer(cookie_id=identity.cookie_id, address=identity.address)
        async with database_of(request, db).read() as connection:
            return await viewers.load(connection, identity=identity)

    return recognize


def _refused(error: DomainError) -> RequestRefused:
    message, extensions = explained(error)
    code = extensions.pop("code")
    headers = None
    if isinstance(error, RateLimited):
        headers = {"retry-after": str(error.retry_after)}
    status = STATUS.get(code, 400)
    return RequestRefused(status, message, code=code, headers=headers, **extensions)
