"""What choosing the best answer takes and gives."""

from typing import Annotated

import strawberry

from schema.answers import Answer
from schema.errors import Failure
from schema.questions import Question

FORMER = (
    "The answer that was the best one until now, as it is now; null if there was none, or the "
    "viewer does not see it."
)


@strawberry.input(description="An answer to choose as the best.")
class AcceptAnswerInput:
    answer_id: strawberry.ID = strawberry.field(description="The global id of the answer.")


@strawberry.input(description="A question to take the choice of the best answer back from.")
class UnacceptAnswerInput:
    question_id: strawberry.ID = strawberry.field(description="The global id of the question.")


@strawberry.type(description="The answer is the best one.")
class AcceptAnswerSuccess:
    answer: Answer = strawberry.field(description="The answer as it is now.")
    question: Question = strawberry.field(description="Its question as it is now.")
    former_answer: Answer | None = strawberry.field(description=FORMER)


@strawberry.type(description="No answer is the best one.")
class UnacceptAnswerSuccess:
    question: Question = strawberry.field(description="The question as it is now.")
    former_answer: Answer | None = strawberry.field(description=FORMER)


AcceptAnswerResult = Annotated[
    AcceptAnswerSuccess | Failure,
    strawberry.union("AcceptAnswerResult", description="The answer, or why it is not chosen."),
]
UnacceptAnswerResult = Annotated[
    UnacceptAnswerSuccess | Failure,
    strawberry.union("UnacceptAnswerResult", description="The question, or why a choice remains."),
]
