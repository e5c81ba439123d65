"""Revisions and Markdown sources by post."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import batches, revisions, sources
from app.domain.batches import Below as Below
from app.domain.pages import Page
from app.domain.revisions import RevisionRow


async def revisions_by_post(
    connection: AsyncConnection, wanted: list[Below]
) -> dict[Below, Page[RevisionRow]]:
    return await batches.pages_by_parent(connection, kind=revisions.LIST, wanted=wanted)


async def revision_count_by_post(connection: AsyncConnection, ids: list[int]) -> dict[int, int]:
    return await batches.counts_by_parent(connection, kind=revisions.LIST, parent_ids=ids)


async def markdown_by_post(connection: AsyncConnection, ids: list[int]) -> dict[int, str | None]:
    return {**await sources.by_posts(connection, post_ids=ids)}
