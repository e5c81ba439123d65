"""Custom pages and links that the owner has put into the site's menus (FACTS 19)."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain.options import Options
from app.domain.permits import field_denial
from app.domain.viewers import Viewer
from app.models import Page

# Bits of `pages.flags`.
EXTERNAL = 1
NEW_WINDOW = 2


class MenuPlace(Enum):
    """Where a page is linked from; the values are q2a's codes."""

    MAIN = "M"
    BEFORE_MAIN = "B"
    OPPOSITE = "O"
    FOOTER = "F"
    NOWHERE = ""


class PageRow(NamedTuple):
    """One page; `permit` is on the scale of FACTS 9, None: all may see it.

    `address` is the slug of a page of the site, or the URL that an external link leads to.
    """

    id: int
    title: str
    nav: str
    flags: int
    permit: int | None
    address: str
    heading: str | None
    content: str | None

    @property
    def is_external(self) -> bool:
        return bool(self.flags & EXTERNAL)

    @property
    def opens_new_window(self) -> bool:
        return bool(self.flags & NEW_WINDOW)

    @property
    def menu(self) -> MenuPlace:
        known = self.nav in {place.value for place in MenuPlace}
        return MenuPlace(self.nav) if known else MenuPlace.NOWHERE


async def seen_by(
    connection: AsyncConnection, *, viewer: Viewer, options: Options
) -> list[PageRow]:
    """The pages that the viewer may see, in the owner's order."""
    found = [PageRow._make(row) for row in await rows_of(connection, _all())]
    return [page for page in found if not field_denial(viewer, options, page.permit)]


@prepared
def _all() -> Select[Any]:
    columns: Sequence[Any] = (
        Page.id,
        Page.title,
        Page.nav,
        Page.flags,
        Page.permit,
        Page.slug,
        Page.heading,
        Page.content,
    )
    return select(*columns).order_by(Page.position, Page.id)
