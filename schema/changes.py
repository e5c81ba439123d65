"""The last change of a post: what q2a notes of it, and whether it mentions it."""

from datetime import datetime, timedelta
from typing import Self

import strawberry

from app.db.zones import Zone
from app.domain.changes import ChangeKind
from app.domain.posts import PostRow
from app.models import PostState
from schema.context import Info
from schema.enums import expose
from schema.users import User, user_of

# Changes that come so soon after the post are not mentioned by q2a (FACTS 2).
UNMENTIONED = timedelta(minutes=5)


expose(
    ChangeKind,
    description="What kind of change was made to a post.",
    values={
        ChangeKind.CATEGORY: "Its category was changed.",
        ChangeKind.CLOSED: "It was closed or reopened.",
        ChangeKind.EDITED: "Its title or content was edited.",
        ChangeKind.MOVED: "It was moved below another post.",
        ChangeKind.ACCEPTED: "It was chosen as the best answer.",
        ChangeKind.RETAGGED: "Only its tags were edited.",
        ChangeKind.CONVERTED: "It was an answer and became a comment.",
        ChangeKind.VISIBILITY: "It was hidden or shown again.",
    },
)


def kind_of_change(code: str | None) -> ChangeKind:
    """The kind with this code; q2a's tables may have others, made by plugins."""
    return KINDS_OF_CHANGE.get(code or "", ChangeKind.EDITED)


KINDS_OF_CHANGE: dict[str, ChangeKind] = {kind.value: kind for kind in ChangeKind}


@strawberry.type(description="The last change of a post.")
class PostChange:
    by_id: strawberry.Private[int | None]

    kind: ChangeKind = strawberry.field(description="What was changed.")
    at: datetime = strawberry.field(description="When.")
    is_mentioned: bool = strawberry.field(
        description="Whether q2a mentions it: not a quick correction by the author, nor what is "
        "no longer in force."
    )

    @strawberry.field(
        description="Who made it; null if that was a guest, or if flags hid the post."
    )
    def by(self, info: Info) -> User | None:
        return user_of(info.context, self.by_id)

    @classmethod
    def of(cls, post: PostRow, zone: Zone) -> Self | None:
        """The last change of the post; None if there was none.

        :param zone: that of the tables
        """
        if post.changed_at is None:
            return None
        return cls(
            by_id=post.changed_by_id,
            kind=kind_of_change(post.change),
            at=zone.to_utc(post.changed_at),
            is_mentioned=_is_mentioned(post, post.changed_at),
        )


def _is_mentioned(post: PostRow, changed_at: datetime) -> bool:
    if post.change == ChangeKind.VISIBILITY.value and post.state is PostState.HIDDEN:
        return True
    if post.change == ChangeKind.CLOSED.value and post.closed_by_id is not None:
        return True
    late = changed_at - post.created_at > UNMENTIONED
    return late or post.changed_by_id != post.author_id
