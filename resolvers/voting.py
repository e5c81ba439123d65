"""Voting on posts."""

from typing import Annotated

import strawberry

from app.domain import voting
from app.monitoring import records
from schema.context import Info
from schema.kinds import post_named, written
from schema.voting import CastVoteInput, CastVoteResult, CastVoteSuccess


@strawberry.type
class VoteMutation:
    @strawberry.mutation(
        description="Cast, change or take back the viewer's vote on a post. The same vote again "
        "changes nothing."
    )
    async def cast_vote(
        self,
        info: Info,
        input: Annotated[CastVoteInput, strawberry.argument(description="The vote.")],
    ) -> CastVoteResult:
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: voting.cast(
                connection, writer=writer, post_id=post_id, kind=kind, direction=input.direction
            )
        )
        records.note_vote()
        return CastVoteSuccess(post=written(info.context, locked))
