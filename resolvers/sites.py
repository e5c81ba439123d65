"""The site itself, and how often its viewer may do things."""

from typing import Annotated

import strawberry

from app.domain import limits
from app.domain.limits import LimitedAction
from schema.context import Info
from schema.limits import RateLimit
from schema.sites import Site


@strawberry.type
class SiteQuery:
    @strawberry.field(description="The site.")
    def site(self) -> Site:
        return Site()

    @strawberry.field(
        description="How often the viewer, or a guest from this address, may do things in this "
        "hour."
    )
    async def rate_limit(
        self,
        info: Info,
        action: Annotated[
            LimitedAction | None, strawberry.argument(description="Only the limit of this.")
        ] = None,
    ) -> list[RateLimit]:
        context = info.context
        async with context.db.read() as connection:
            found = await limits.allowances(
                connection, viewer=context.viewer, options=context.options, now=context.now
            )
        return [RateLimit.of(limit) for limit in found if action in (None, limit.action)]
