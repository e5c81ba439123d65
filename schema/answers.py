"""Answers."""

from typing import Self

import strawberry

from app.domain import permissions
from app.domain.posts import PostRow
from schema.comments import comment_list, question_list
from schema.context import Context, Info, later
from schema.posts import LazyQuestion, Post
from schema.rights import granted, may
from schema.threads import question_of


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

    comments = comment_list("Comments on it, oldest first.")

    follow_ups = question_list(
        "Questions that follow on from it, oldest first.",
        lambda loaders: loaders.follow_ups,
        lambda loaders: loaders.follow_up_count,
    )

    @strawberry.field(description="Whether the viewer may choose it as the best answer.")
    async def viewer_can_accept(self, info: Info) -> bool:
        context = info.context
        question = await question_of(context, self.row)
        denial = permissions.accept_answer_denial(
            context.viewer, context.options, self.row, question=question
        )
        return granted(context, self.row, denial)

    @strawberry.field(
        description="Whether the viewer may make it a comment on the question. To make it one on "
        "another answer takes `viewerCanEdit` here and `viewerCanComment` there."
    )
    async def viewer_can_convert(self, info: Info) -> bool:
        context = info.context
        question = await question_of(context, self.row)
        denial = permissions.convert_denial(
            context.viewer, context.options, self.row, parent=question
        )
        return granted(context, self.row, denial)

    viewer_can_follow_up = may(
        permissions.follow_denial, "Whether the viewer may ask a question that follows on from it."
    )
