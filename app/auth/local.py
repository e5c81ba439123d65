"""Signing in without Cognito: with a password of q2a, with a refresh token, or by mere handle."""

from datetime import UTC, datetime

from app.auth import passwords
from app.auth.claims import Unauthenticated
from app.auth.issuer import LocalIssuer, Tokens, subject_of
from app.auth.passwords import WrongPassword
from app.db import Database
from app.db.transactions import transact
from app.domain import accounts, sign_ins, users
from app.domain.sign_ins import Candidate
from app.domain.sites import SiteCache


class LocalSignIn:
    """Hands out tokens of the local issuer; each leads to the q2a account it was given for."""

    def __init__(self, db: Database, sites: SiteCache, issuer: LocalIssuer) -> None:
        self.db = db
        self.sites = sites
        self.issuer = issuer

    async def by_password(self, login: str, password: str, *, address: bytes | None) -> Tokens:
        """Tokens for a handle or e-mail address and its password.

        :raises WrongPassword: if they do not belong together
        :raises RateLimited: if there were too many attempts in this hour
        """
        site, now = await self.sites.get(), datetime.now(UTC)
        account = await passwords.sign_in(
            self.db,
            login=login,
            password=password,
            address=address,
            options=site.options,
            now=now,
        )
        subject = await self._subject_of(account)
        return await self.issuer.issue(account, subject=subject, now=now)

    async def by_refresh_token(self, token: str) -> Tokens:
        """New tokens for a refresh token.

        :raises Unauthenticated: if it is not genuine, or the password is another since
        """
        refresh = await self.issuer.read_refresh(token)
        async with self.db.begin() as connection:
            account = await sign_ins.by_id(connection, user_id=refresh.user_id)
        if account is None:
            raise Unauthenticated("The account is gone.")
        subject = await self._subject_of(account)
        return await self.issuer.renew(refresh, account, subject=subject, now=datetime.now(UTC))

    async def by_handle(self, handle: str) -> Tokens:
        """Tokens for an account whose password nobody asks for.

        :raises WrongPassword: if there is no such account
        """
        async with self.db.begin() as connection:
            user = await users.by_handle(connection, handle=handle)
            account = user and await sign_ins.by_id(connection, user_id=user.id)
        if account is None:
            raise WrongPassword
        subject = await self._subject_of(account)
        return await self.issuer.issue(account, subject=subject, now=datetime.now(UTC))

    async def _subject_of(self, account: Candidate) -> str:
        """What names the account in tokens, once that is written down for those who read them."""
        site = await self.sites.get()
        subject = subject_of(account.id, site_url=site.url)
        async with self.db.begin() as connection:
            known = await accounts.find(connection, subject=subject)
        if known is None:
            await transact(
                self.db,
                lambda connection: accounts.link(connection, user_id=account.id, subject=subject),
            )
        return subject
