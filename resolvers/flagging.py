"""Flagging posts, and clearing flags."""

from typing import Annotated

import strawberry

from app.domain import flagging
from schema.context import Info
from schema.flagging import (
    ClearFlagsInput,
    ClearFlagsResult,
    ClearFlagsSuccess,
    FlagPostInput,
    FlagPostResult,
    FlagPostSuccess,
    UnflagPostInput,
    UnflagPostResult,
    UnflagPostSuccess,
)
from schema.kinds import is_seen, post_named, written


@strawberry.type
class FlagMutation:
    @strawberry.mutation(
        description="Flag a post for the moderators. So many flags as the site says hide it."
    )
    async def flag_post(
        self,
        info: Info,
        input: Annotated[FlagPostInput, strawberry.argument(description="The post.")],
    ) -> FlagPostResult:
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: flagging.flag(
                connection, writer=writer, post_id=post_id, kind=kind
            )
        )
        seen = is_seen(info.context, locked)
        return FlagPostSuccess(post=written(info.context, locked) if seen else None)

    @strawberry.mutation(description="Take the viewer's flag on a post back.")
    async def unflag_post(
        self,
        info: Info,
        input: Annotated[UnflagPostInput, strawberry.argument(description="The post.")],
    ) -> UnflagPostResult:
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: flagging.unflag(
                connection, writer=writer, post_id=post_id, kind=kind
            )
        )
        return UnflagPostSuccess(post=written(info.context, locked))

    @strawberry.mutation(
        description="Clear everybody's flags on a post. A post that they have hidden stays hidden."
    )
    async def clear_flags(
        self,
        info: Info,
        input: Annotated[ClearFlagsInput, strawberry.argument(description="The post.")],
    ) -> ClearFlagsResult:
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: flagging.clear(
                connection, writer=writer, post_id=post_id, kind=kind
            )
        )
        return ClearFlagsSuccess(post=written(info.context, locked))
