"""Lists of questions that belong to something, such as a tag or a category."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import listings, related
from app.domain.categories import CategoryTree
from app.domain.listings import Listing
from app.domain.options import Options
from app.domain.pages import Page
from app.domain.posts import Detail, PostRow
from app.domain.questions import Filters
from app.domain.related import Related


async def pages_by_listing(
    connection: AsyncConnection, wanted: list[Listing], *, tree: CategoryTree, detail: Detail
) -> dict[Listing, Page[PostRow]]:
    return await listings.fetch(connection, tree=tree, wanted=wanted, detail=detail)


async def counts_by_filters(
    connection: AsyncConnection, wanted: list[Filters], *, tree: CategoryTree
) -> dict[Filters, int]:
    return await listings.counts(connection, tree=tree, wanted=wanted)


async def related_by_question(
    connection: AsyncConnection, ids: list[int], *, options: Options, frequency: int
) -> dict[int, list[Related]]:
    return await related.by_questions(
        connection,
        question_ids=ids,
        frequency=frequency,
        match=options.match_related_qs,
        most=options.page_size_related_qs,
    )
