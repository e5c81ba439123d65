"""Tags, asked for by name and in lists."""

from functools import partial
from typing import Annotated

import strawberry

from app.domain import tags
from app.domain.tags import TagOrder
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Info
from schema.tags import Tag


@strawberry.type
class TagQuery:
    @strawberry.field(
        description="The tag with this name, in upper or lower case; null where no visible "
        "question carries it."
    )
    async def tag(
        self, info: Info, name: Annotated[str, strawberry.argument(description="The tag itself.")]
    ) -> Tag | None:
        async with info.context.db.read() as connection:
            row = await tags.by_name(connection, name=name)
        return Tag.of(row.name, row) if row else None

    @strawberry.field(description="Tags that visible questions carry.")
    async def tags(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: Annotated[
            TagOrder | None, strawberry.argument(description="Their order.")
        ] = TagOrder.POPULAR,
        starts_with: Annotated[
            str | None, strawberry.argument(description="Only those that begin with this.")
        ] = "",
    ) -> Connection[Tag]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_tags)
        async with context.db.read() as connection:
            page = await tags.listing(
                connection,
                order_by=order_by or TagOrder.POPULAR,
                starts_with=starts_with or "",
                window=window,
            )

        count = context.reading(partial(tags.count, starts_with=starts_with or ""))
        return Connection.of(page, [Tag.of(row.name, row) for row in page.items], count)
