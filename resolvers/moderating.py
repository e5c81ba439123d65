"""Approving and rejecting posts that wait for a moderator."""

from typing import Annotated

import strawberry

from app.domain import moderating
from schema.context import Info
from schema.kinds import is_seen, post_named, written
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
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: moderating.approve(
                connection, writer=writer, post_id=post_id, kind=kind
            )
        )
        return ApprovePostSuccess(post=written(info.context, locked))

    @strawberry.mutation(description="Hide a post that waits for a moderator.")
    async def reject_post(
        self,
        info: Info,
        input: Annotated[RejectPostInput, strawberry.argument(description="The post.")],
    ) -> RejectPostResult:
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: moderating.reject(
                connection, writer=writer, post_id=post_id, kind=kind
            )
        )
        seen = is_seen(info.context, locked)
        return RejectPostSuccess(post=written(info.context, locked) if seen else None)
