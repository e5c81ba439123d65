"""Hiding posts, and showing them again."""

from typing import Annotated

import strawberry

from app.domain import hiding
from app.models import PostState
from resolvers.acts import act_on
from schema.context import Info
from schema.hiding import (
    HidePostInput,
    HidePostResult,
    HidePostSuccess,
    ReshowPostInput,
    ReshowPostResult,
    ReshowPostSuccess,
)
from schema.kinds import written


@strawberry.type
class HideMutation:
    @strawberry.mutation(
        description="Hide a post. What stands below it stays as it is, but cannot be reached; an "
        "answer that is hidden is no longer the accepted one."
    )
    async def hide_post(
        self,
        info: Info,
        input: Annotated[HidePostInput, strawberry.argument(description="The post.")],
    ) -> HidePostResult:
        locked = await act_on(info.context, input.id, hiding.hide)
        return HidePostSuccess(post=written(info.context, locked))

    @strawberry.mutation(
        description="Show a hidden post again. What its author shows may have to wait for a "
        "moderator, as a new post would."
    )
    async def reshow_post(
        self,
        info: Info,
        input: Annotated[ReshowPostInput, strawberry.argument(description="The post.")],
    ) -> ReshowPostResult:
        locked = await act_on(info.context, input.id, hiding.reshow)
        is_queued = locked.post.state is PostState.QUEUED
        return ReshowPostSuccess(post=written(info.context, locked), is_queued=is_queued)
