"""Deleting posts for good."""

from typing import Annotated

import strawberry

from app.domain import deleting
from resolvers.acts import act_on
from schema.context import Info
from schema.deleting import DeletePostInput, DeletePostResult, DeletePostSuccess
from schema.kinds import post_of


@strawberry.type
class DeleteMutation:
    @strawberry.mutation(
        description="Delete a hidden post for good. Nothing may depend on it: no answers, "
        "comments, follow-on questions or closing note below it, no duplicates of it."
    )
    async def delete_post(
        self,
        info: Info,
        input: Annotated[DeletePostInput, strawberry.argument(description="The post.")],
    ) -> DeletePostResult:
        locked = await act_on(info.context, input.id, deleting.delete)
        parent = post_of(locked.parent) if locked.parent else None
        return DeletePostSuccess(deleted_id=input.id, parent=parent)
