"""Activity: what happened to questions and to what is below them."""

import asyncio
from datetime import datetime

import strawberry

from app.domain.activity import ActivityKind, ActivityRow
from app.domain.changes import ChangeKind
from app.domain.pages import Page
from schema.changes import kind_of_change
from schema.connections import Connection, Count
from schema.context import Context, Info
from schema.enums import expose
from schema.kinds import post_of
from schema.posts import Post
from schema.questions import Question
from schema.users import User, user_of

expose(
    ActivityKind,
    description="What can happen on the site.",
    values={
        ActivityKind.ASKED: "A question was asked.",
        ActivityKind.ANSWERED: "An answer was given.",
        ActivityKind.COMMENTED: "A comment was made.",
        ActivityKind.EDITED: "A question, an answer or a comment was changed; `change` says how.",
    },
)


@strawberry.type(description="Something that happened on the page of a question.")
class Activity:
    row: strawberry.Private[ActivityRow]

    question: Question = strawberry.field(description="The question on whose page it happened.")
    post: Post = strawberry.field(
        description="What was written or changed: the question itself, an answer or a comment."
    )
    kind: ActivityKind = strawberry.field(description="What happened.")

    @strawberry.field(description="How the post was changed; null if it was written.")
    def change(self) -> ChangeKind | None:
        if self.row.kind is not ActivityKind.EDITED:
            return None
        return kind_of_change(self.row.change)

    @strawberry.field(description="When it happened.")
    def at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.at)

    @strawberry.field(description="Who did it; null for guests and for deleted accounts.")
    def by(self, info: Info) -> User | None:
        return user_of(info.context, self.row.by_id)


async def activity_of(
    context: Context, page: Page[ActivityRow], count: Count
) -> Connection[Activity]:
    """A page of activity with its posts, which one statement reads.

    What somebody hid since the page was read is left out.
    """
    nodes = await asyncio.gather(*(_activity(context, row) for row in page.items))
    return Connection.of_found(page, nodes, count)


async def _activity(context: Context, row: ActivityRow) -> Activity | None:
    load = context.loaders.post.load
    question, post = await asyncio.gather(load(row.question_id), load(row.post_id))
    if question is None or post is None:
        return None
    return Activity(row=row, question=Question.of(question), post=post_of(post), kind=row.kind)
