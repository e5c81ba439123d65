"""The site: options, categories and profile fields, read together and kept for some seconds."""

import asyncio
import time
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.zones import Zone
from app.domain import categories, options
from app.domain.categories import CategoryTree
from app.domain.options import Options
from app.models import ProfileField


class FieldRow(NamedTuple):
    """One profile field; `permit` is on the scale of FACTS 9, None: all may see it."""

    name: str
    label: str | None
    flags: int
    permit: int | None


@dataclass(frozen=True)
class Site:
    """One consistent picture of what the owner has set up.

    `url` and `api_url` are where the site, and this API, are reached from outside.
    """

    options: Options
    categories: CategoryTree
    profile_fields: tuple[FieldRow, ...]
    zone: Zone
    url: str
    api_url: str

    @property
    def title(self) -> str:
        return self.options.site_title


class SiteCache:
    """Keeps one `Site`, and reads it anew when it is older than the setting allows."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._site: Site | None = None
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> Site:
        """The site as it was at most `site_cache_seconds` ago. Many callers cause one read."""
        if self._site is not None and not self._is_stale():
            return self._site
        async with self._lock:
            if self._site is None or self._is_stale():
                self._site = await self._read()
                self._read_at = time.monotonic()
        return self._site

    def forget(self) -> None:
        """Read it anew next time: something in it was just changed."""
        self._site = None

    def _is_stale(self) -> bool:
        return time.monotonic() - self._read_at > self._db.settings.site_cache_seconds

    async def _read(self) -> Site:
        zone = await self._db.zone()
        # It is kept: a change that the replica has not heard of would be missed for longer still.
        async with self._db.primary.read() as connection:
            found = await options.load(connection)
            url = self._db.settings.site_url or found.site_url
            return Site(
                options=found,
                categories=await categories.load(connection),
                profile_fields=await _profile_fields(connection),
                zone=zone,
                url=url,
                api_url=self._db.settings.api_url or url,
            )


async def _profile_fields(connection: AsyncConnection) -> tuple[FieldRow, ...]:
    query = select(
        ProfileField.name, ProfileField.label, ProfileField.flags, ProfileField.permit
    ).order_by(ProfileField.position, ProfileField.id)
    return tuple(FieldRow(*row) for row in (await connection.execute(query)).all())
