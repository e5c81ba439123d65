"""Mutations that are tried without changing the site, in hundreds, at the cost of none."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api import schema
from app.aws.storage import storage_of
from app.db import Database
from app.domain import viewers
from app.domain.sites import SiteCache
from app.domain.viewers import Identity, Viewer
from app.endpoint.errors import BAD_USER_INPUT
from schema.context import Context
from tests.conftest import settings_for
from tests.thread import FAILURE


class _Undone(Exception):
    """A transaction ends here, whatever it has written."""


class Rehearsal(Database):
    """A database whose transactions are all rolled back in the end.

    `first` is what each of them begins with: what somebody else has done just before.
    """

    first: Sequence[Executable] = ()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with super().begin() as connection:
                for statement in self.first:
                    await connection.execute(statement)
                yield connection
                raise _Undone
        except _Undone:
            pass


@dataclass
class Stage:
    """Where mutations are tried, each by the schema itself, but without HTTP.

    `now` is the time of all of them.
    """

    db: Rehearsal
    now: datetime
    people: dict[Identity, Viewer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.storage, self.sites = storage_of(self.db.settings), SiteCache(self.db)

    async def attempt(self, mutation: str, input: dict[str, Any], *, who: Identity) -> str:
        """What a mutation comes to.

        `Success`, the reason of a denial, `Invalid` with the field, the name of another error; or
        `BAD_USER_INPUT` where a value is not even of the field's type.
        """
        result = await schema.execute(
            document_of(mutation),
            variable_values={"input": input},
            context_value=await self._context(who),
        )
        if result.data is None and result.errors and result.errors[0].path is None:
            return BAD_USER_INPUT
        assert result.data is not None, (mutation, input, result.errors)
        assert not result.errors, (mutation, input, result.errors)
        found = result.data["result"]
        name = str(found["__typename"])
        if name == "NotAllowed":
            return str(found["reason"])
        if name == "Invalid":
            return f"Invalid {found['field']}"
        return "Success" if name.endswith("Success") else name

    async def _context(self, who: Identity) -> Context:
        if who not in self.people:
            async with self.db.read() as connection:
                self.people[who] = await viewers.load(connection, identity=who)
        site = await self.sites.get()
        person = self.people[who]
        return Context(self.db, self.storage, self.sites, site, person, self.now, "Firefox")


def document_of(mutation: str, made: str = "") -> str:
    """A document for any input of a mutation; `made` is what its success is asked for."""
    name = mutation[0].upper() + mutation[1:]
    success = f"... on {name}Success {{ {made} }}" if made else ""
    fields = f"{FAILURE} {success}"
    return f"mutation ($input: {name}Input!) {{ result: {mutation}(input: $input) {{ {fields} }} }}"


@asynccontextmanager
async def stage_at(url: str, now: datetime) -> AsyncIterator[Stage]:
    """A stage on the site of a URL."""
    db = Rehearsal(settings_for(url))
    try:
        yield Stage(db, now)
    finally:
        await db.close()
