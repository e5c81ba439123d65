"""What every resolver can reach: the viewer, the site, the database and the loaders."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from strawberry.types import Info as StrawberryInfo

from app.auth.cookies import WROTE, guest_cookie, wrote_cookie
from app.db import Database
from app.db.transactions import Busy, transact
from app.domain import permissions, viewers
from app.domain.errors import Conflict
from app.domain.options import Options
from app.domain.permissions import ensure
from app.domain.permits import maintenance_denial
from app.domain.posts import Detail, Sight
from app.domain.sights import sight_of
from app.domain.sites import Site, SiteCache
from app.domain.storage import Storage
from app.domain.viewers import Viewer
from app.domain.writing import Writer
from dataloaders import Loaders
from schema.details import detail_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Result = TypeVar("Result")
Write: TypeAlias = "Callable[[AsyncConnection, Writer], Awaitable[Result]]"


def _tell_nobody(*_whatever: object) -> None:
    pass


@dataclass
class Context:
    """One request. `now` is when it began, with a zone; `cookies`, by their names, are
    the values of the `Set-Cookie` headers of its answer.

    `agent` is what the client's program calls itself; `tell_created` takes the key of an object
    that was just put into a storage that tells nobody itself; `tell_changed` is called when what
    others are shown has changed. `asked` are the names of the fields that anything of the request
    may be asked for; None: any.
    """

    db: Database
    storage: Storage
    sites: SiteCache
    site: Site
    viewer: Viewer
    now: datetime
    agent: str = ""
    tell_created: Callable[[str], None] = _tell_nobody
    tell_changed: Callable[[], None] = _tell_nobody
    cookies: dict[str, str] = field(default_factory=dict)
    asked: frozenset[str] | None = None

    @property
    def options(self) -> Options:
        return self.site.options

    @cached_property
    def sight(self) -> Sight:
        return sight_of(self.viewer, self.options)

    @cached_property
    def reads_questions(self) -> bool:
        """Whether the viewer may read the page of any question, wherever it is."""
        return not permissions.reading_is_limited(self.viewer, self.options)

    @cached_property
    def detail(self) -> Detail:
        """How much has to be read of posts."""
        return detail_of(self.asked)

    @cached_property
    def loaders(self) -> Loaders:
        return Loaders(self.db, self.site, self.viewer, self.sight, self.detail)

    def reading(
        self, work: "Callable[[AsyncConnection], Awaitable[Result]]"
    ) -> "Callable[[], Awaitable[Result]]":
        """`work` on a connection of its own, if and when it is called for: a count of a list."""

        async def read() -> Result:
            async with self.db.read() as connection:
                return await work(connection)

        return read

    async def write(
        self, work: "Write[Result]", *, changes_site: bool = False, is_minor: bool = False
    ) -> Result:
        """Run `work` in one transaction, and return what it returned when that was committed.

        `work` is called again if the server breaks the transaction off (decision 0040), so it
        must do nothing but call the domain.

        :param changes_site: it changes options other than counters, categories or profile fields
        :param is_minor: guests may be shown what was there before, for as long as answers are kept
        :raises NotAllowed: if only administrators may use the site at present
        :raises Conflict: if too many others are writing to the same rows
        :raises NotFound: if the viewer's account was deleted meanwhile
        """
        ensure(maintenance_denial(self.viewer, self.options))
        seen, attempts = self.viewer, count()

        async def attempt(connection: "AsyncConnection") -> tuple[Result, Viewer]:
            # What broke the first attempt off may have been a change of the viewer's account.
            is_first = next(attempts) == 0
            viewer = seen if is_first else await viewers.reload(connection, viewer=seen)
            result = await work(connection, Writer(viewer, self.site, self.now))
            return result, await viewers.reload(connection, viewer=viewer)

        try:
            result, self.viewer = await transact(self.db, attempt)
        except Busy as error:
            raise Conflict(str(error)) from error
        if not is_minor:
            self.tell_changed()
        settings = self.db.settings
        if settings.database_read_url and settings.read_own_writes_seconds:
            seconds = settings.read_own_writes_seconds
            self.cookies[WROTE] = wrote_cookie(seconds, secure=self._is_secure)
        # What was loaded before the commit may be stale now: points, a level, a vote.
        self._forget()
        if changes_site:
            self.sites.forget()
            self.site = await self.sites.get()
        return result

    @property
    def _is_secure(self) -> bool:
        return self.site.url.lower().startswith("https:")

    def know_guest(self, cookie_id: int) -> None:
        """From now on the viewer, a guest, is the one with this number, and is told so."""
        if cookie_id != self.viewer.cookie_id:
            self.viewer = replace(self.viewer, cookie_id=cookie_id)
            self.cookies["qa_id"] = guest_cookie(cookie_id, secure=self._is_secure)
            self._forget()

    def _forget(self) -> None:
        for name in ("sight", "reads_questions", "loaders"):
            self.__dict__.pop(name, None)


Info: TypeAlias = StrawberryInfo[Context, None]


def later(awaitable: Awaitable[Result]) -> Result:
    """What the executor is to wait for, as the type of what it will be.

    A resolver that only loads something returns the loader's future so: a coroutine of its own
    would take a task for each row.
    """
    return cast("Result", awaitable)
