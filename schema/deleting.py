"""What deleting posts takes and gives."""

from typing import Annotated

import strawberry

from schema.errors import Failure
from schema.posts import Post


@strawberry.input(description="A hidden post to delete for good.")
class DeletePostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.type(description="The post is gone.")
class DeletePostSuccess:
    deleted_id: strawberry.ID = strawberry.field(
        description="The global id of the post that there is no more."
    )
    parent: Post | None = strawberry.field(
        description="What the post stood below, as it is now; null for a question."
    )


DeletePostResult = Annotated[
    DeletePostSuccess | Failure,
    strawberry.union("DeletePostResult", description="What was deleted, or why it was not."),
]
