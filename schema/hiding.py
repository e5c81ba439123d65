"""What hiding posts, and showing them again, takes and gives."""

from typing import Annotated

import strawberry

from schema.errors import Failure
from schema.posts import Post


@strawberry.input(description="A post to hide.")
class HidePostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.input(description="A hidden post to show again.")
class ReshowPostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.type(description="The post is hidden.")
class HidePostSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


@strawberry.type(description="The post is no longer hidden.")
class ReshowPostSuccess:
    post: Post = strawberry.field(description="The post as it is now.")
    is_queued: bool = strawberry.field(
        description="Whether it waits for a moderator; until then only its author and moderators "
        "see it."
    )


HidePostResult = Annotated[
    HidePostSuccess | Failure,
    strawberry.union("HidePostResult", description="The post, or why it is not hidden."),
]
ReshowPostResult = Annotated[
    ReshowPostSuccess | Failure,
    strawberry.union("ReshowPostResult", description="The post, or why it stays hidden."),
]
