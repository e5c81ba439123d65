"""Rankings: who has earned the most points."""

from functools import partial
from typing import Annotated

import strawberry

from app.domain import rankings, tags
from app.domain.errors import Invalid, NotFound
from app.domain.rankings import Group, RankingPeriod, Scope
from schema.categories import category_at
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.rankings import RankedUser


@strawberry.type
class RankingQuery:
    @strawberry.field(
        description="The 100 users who have earned the most points: overall, or by posts in one "
        "category or with one tag. A job makes the rankings once an hour; nobody who is blocked "
        "is in them."
    )
    async def ranking(
        self,
        info: Info,
        period: Annotated[
            RankingPeriod | None, strawberry.argument(description="When they were earned.")
        ] = RankingPeriod.ALL,
        category: Annotated[
            str | None,
            strawberry.argument(
                description="Only by posts in this category or below it; slugs from the top, "
                "joined by `/`."
            ),
        ] = None,
        tag: Annotated[
            str | None,
            strawberry.argument(
                description="Only by posts in questions with this tag. Give `category` or `tag`."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[RankedUser]:
        context = info.context
        group = await _group(context, category, tag)
        wanted = period or RankingPeriod.ALL
        window = window_of(first, after, last, before, context.options.page_size_users)
        async with context.db.read() as connection:
            page = await rankings.listing(connection, group=group, period=wanted, window=window)
        for row in page.items:
            context.loaders.user.prime(row.user.id, row.user)

        count = context.reading(partial(rankings.count, group=group, period=wanted))
        nodes = [RankedUser.of(row) for row in page.items]
        return Connection.of(page, nodes, count)


async def _group(context: Context, category: str | None, tag: str | None) -> Group:
    if category is not None and tag is not None:
        raise Invalid("tag", "Give `category` or `tag`, not both.")
    row = category_at(context, category)
    if row is not None:
        return Group(Scope.CATEGORY, row.id)
    if tag is None:
        return Group()
    async with context.db.read() as connection:
        tag_id = await tags.word_id(connection, name=tag)
    if tag_id is None:
        raise NotFound("There is no such tag.")
    return Group(Scope.TAG, tag_id)
