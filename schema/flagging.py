"""What flagging takes and gives."""

from typing import Annotated

import strawberry

from schema.errors import Failure
from schema.posts import Post


@strawberry.input(description="A post to flag.")
class FlagPostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.input(description="A post to take a flag back from.")
class UnflagPostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.input(description="A post to clear all flags of.")
class ClearFlagsInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.type(description="The post is flagged.")
class FlagPostSuccess:
    post: Post | None = strawberry.field(
        description="The post as it is now; null if the flag has hidden it from the viewer."
    )


@strawberry.type(description="The viewer's flag is taken back.")
class UnflagPostSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


@strawberry.type(description="Nobody's flag is left.")
class ClearFlagsSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


FlagPostResult = Annotated[
    FlagPostSuccess | Failure,
    strawberry.union("FlagPostResult", description="The post, or why it is not flagged."),
]
UnflagPostResult = Annotated[
    UnflagPostSuccess | Failure,
    strawberry.union("UnflagPostResult", description="The post, or why the flag remains."),
]
ClearFlagsResult = Annotated[
    ClearFlagsSuccess | Failure,
    strawberry.union("ClearFlagsResult", description="The post, or why the flags remain."),
]
