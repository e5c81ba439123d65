"""What approving and rejecting posts takes and gives."""

from typing import Annotated

import strawberry

from schema.errors import Failure
from schema.posts import Post


@strawberry.input(description="A post to approve.")
class ApprovePostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.input(description="A post to reject.")
class RejectPostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.type(description="The post is approved.")
class ApprovePostSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


@strawberry.type(description="The post is hidden.")
class RejectPostSuccess:
    post: Post | None = strawberry.field(
        description="The post as it is now; null if the viewer does not see hidden posts."
    )


ApprovePostResult = Annotated[
    ApprovePostSuccess | Failure,
    strawberry.union("ApprovePostResult", description="The post, or why it is not approved."),
]
RejectPostResult = Annotated[
    RejectPostSuccess | Failure,
    strawberry.union("RejectPostResult", description="The post, or why it is not rejected."),
]
