"""Answers."""

from typing import Self

import strawberry

from app.domain import permissions
from app.domain.batches import Below
from app.domain.posts import PostRow
from schema.comments import Comment, comments_below
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info, later
from schema.posts import LazyQuestion, Post, question_of, readable

COMMENTS_SHOWN = 20


@strawberry.type(description="An answer to a question.")
class Answer(Post):
    known_question: strawberry.Private[PostRow | None] = None

    @classmethod
    def below(cls, question: PostRow, row: PostRow) -> Self:
        """An answer whose question has been read already."""
        answer = cls.of(row)
        answer.known_question = question
        return answer

    @strawberry.field(description="The question that it answers.")
    async def question(self, info: Info) -> LazyQuestion:
        from schema.questions import Question  # a back-edge: questions know their answers

        return Question.of(await question_of(info.context, self.row))

    @strawberry.field(description="Whether it was chosen as the best answer.")
    def is_accepted(self, info: Info) -> bool:
        if self.known_question is not None:
            return self.known_question.accepted_answer_id == self.row.id
        return later(self._is_accepted(info.context))

    async def _is_accepted(self, context: Context) -> bool:
        question = await question_of(context, self.row)
        return question.accepted_answer_id == self.row.id

    @strawberry.field(description="Comments on it, oldest first.")
    def comments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Comment]:
        window = window_of(first, after, last, before, COMMENTS_SHOWN)
        return comments_below(readable(info, self.row), self.row, window)

    @strawberry.field(description="Questions that follow on from it, oldest first.")
    async def follow_ups(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyQuestion]:
        from schema.questions import Question  # a back-edge: questions know their answers

        context = info.context
        window = window_of(first, after, last, before, COMMENTS_SHOWN)
        page = await context.loaders.follow_ups.load(Below(self.row.id, window))
        nodes = [Question.of(row) for row in page.items]
        return Connection[Question].of(
            page, nodes, lambda: context.loaders.follow_up_count.load(self.row.id)
        )

    @strawberry.field(description="Whether the viewer may choose it as the best answer.")
    async def viewer_can_accept(self, info: Info) -> bool:
        context = info.context
        question = await question_of(context, self.row)
        return not permissions.accept_answer_denial(
            context.viewer, context.options, self.row, question=question
        )

    @strawberry.field(
        description="Whether the viewer may make it a comment on the question. To make it one on "
        "another answer takes `viewerCanEdit` here and `viewerCanComment` there."
    )
    async def viewer_can_convert(self, info: Info) -> bool:
        context = info.context
        question = await question_of(context, self.row)
        return not permissions.convert_denial(
            context.viewer, context.options, self.row, parent=question
        )

    @strawberry.field(description="Whether the viewer may ask a question that follows on from it.")
    def viewer_can_follow_up(self, info: Info) -> bool:
        return not permissions.follow_denial(info.context.viewer, info.context.options, self.row)
