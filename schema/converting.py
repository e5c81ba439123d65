"""What making an answer a comment takes and gives."""

from typing import Annotated

import strawberry

from schema.comments import Comment
from schema.errors import Failure
from schema.questions import Question


@strawberry.input(description="An answer to make a comment.")
class ConvertAnswerToCommentInput:
    answer_id: strawberry.ID = strawberry.field(description="The global id of the answer.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The global id of what it is to be a comment on: its question, which it is "
        "without this, or another answer to that.",
    )


@strawberry.type(description="The answer is a comment.")
class ConvertAnswerToCommentSuccess:
    comment: Comment = strawberry.field(
        description="The comment that it is now, with another global id than the answer had."
    )
    question: Question = strawberry.field(description="Its question as it is now.")


ConvertAnswerToCommentResult = Annotated[
    ConvertAnswerToCommentSuccess | Failure,
    strawberry.union(
        "ConvertAnswerToCommentResult", description="The comment, or why it is still an answer."
    ),
]
