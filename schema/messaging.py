"""What writing on walls, sending messages and dismissing notices take and give."""

from typing import Annotated

import strawberry

from app.domain.errors import Invalid
from schema import nodes
from schema.errors import Failure
from schema.messages import PrivateMessage, WallPost
from schema.posting import KEY
from schema.users import User
from schema.viewers import Viewer

CONTENT = "Plain text, 12,000 characters at the most."
NUMBER = "Its number on the site (`databaseId`)."


@strawberry.input(description="Something to write on a wall.")
class PostOnWallInput:
    user_id: strawberry.ID = strawberry.field(description="The global id of the wall's owner.")
    content: str = strawberry.field(description=CONTENT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="A wall post to delete.")
class DeleteWallPostInput:
    database_id: int = strawberry.field(description=NUMBER)


@strawberry.input(description="A private message to send.")
class SendMessageInput:
    user_id: strawberry.ID = strawberry.field(description="The global id of the recipient.")
    content: str = strawberry.field(description=CONTENT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="A notice to see no more.")
class DismissNoticeInput:
    database_id: int = strawberry.field(description=NUMBER)


@strawberry.type(description="It stands on the wall.")
class PostOnWallSuccess:
    wall_post: WallPost = strawberry.field(description="The new wall post.")


@strawberry.type(description="The wall post is deleted.")
class DeleteWallPostSuccess:
    user: User = strawberry.field(description="The owner of the wall.")


@strawberry.type(description="The message is sent.")
class SendMessageSuccess:
    private_message: PrivateMessage | None = strawberry.field(
        description="The message; null where the site keeps no messages."
    )


@strawberry.type(description="The notice is dismissed.")
class DismissNoticeSuccess:
    viewer: Viewer = strawberry.field(description="The viewer, with the notices that are left.")


PostOnWallResult = Annotated[
    PostOnWallSuccess | Failure,
    strawberry.union("PostOnWallResult", description="The wall post, or why there is none."),
]
DeleteWallPostResult = Annotated[
    DeleteWallPostSuccess | Failure,
    strawberry.union("DeleteWallPostResult", description="The owner, or why it is not deleted."),
]
SendMessageResult = Annotated[
    SendMessageSuccess | Failure,
    strawberry.union("SendMessageResult", description="The message, or why it is not sent."),
]
DismissNoticeResult = Annotated[
    DismissNoticeSuccess | Failure,
    strawberry.union("DismissNoticeResult", description="The viewer, or why it is still there."),
]


def user_named(id: str) -> int:
    """:raises Invalid: if it is not the global id of a user"""
    named = nodes.decode(id)
    if named is None or named.type != User.__name__:
        raise Invalid("userId", f"{id!r} is not the global id of a user.")
    return named.key
