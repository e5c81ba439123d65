"""The lists that moderators work through."""

import strawberry

from app.domain.moderation import Attention
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Info
from schema.moderation import posts_on
from schema.posts import Post

POSTS_SHOWN = 20


@strawberry.type
class ModerationQuery:
    @strawberry.field(
        description="Posts that wait to be approved or rejected by the viewer, newest first; "
        "`FORBIDDEN` for those who may approve nothing."
    )
    async def moderation_queue(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Post]:
        window = window_of(first, after, last, before, POSTS_SHOWN)
        return await posts_on(info.context, Attention.QUEUED, window)

    @strawberry.field(
        description="Visible posts with flags that the viewer may hide or clear, most flags "
        "first; `FORBIDDEN` for those who may hide nothing."
    )
    async def flagged_posts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Post]:
        window = window_of(first, after, last, before, POSTS_SHOWN)
        return await posts_on(info.context, Attention.FLAGGED, window)

    @strawberry.field(
        description="Hidden posts that the viewer may show again, newest first; `FORBIDDEN` for "
        "those who may see none but their own."
    )
    async def hidden_posts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Post]:
        window = window_of(first, after, last, before, POSTS_SHOWN)
        return await posts_on(info.context, Attention.HIDDEN, window)
