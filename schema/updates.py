"""Updates: what has happened to what the viewer follows, and to their own posts."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain.updates import UpdateKind, UpdateRow
from schema.context import Info
from schema.enums import expose
from schema.kinds import post_of
from schema.posts import Post
from schema.questions import Question
from schema.threads import reachable
from schema.users import User, user_of

expose(
    UpdateKind,
    description="What has happened to a post.",
    values={
        UpdateKind.WRITTEN: "It was written.",
        UpdateKind.FOLLOWED_UP: "It follows on from a post of the viewer's: a question from an "
        "answer, or a comment from a comment.",
        UpdateKind.COMMENTED_ON_QUESTION: "It is a comment on a question of the viewer's.",
        UpdateKind.COMMENTED_ON_ANSWER: "It is a comment on an answer of the viewer's.",
        UpdateKind.ACCEPTED: "It was chosen as the best answer.",
        UpdateKind.EDITED: "Its title or content was edited.",
        UpdateKind.RETAGGED: "Only its tags were edited.",
        UpdateKind.CATEGORY: "Its category was changed.",
        UpdateKind.CLOSED: "It was closed or reopened.",
        UpdateKind.VISIBILITY: "It was hidden or shown again.",
        UpdateKind.MOVED: "It was moved below another post.",
        UpdateKind.CONVERTED: "It was an answer and became a comment.",
    },
)


@strawberry.type(description="The last thing the viewer may want to know about a question.")
class Update:
    row: strawberry.Private[UpdateRow]

    kind: UpdateKind = strawberry.field(description="What has happened.")
    is_personal: bool = strawberry.field(
        description="Whether it concerns the viewer's own post; otherwise something they follow."
    )

    @classmethod
    def of(cls, row: UpdateRow) -> Self:
        return cls(row=row, kind=row.kind, is_personal=row.is_personal)

    @strawberry.field(
        description="The question on whose page it happened; null if the viewer sees it no more."
    )
    async def question(self, info: Info) -> Question | None:
        row = await info.context.loaders.post.load(self.row.question_id)
        return Question.of(row) if row else None

    @strawberry.field(
        description="The post that it happened to: the question itself, an answer or a comment; "
        "null if the viewer sees it no more."
    )
    async def post(self, info: Info) -> Post | None:
        context = info.context
        row = await reachable(context, await context.loaders.post.load(self.row.post_id))
        return post_of(row) if row else None

    @strawberry.field(description="When it happened.")
    def at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.at)

    @strawberry.field(description="Who did it; null for guests and for deleted accounts.")
    def by(self, info: Info) -> User | None:
        return user_of(info.context, self.row.by_id)
