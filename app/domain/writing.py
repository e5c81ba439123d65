"""Writing: who does it, where and when; the same for every statement of one write."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.options import Options
from app.domain.posts import Sight
from app.domain.sights import sight_of
from app.domain.sites import Site
from app.domain.viewers import Viewer
from app.models import GuestCookie, User


@dataclass(frozen=True)
class Writer:
    """The viewer as somebody who writes. `now` is the time of the request, with a zone."""

    viewer: Viewer
    site: Site
    now: datetime

    @property
    def options(self) -> Options:
        return self.site.options

    @cached_property
    def sight(self) -> Sight:
        return sight_of(self.viewer, self.options)

    @cached_property
    def time(self) -> datetime:
        """`now` as the tables hold it: in the zone of the site, without one, in whole seconds."""
        return self.site.zone.to_local(self.now)


async def mark(connection: AsyncConnection, *, writer: Writer) -> None:
    """Note when and from where the writer wrote last (FACTS 3).

    Every write begins with it, right after the posts are locked: it locks the writer's own
    account, so that the foreign keys of what follows do not share it first and want it alone later.
    """
    viewer = writer.viewer
    if viewer.id is not None:
        account = update(User).where(User.id == viewer.id)
        await connection.execute(
            account.values({User.written_at: writer.time, User.written_from: viewer.address})
        )
    elif viewer.cookie_id is not None:
        cookie = update(GuestCookie).where(GuestCookie.id == viewer.cookie_id)
        await connection.execute(
            cookie.values(
                {GuestCookie.written_at: writer.time, GuestCookie.written_from: viewer.address}
            )
        )
