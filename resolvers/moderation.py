"""The lists that moderators work through."""

from typing import Any

import strawberry

from app.domain.moderation import Attention
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Info
from schema.moderation import posts_on
from schema.posts import Post

POSTS_SHOWN = 20


def _list_of(attention: Attention, description: str) -> Any:
    async def field(
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Post]:
        window = window_of(first, after, last, before, POSTS_SHOWN)
        return await posts_on(info.context, attention, window)

    return strawberry.field(resolver=field, description=description)


@strawberry.type
class ModerationQuery:
    moderation_queue = _list_of(
        Attention.QUEUED,
        "Posts that wait to be approved or rejected by the viewer, newest first; "
        "`FORBIDDEN` for those who may approve nothing.",
    )
    flagged_posts = _list_of(
        Attention.FLAGGED,
        "Visible posts with flags that the viewer may hide or clear, most flags "
        "first; `FORBIDDEN` for those who may hide nothing.",
    )
    hidden_posts = _list_of(
        Attention.HIDDEN,
        "Hidden posts that the viewer may show again, newest first; `FORBIDDEN` for "
        "those who may see none but their own.",
    )
