"""What closing and reopening questions takes and gives."""

from typing import Annotated

import strawberry

from schema.errors import Failure
from schema.questions import Question


@strawberry.input(
    description="A question to close, and why: either `duplicateOf` or `note` has to be given."
)
class CloseQuestionInput:
    id: strawberry.ID = strawberry.field(description="The global id of the question.")
    duplicate_of: strawberry.ID | None = strawberry.field(
        default=None, description="The global id of the question that it repeats."
    )
    note: str | None = strawberry.field(
        default=None, description="The reason, as plain text of 12,000 characters at the most."
    )


@strawberry.input(description="A question to reopen.")
class ReopenQuestionInput:
    id: strawberry.ID = strawberry.field(description="The global id of the question.")


@strawberry.type(description="The question takes no more answers.")
class CloseQuestionSuccess:
    question: Question = strawberry.field(description="The question as it is now.")


@strawberry.type(description="The question takes answers again.")
class ReopenQuestionSuccess:
    question: Question = strawberry.field(
        description="The question as it is now. An accepted answer may keep it closed, where the "
        "site has it so."
    )


CloseQuestionResult = Annotated[
    CloseQuestionSuccess | Failure,
    strawberry.union("CloseQuestionResult", description="The question, or why it is not closed."),
]
ReopenQuestionResult = Annotated[
    ReopenQuestionSuccess | Failure,
    strawberry.union("ReopenQuestionResult", description="The question, or why it is not open."),
]
