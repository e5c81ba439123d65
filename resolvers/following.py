"""Following questions, people, tags and categories."""

from typing import Annotated

import strawberry

from app.domain import following
from schema.context import Info
from schema.following import (
    FavoriteInput,
    FavoriteResult,
    FavoriteSuccess,
    UnfavoriteInput,
    UnfavoriteResult,
    UnfavoriteSuccess,
    shown,
    thing_named,
)


@strawberry.type
class FollowMutation:
    @strawberry.mutation(
        description="Follow a question, a user, a tag or a category: what happens there is in "
        "`viewer.updates` from now on. Following it again changes nothing."
    )
    async def favorite(
        self,
        info: Info,
        input: Annotated[FavoriteInput, strawberry.argument(description="What to follow.")],
    ) -> FavoriteResult:
        thing = thing_named(input.id)
        found = await info.context.write(
            lambda connection, writer: following.follow(connection, writer=writer, thing=thing)
        )
        return FavoriteSuccess(subject=shown(info.context, found))

    @strawberry.mutation(
        description="Follow something no more. For what is not followed, this changes nothing."
    )
    async def unfavorite(
        self,
        info: Info,
        input: Annotated[
            UnfavoriteInput, strawberry.argument(description="What to follow no more.")
        ],
    ) -> UnfavoriteResult:
        thing = thing_named(input.id)
        found = await info.context.write(
            lambda connection, writer: following.unfollow(connection, writer=writer, thing=thing)
        )
        return UnfavoriteSuccess(subject=shown(info.context, found))
