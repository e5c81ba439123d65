"""What recording a view takes and gives."""

from typing import Annotated

import strawberry

from schema.errors import Failure
from schema.questions import Question


@strawberry.input(description="A view of a question's page.")
class RecordViewInput:
    question_id: strawberry.ID = strawberry.field(description="The global id of the question.")


@strawberry.type(description="The view was taken note of.")
class RecordViewSuccess:
    question: Question = strawberry.field(description="The question as it is now.")
    is_counted: bool = strawberry.field(
        description="Whether it counts: not if the same address came last, if it is the author's, "
        "if the program does not look like a browser, or if the site does not count views."
    )


RecordViewResult = Annotated[
    RecordViewSuccess | Failure,
    strawberry.union("RecordViewResult", description="The question, or why there is no view."),
]
