"""Flagging posts, and clearing flags."""

from typing import Annotated

import strawberry

from app.domain import flagging
from resolvers.acts import act_on
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
from schema.kinds import is_seen, written


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
        locked = await act_on(info.context, input.id, flagging.flag)
        seen = is_seen(info.context, locked)
        return FlagPostSuccess(post=written(info.context, locked) if seen else None)

    @strawberry.mutation(description="Take the viewer's flag on a post back.")
    async def unflag_post(
        self,
        info: Info,
        input: Annotated[UnflagPostInput, strawberry.argument(description="The post.")],
    ) -> UnflagPostResult:
        locked = await act_on(info.context, input.id, flagging.unflag)
        return UnflagPostSuccess(post=written(info.context, locked))

    @strawberry.mutation(
        description="Clear everybody's flags on a post. A post that they have hidden stays hidden."
    )
    async def clear_flags(
        self,
        info: Info,
        input: Annotated[ClearFlagsInput, strawberry.argument(description="The post.")],
    ) -> ClearFlagsResult:
        locked = await act_on(info.context, input.id, flagging.clear)
        return ClearFlagsSuccess(post=written(info.context, locked))
