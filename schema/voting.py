"""What voting takes and gives."""

from typing import Annotated

import strawberry

from app.domain.votes import VoteDirection
from schema.errors import Failure
from schema.posts import Post


@strawberry.input(description="A vote on a question, an answer or a comment.")
class CastVoteInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")
    direction: VoteDirection = strawberry.field(
        description="Which way the vote goes from now on; NONE takes it back."
    )


@strawberry.type(description="The vote stands.")
class CastVoteSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


CastVoteResult = Annotated[
    CastVoteSuccess | Failure,
    strawberry.union("CastVoteResult", description="The post, or why there is no vote."),
]
