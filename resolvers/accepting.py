"""Choosing the best answer."""

from typing import Annotated

import strawberry

from app.domain import accepting
from app.domain.accepting import Choice
from app.models import PostKind
from resolvers.acts import written_as
from schema.accepting import (
    AcceptAnswerInput,
    AcceptAnswerResult,
    AcceptAnswerSuccess,
    UnacceptAnswerInput,
    UnacceptAnswerResult,
    UnacceptAnswerSuccess,
)
from schema.answers import Answer
from schema.context import Info
from schema.kinds import post_named
from schema.questions import Question


@strawberry.type
class AcceptMutation:
    @strawberry.mutation(
        description="Choose an answer as the best, instead of any other. The same choice again "
        "changes nothing."
    )
    async def accept_answer(
        self,
        info: Info,
        input: Annotated[AcceptAnswerInput, strawberry.argument(description="The answer.")],
    ) -> AcceptAnswerResult:
        named = post_named(input.answer_id, field="answerId", kind=PostKind.ANSWER)
        choice = await info.context.write(
            lambda connection, writer: accepting.accept(
                connection, writer=writer, answer_id=named.id
            )
        )
        answer = written_as(Answer, info.context, choice.thread)
        question = Question.of(choice.thread.question)
        return AcceptAnswerSuccess(answer=answer, question=question, former_answer=_former(choice))

    @strawberry.mutation(
        description="Take the choice of the best answer back. A question without one is left as "
        "it is."
    )
    async def unaccept_answer(
        self,
        info: Info,
        input: Annotated[UnacceptAnswerInput, strawberry.argument(description="The question.")],
    ) -> UnacceptAnswerResult:
        named = post_named(input.question_id, field="questionId", kind=PostKind.QUESTION)
        choice = await info.context.write(
            lambda connection, writer: accepting.unaccept(
                connection, writer=writer, question_id=named.id
            )
        )
        question = written_as(Question, info.context, choice.thread)
        return UnacceptAnswerSuccess(question=question, former_answer=_former(choice))


def _former(choice: Choice) -> Answer | None:
    return Answer.of(choice.former) if choice.former else None
