"""Making answers comments."""

from typing import Annotated

import strawberry

from app.domain import converting
from app.domain.errors import Invalid
from app.models import PostKind
from resolvers.acts import written_as
from schema.comments import Comment
from schema.context import Info
from schema.converting import (
    ConvertAnswerToCommentInput,
    ConvertAnswerToCommentResult,
    ConvertAnswerToCommentSuccess,
)
from schema.kinds import NamedPost, post_named
from schema.questions import Question


@strawberry.type
class ConvertMutation:
    @strawberry.mutation(
        description="Make an answer a comment on its question or on another answer. Its own "
        "comments, and questions that follow on from it, go below the same post. It counts as a "
        "comment in the limits of an hour."
    )
    async def convert_answer_to_comment(
        self,
        info: Info,
        input: Annotated[
            ConvertAnswerToCommentInput, strawberry.argument(description="The answer.")
        ],
    ) -> ConvertAnswerToCommentResult:
        named = post_named(input.answer_id, field="answerId", kind=PostKind.ANSWER)
        parent = _parent_of(input)
        locked = await info.context.write(
            lambda connection, writer: converting.to_comment(
                connection,
                writer=writer,
                answer_id=named.id,
                parent_id=parent.id if parent else None,
                parent_kind=parent.kind if parent else None,
            )
        )
        comment = written_as(Comment, info.context, locked)
        question = Question.of(locked.question)
        return ConvertAnswerToCommentSuccess(comment=comment, question=question)


def _parent_of(input: ConvertAnswerToCommentInput) -> NamedPost | None:
    if input.parent_id is None:
        return None
    parent = post_named(input.parent_id, field="parentId")
    if parent.kind is PostKind.COMMENT:
        raise Invalid("parentId", "A comment cannot be commented on.")
    return parent
