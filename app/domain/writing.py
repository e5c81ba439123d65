"""Writing: who does it, where and when; the same for every statement of one write."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import run
from app.db.transactions import after_commit
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


async def lock_account(connection: AsyncConnection, *, writer: Writer) -> None:
    """Lock the writer's own account: for what changes the account itself, or what it follows."""
    this = select(User.id).where(User.id == writer.viewer.id)
    await connection.execute(this.with_for_update())


async def mark(connection: AsyncConnection, *, writer: Writer) -> None:
    """Note when and from where the writer wrote last (FACTS 3), once this write is committed.

    Votes, posts and the streams of others share rows of accounts until they are committed, by
    their foreign keys. Whoever wanted their own row alone in the same transaction would deadlock
    with them (decision 50).
    """
    viewer = writer.viewer
    model: Any = User if viewer.id is not None else GuestCookie
    number = viewer.cookie_id if viewer.id is None else viewer.id
    values = {"this": number, "now": writer.time, "address": viewer.address}

    async def store(connection: AsyncConnection) -> None:
        await run(connection, _mark(model), values)

    if number is not None:
        await after_commit(connection, store)


@prepared
def _mark(model: Any) -> Update:
    values: dict[Any, Any] = {
        model.written_at: bindparam("now"),
        model.written_from: bindparam("address"),
    }
    return update(model).where(model.id == bindparam("this")).values(values)
