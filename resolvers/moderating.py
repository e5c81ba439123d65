"""Approving and rejecting posts that wait for a moderator."""

from typing import Annotated

import strawberry

from app.domain import moderating
from resolvers.acts import act_on
from schema.context import Info
from schema.kinds import is_seen, written
from schema.moderating import (
    ApprovePostInput,
    ApprovePostResult,
    ApprovePostSuccess,
    RejectPostInput,
    RejectPostResult,
    RejectPostSuccess,
)


@strawberry.type
class ModerateMutation:
    @strawberry.mutation(
        description="Let everybody see a post that waits for a moderator. Only now people are "
        "told of it, in the name of its author."
    )
    async def approve_post(
        self,
        info: Info,
        input: Annotated[ApprovePostInput, strawberry.argument(description="The post.")],
    ) -> ApprovePostResult:
        locked = await act_on(info.context, input.id, moderating.approve)
        return ApprovePostSuccess(post=written(info.context, locked))

    @strawberry.mutation(description="Hide a post that waits for a moderator.")
    async def reject_post(
        self,
        info: Info,
        input: Annotated[RejectPostInput, strawberry.argument(description="The post.")],
    ) -> RejectPostResult:
        locked = await act_on(info.context, input.id, moderating.reject)
        seen = is_seen(info.context, locked)
        return RejectPostSuccess(post=written(info.context, locked) if seen else None)
