"""What stands below a question or an answer: comments, and the questions that refer to it."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import strawberry

from app.domain.batches import Below
from app.domain.errors import NotFound
from app.domain.pages import Page
from app.domain.posts import PostRow
from app.models import PostKind
from dataloaders import Loader, Loaders
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info, later
from schema.posts import LazyQuestion, Post, readable
from schema.threads import question_of

POSTS_SHOWN = 20


class _OfPost(Protocol):
    row: PostRow


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


def comment_list(description: str) -> Any:
    """A field of a question or an answer: the comments on it."""

    def field(
        self: _OfPost,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Comment]:
        window = window_of(first, after, last, before, POSTS_SHOWN)
        context, parent = readable(info, self.row), self.row
        loaded = context.loaders.comments.load_as(
            Below(parent.id, window), partial(_comments, context, parent)
        )
        return later(loaded)

    return strawberry.field(resolver=field, description=description)


def _comments(context: Context, parent: PostRow, page: Page[PostRow]) -> Connection[Comment]:
    loaders = context.loaders
    loaders.post.prime(parent.id, parent)
    nodes = [Comment.of(row) for row in page.items]
    return Connection.of(page, nodes, partial(loaders.comment_count.load, parent.id))


def question_list(
    description: str,
    pages: Callable[[Loaders], Loader[Below, Page[PostRow]]],
    counts: Callable[[Loaders], Loader[int, int]],
) -> Any:
    """A field of a question or an answer: questions that refer to it.

    :param pages: the loader that reads them
    :param counts: the loader that counts them
    """

    async def field(
        self: _OfPost,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyQuestion]:
        from schema.questions import Question  # a back-edge: questions know what refers to them

        loaders, id = info.context.loaders, self.row.id
        window = window_of(first, after, last, before, POSTS_SHOWN)
        page = await pages(loaders).load(Below(id, window))
        nodes = [Question.of(row) for row in page.items]
        return Connection.of(page, nodes, lambda: counts(loaders).load(id))

    return strawberry.field(resolver=field, description=description)
