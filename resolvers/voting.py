"""Voting on posts."""

from functools import partial
from typing import Annotated

import strawberry

from app.domain import voting
from app.monitoring import records
from resolvers.acts import act_on
from schema.context import Info
from schema.kinds import written
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
        act = partial(voting.cast, direction=input.direction)
        locked = await act_on(info.context, input.id, act)
        records.note_vote()
        return CastVoteSuccess(post=written(info.context, locked))
