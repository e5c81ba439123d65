"""Lists of questions that belong to something, such as a tag or a category."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import listings
from app.domain.categories import CategoryTree
from app.domain.listings import Listing
from app.domain.pages import Page
from app.domain.posts import PostRow
from app.domain.questions import Filters


async def pages_by_listing(
    connection: AsyncConnection, wanted: list[Listing], *, tree: CategoryTree
) -> dict[Listing, Page[PostRow]]:
    return await listings.fetch(connection, tree=tree, wanted=wanted)


async def counts_by_filters(
    connection: AsyncConnection, wanted: list[Filters], *, tree: CategoryTree
) -> dict[Filters, int]:
    return await listings.counts(connection, tree=tree, wanted=wanted)
