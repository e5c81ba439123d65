"""Writing on walls, sending private messages, dismissing notices."""

from typing import Annotated

import strawberry

from app.domain import messaging
from schema.context import Info
from schema.messages import PrivateMessage, WallPost
from schema.messaging import (
    DeleteWallPostInput,
    DeleteWallPostResult,
    DeleteWallPostSuccess,
    DismissNoticeInput,
    DismissNoticeResult,
    DismissNoticeSuccess,
    PostOnWallInput,
    PostOnWallResult,
    PostOnWallSuccess,
    SendMessageInput,
    SendMessageResult,
    SendMessageSuccess,
    user_named,
)
from schema.users import User
from schema.viewers import Viewer


@strawberry.type
class MessageMutation:
    @strawberry.mutation(description="Write on somebody's wall, for everybody to read.")
    async def post_on_wall(
        self,
        info: Info,
        input: Annotated[PostOnWallInput, strawberry.argument(description="The wall post.")],
    ) -> PostOnWallResult:
        owner_id = user_named(input.user_id)
        row = await info.context.write(
            lambda connection, writer: messaging.post_on_wall(
                connection,
                writer=writer,
                owner_id=owner_id,
                content=input.content,
                key=input.idempotency_key,
            )
        )
        return PostOnWallSuccess(wall_post=WallPost.of(row))

    @strawberry.mutation(
        description="Delete a post from a wall: from one's own, or what one wrote last on "
        "another, or as a moderator."
    )
    async def delete_wall_post(
        self,
        info: Info,
        input: Annotated[DeleteWallPostInput, strawberry.argument(description="The wall post.")],
    ) -> DeleteWallPostResult:
        owner = await info.context.write(
            lambda connection, writer: messaging.delete_wall_post(
                connection, writer=writer, message_id=input.database_id
            )
        )
        return DeleteWallPostSuccess(user=User.of(owner))

    @strawberry.mutation(
        description="Send somebody a private message. They get it by mail, too; nobody learns "
        "the other's address."
    )
    async def send_message(
        self,
        info: Info,
        input: Annotated[SendMessageInput, strawberry.argument(description="The message.")],
    ) -> SendMessageResult:
        recipient_id = user_named(input.user_id)
        row = await info.context.write(
            lambda connection, writer: messaging.send(
                connection,
                writer=writer,
                recipient_id=recipient_id,
                content=input.content,
                key=input.idempotency_key,
            )
        )
        return SendMessageSuccess(private_message=PrivateMessage.of(row) if row else None)

    @strawberry.mutation(description="See a notice no more.")
    async def dismiss_notice(
        self,
        info: Info,
        input: Annotated[DismissNoticeInput, strawberry.argument(description="The notice.")],
    ) -> DismissNoticeResult:
        context = info.context
        await context.write(
            lambda connection, writer: messaging.dismiss_notice(
                connection, writer=writer, notice_id=input.database_id
            )
        )
        account = context.viewer.account
        assert account is not None
        return DismissNoticeSuccess(viewer=Viewer.of(context, account))
