"""From a verified token to the account it stands for."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.claims import Claims, Unavailable
from app.auth.cognito import UserPool
from app.auth.memory import Memory
from app.auth.tokens import LEEWAY, REMEMBERED_TOKENS
from app.db import Database
from app.db.transactions import transact
from app.domain import accounts, arrivals, viewers
from app.domain.accounts import Person
from app.domain.arrivals import Rules
from app.domain.sites import SiteCache
from app.domain.viewers import Flag, Identity, Viewer

# User names that nobody chose: random ones, and those of social sign-in, which hold the person's
# number at the other service.
MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\w+_[0-9]{6,}", re.IGNORECASE)


class People:
    """Knows whom tokens stand for; a token that it has seen costs one statement, or none.

    :param pool: whom to ask for what an access token does not say
    """

    def __init__(
        self, db: Database, sites: SiteCache, *, rules: Rules, pool: UserPool | None = None
    ) -> None:
        self.db = db
        self.sites = sites
        self.rules = rules
        self.pool = pool
        self._seen: Memory[bool] = Memory(REMEMBERED_TOKENS)
        self._recent: Memory[Viewer] = Memory(REMEMBERED_TOKENS)

    async def viewer(
        self, claims: Claims, *, token: str, identity: Identity, writes: bool
    ) -> Viewer:
        """The viewer whose token this is. Who has no account gets one.

        Who only reads may be seen as they were `VIEWER_CACHE_SECONDS` ago.

        :param token: the one that the claims are of
        :param identity: what else is known of the request
        :param writes: whether the request may change something
        :raises NotAllowed: if there is no account, and none can be made now or from there
        :raises RateLimited: if too many have been made from there in this hour
        :raises Unauthenticated: if the user pool does not accept the token any more
        :raises Unavailable: if the user pool had to be asked, and does not answer
        """
        now = time.time()
        if writes:
            # Whoever has changed something wants to see it.
            self._recent.forget(claims.digest)
            return await self._loaded(self.db.primary, claims, token, identity, now)
        recent = self._recent.get(claims.digest, now=now)
        if recent is None:
            recent = await self._loaded(self.db, claims, token, identity, now)
            until = now + self.db.settings.viewer_cache_seconds
            self._recent.keep(claims.digest, recent, until=until)
        return Viewer(recent.account, identity.cookie_id, identity.address, recent.category_levels)

    async def _loaded(
        self, db: Database, claims: Claims, token: str, identity: Identity, now: float
    ) -> Viewer:
        if self._seen.get(claims.digest, now=now):
            async with db.read() as connection:
                viewer = await viewers.by_subject(
                    connection, subject=claims.subject, identity=identity
                )
            # Otherwise the account was deleted, or the replica has not heard of it yet.
            if viewer is not None:
                return viewer
        viewer = await self._admit(claims, token, identity)
        self._seen.keep(claims.digest, True, until=claims.expires_at + LEEWAY)
        return viewer

    async def _admit(self, claims: Claims, token: str, identity: Identity) -> Viewer:
        person = await self._person(claims, token)
        site = await self.sites.get()
        now = datetime.now(UTC)

        async def admit(connection: AsyncConnection) -> Viewer:
            account = await accounts.find(connection, subject=person.subject)
            if account is None:
                entry = await accounts.enter(
                    connection, person=person, site=site, address=identity.address, now=now
                )
                account = entry.account
            await arrivals.record(
                connection,
                account=account,
                person=person,
                rules=self.rules,
                site=site,
                address=identity.address,
                issued_at=datetime.fromtimestamp(claims.issued_at, UTC),
                now=now,
            )
            viewer = await viewers.by_subject(connection, subject=person.subject, identity=identity)
            assert viewer is not None
            return viewer

        return await transact(self.db, admit)

    async def _person(self, claims: Claims, token: str) -> Person:
        """Who it is, by the token and, where it matters, by what the pool knows besides."""
        if self.pool is None or claims.email:
            return _person(claims, {})
        async with self.db.read() as connection:
            account = await accounts.find(connection, subject=claims.subject)
        if account is None:
            return _person(claims, await self.pool.attributes(token, claims))
        if not self.rules.follow and not account.flags & Flag.MUST_CONFIRM:
            return _person(claims, {})
        try:
            return _person(claims, await self.pool.attributes(token, claims))
        except Unavailable:
            # Whoever has an account need not wait for the pool; the next token will do.
            return _person(claims, {})


def _person(claims: Claims, attributes: Mapping[str, str]) -> Person:
    handle = claims.handle or attributes.get("preferred_username", "")
    username = claims.username or attributes.get("username", "")
    nobody_chose_it = username == claims.subject or MADE_UP.fullmatch(username)
    verified = attributes.get("email_verified") == "true"
    return Person(
        subject=claims.subject,
        email=claims.email or attributes.get("email", ""),
        email_verified=claims.email_verified if claims.email else verified,
        wishes=(handle, "" if nobody_chose_it else username),
        groups=claims.groups,
    )
