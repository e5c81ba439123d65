"""Comments."""

from functools import partial

import strawberry

from app.domain.batches import Below
from app.domain.errors import NotFound
from app.domain.pages import Page, Window
from app.domain.posts import PostRow
from app.models import PostKind
from schema.connections import Connection
from schema.context import Context, Info, later
from schema.posts import LazyQuestion, Post, question_of


@strawberry.type(description="A comment on a question or an answer.")
class Comment(Post):
    @strawberry.field(description="The question or answer that it comments on.")
    async def parent(self, info: Info) -> Post:
        from schema.answers import Answer  # back-edges: both know their comments
        from schema.questions import Question

        row = await info.context.loaders.post.load(self.row.parent_id or 0)
        if row is None:
            raise NotFound("There is no such post.")
        return Question.of(row) if row.kind is PostKind.QUESTION else Answer.of(row)

    @strawberry.field(description="The question on whose page it stands.")
    async def question(self, info: Info) -> LazyQuestion:
        from schema.questions import Question  # a back-edge: questions know their comments

        return Question.of(await question_of(info.context, self.row))


def comments_below(context: Context, parent: PostRow, window: Window) -> Connection[Comment]:
    """The comments on a question or an answer: to be returned by a resolver as they are."""
    below = Below(parent.id, window)
    return later(context.loaders.comments.load_as(below, partial(_comments, context, parent)))


def _comments(context: Context, parent: PostRow, page: Page[PostRow]) -> Connection[Comment]:
    loaders = context.loaders
    loaders.post.prime(parent.id, parent)
    nodes = [Comment.of(row) for row in page.items]
    return Connection[Comment].of(page, nodes, lambda: loaders.comment_count.load(parent.id))
