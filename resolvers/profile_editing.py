"""Editing one's own profile."""

from typing import Annotated

import strawberry

from app.domain import profile_editing
from schema.context import Info
from schema.profile_editing import UpdateProfileInput, UpdateProfileResult, UpdateProfileSuccess
from schema.viewers import Viewer


@strawberry.type
class ProfileMutation:
    @strawberry.mutation(
        description="Change the viewer's own profile, all of what is given or nothing."
    )
    async def update_profile(
        self,
        info: Info,
        input: Annotated[UpdateProfileInput, strawberry.argument(description="The changes.")],
    ) -> UpdateProfileResult:
        context, changes = info.context, input.changes()
        account = await context.write(
            lambda connection, writer: profile_editing.change(
                connection, writer=writer, changes=changes
            )
        )
        return UpdateProfileSuccess(viewer=Viewer.of(context, account))
