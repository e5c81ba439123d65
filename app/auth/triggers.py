"""What Cognito asks of the site: old passwords, new accounts, and what tokens are to say.

`Triggers.handle` answers one event; `handler` is the Lambda function that Cognito invokes.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth import passwords
from app.auth.passwords import WrongPassword
from app.config import Settings
from app.db import Database
from app.db.transactions import transact
from app.domain import accounts, sign_ins
from app.domain.accounts import AccountRow, Person
from app.domain.addresses import packed
from app.domain.errors import DomainError
from app.domain.sign_ins import Candidate
from app.domain.sites import SiteCache
from app.domain.viewers import Flag

Event = dict[str, Any]

logger = logging.getLogger(__name__)


class TriggerFailed(Exception):
    """Cognito is to refuse. People see the text: it is the same whatever was wrong."""

    def __init__(self) -> None:
        super().__init__("The request was refused.")


class AmbiguousAddress(Exception):
    """Several accounts have the e-mail address, or this one has none: it could not be linked."""


class Triggers:
    """Answers the events of a user pool from the tables of one site."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sites = SiteCache(db)

    async def handle(self, event: Event) -> Event:
        """The event with its response filled in; events that ask for nothing come back as they are.

        :raises TriggerFailed: if Cognito is to refuse
        """
        source = str(event.get("triggerSource"))
        try:
            match source.partition("_"):
                case ("UserMigration", _, "Authentication"):
                    return await self._migrate(event)
                case ("UserMigration", _, "ForgotPassword"):
                    return await self._migrate_without_password(event)
                case ("PostConfirmation", _, _):
                    return await self._confirm(event)
                case ("TokenGeneration", _, _):
                    return await self._complete_token(event)
        except (WrongPassword, AmbiguousAddress, DomainError) as error:
            # Neither the event nor the person: both may tell what nobody should read.
            logger.info("%s was refused: %s", source, type(error).__name__)
            raise TriggerFailed from None
        except Exception as error:
            # Its text may quote what was sent to the database.
            logger.error("%s failed: %s", source, type(error).__qualname__)
            raise TriggerFailed from None
        return event

    async def _migrate(self, event: Event) -> Event:
        site = await self.sites.get()
        account = await passwords.sign_in(
            self.db,
            login=_text(event, "userName"),
            password=_text(_part(event, "request"), "password"),
            address=_address_in(event, self.db.settings),
            options=site.options,
            now=datetime.now(UTC),
        )
        await self._check_address_of(account)
        # A password does not prove an address that q2a still waits for: a mailed code will.
        is_proven = bool(account.flags & Flag.CONFIRMED) or not site.options.confirm_user_emails
        status = "CONFIRMED" if is_proven else "RESET_REQUIRED"
        return _migrated(event, account, status=status)

    async def _migrate_without_password(self, event: Event) -> Event:
        site = await self.sites.get()
        now, address = datetime.now(UTC), _address_in(event, self.db.settings)

        async def find(connection: AsyncConnection) -> Candidate | None:
            login = _text(event, "userName")
            account = await sign_ins.find(connection, login=login, options=site.options)
            await sign_ins.count_attempt(
                connection, account=account, address=address, options=site.options, now=now
            )
            return account

        account = await transact(self.db, find)
        if account is None:
            raise WrongPassword
        await self._check_address_of(account)
        return _migrated(event, account, status="RESET_REQUIRED")

    async def _check_address_of(self, account: Candidate) -> None:
        """:raises AmbiguousAddress: if the account could not be found again by its address"""
        async with self.db.primary.read() as connection:
            rival = await accounts.has_email(connection, email=account.email, except_by=account.id)
        if rival or not accounts.is_storable(account.email):
            raise AmbiguousAddress

    async def _confirm(self, event: Event) -> Event:
        await self._account_of(event)
        return event

    async def _complete_token(self, event: Event) -> Event:
        account = await self._account_of(event)
        if account is None or not self.db.settings.cognito_token_claims:
            return event
        claims = {"handle": account.handle, "q2a_user_id": str(account.id)}
        added = {"claimsToAddOrOverride": claims}
        response = event["response"] = dict(_part(event, "response"))
        if event.get("version") in ("2", "3"):
            kinds = ("idTokenGeneration", "accessTokenGeneration")
            response["claimsAndScopeOverrideDetails"] = dict.fromkeys(kinds, added)
        else:
            # The first version of the event speaks of ID tokens only.
            response["claimsOverrideDetails"] = added
        return event

    async def _account_of(self, event: Event) -> AccountRow | None:
        """The account of the event's person: found, linked or made. None for a nameless one."""
        person = _person_in(event)
        if person is None:
            return None
        async with self.db.begin() as connection:
            account = await accounts.find(connection, subject=person.subject)
        if account is not None:
            return account
        site, now = await self.sites.get(), datetime.now(UTC)
        address = _address_in(event, self.db.settings)
        entry = await transact(
            self.db,
            lambda connection: accounts.enter(
                connection, person=person, site=site, address=address, now=now
            ),
        )
        return entry.account


def _migrated(event: Event, account: Candidate, *, status: str) -> Event:
    """The event answered with an account that the pool is to take over."""
    attributes = {
        "email": account.email,
        # The pool sends codes to verified addresses only, and finds the account by one.
        "email_verified": "true",
        "preferred_username": account.handle,
    }
    response = {
        "userAttributes": attributes,
        "finalUserStatus": status,
        "messageAction": "SUPPRESS",
        "desiredDeliveryMediums": ["EMAIL"],
        "forceAliasCreation": False,
    }
    return {**event, "response": {**_part(event, "response"), **response}}


def _person_in(event: Event) -> Person | None:
    attributes = _part(_part(event, "request"), "userAttributes")
    subject = _text(attributes, "sub")
    if not subject:
        return None
    return Person(
        subject=subject,
        email=_text(attributes, "email"),
        email_verified=_text(attributes, "email_verified") == "true",
        wishes=(_text(attributes, "preferred_username"),),
    )


def _address_in(event: Event, settings: Settings) -> bytes | None:
    """The person's address, if one of the site's own servers names it; anybody else could lie."""
    client_id = _text(_part(event, "callerContext"), "clientId")
    if client_id not in settings.cognito_trusted_client_ids:
        return None
    request = _part(event, "request")
    named = [
        _text(_part(request, part), "address") for part in ("validationData", "clientMetadata")
    ]
    try:
        return packed(next(filter(None, named), ""))
    except ValueError:
        return None


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


class _Process:
    """The loop and the connections of a Lambda process, which outlive its events."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # Others in the process find it, and none of them closes it.
        asyncio.set_event_loop(self.loop)
        self.triggers = Triggers(Database(Settings.load()))


_process: _Process | None = None


def handler(event: Event, context: object) -> Event:
    """The Lambda function for all of a user pool's triggers.

    :raises TriggerFailed: if Cognito is to refuse
    """
    global _process
    if _process is None:
        _process = _Process()
    return _process.loop.run_until_complete(_process.triggers.handle(event))
