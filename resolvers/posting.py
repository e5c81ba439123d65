"""Asking, answering and commenting."""

from typing import Annotated

import strawberry

from app.domain import posting
from app.domain.creating import Posted
from app.models import PostKind, PostState
from resolvers.acts import PostType, written_as
from schema.answers import Answer
from schema.comments import Comment
from schema.context import Context, Info
from schema.kinds import post_named
from schema.posting import (
    AddCommentInput,
    AddCommentResult,
    AddCommentSuccess,
    AnswerQuestionInput,
    AnswerQuestionResult,
    AnswerQuestionSuccess,
    AskQuestionInput,
    AskQuestionResult,
    AskQuestionSuccess,
)
from schema.questions import Question


@strawberry.type
class PostingMutation:
    @strawberry.mutation(description="Ask a question. Guests may where the site lets them.")
    async def ask_question(
        self,
        info: Info,
        input: Annotated[AskQuestionInput, strawberry.argument(description="The question.")],
    ) -> AskQuestionResult:
        draft = input.draft()
        posted = await info.context.write(
            lambda connection, writer: posting.ask(
                connection, writer=writer, draft=draft, key=input.idempotency_key
            )
        )
        question = _shown(Question, info.context, posted)
        return AskQuestionSuccess(question=question, is_queued=_is_queued(posted))

    @strawberry.mutation(description="Answer a question. Guests may where the site lets them.")
    async def answer_question(
        self,
        info: Info,
        input: Annotated[AnswerQuestionInput, strawberry.argument(description="The answer.")],
    ) -> AnswerQuestionResult:
        named = post_named(input.question_id, field="questionId", kind=PostKind.QUESTION)
        posted = await info.context.write(
            lambda connection, writer: posting.answer(
                connection,
                writer=writer,
                question_id=named.id,
                draft=input.draft(),
                key=input.idempotency_key,
            )
        )
        answer = _shown(Answer, info.context, posted)
        return AnswerQuestionSuccess(answer=answer, is_queued=_is_queued(posted))

    @strawberry.mutation(
        description="Comment on a question or an answer. Guests may where the site lets them."
    )
    async def add_comment(
        self,
        info: Info,
        input: Annotated[AddCommentInput, strawberry.argument(description="The comment.")],
    ) -> AddCommentResult:
        kind, parent_id = post_named(input.parent_id, field="parentId")
        posted = await info.context.write(
            lambda connection, writer: posting.comment(
                connection,
                writer=writer,
                parent_id=parent_id,
                kind=kind,
                draft=input.draft(),
                key=input.idempotency_key,
            )
        )
        comment = _shown(Comment, info.context, posted)
        return AddCommentSuccess(comment=comment, is_queued=_is_queued(posted))


def _shown(type: type[PostType], context: Context, posted: Posted) -> PostType:
    """The new post; a guest is known by it from now on."""
    if posted.cookie_id is not None:
        context.know_guest(posted.cookie_id)
    return written_as(type, context, posted.thread)


def _is_queued(posted: Posted) -> bool:
    return posted.thread.post.state is PostState.QUEUED
