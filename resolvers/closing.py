"""Closing and reopening questions."""

from typing import Annotated

import strawberry

from app.domain import closing
from app.domain.errors import Invalid
from app.models import PostKind
from resolvers.acts import written_as
from schema.closing import (
    CloseQuestionInput,
    CloseQuestionResult,
    CloseQuestionSuccess,
    ReopenQuestionInput,
    ReopenQuestionResult,
    ReopenQuestionSuccess,
)
from schema.context import Info
from schema.kinds import post_named
from schema.questions import Question


@strawberry.type
class CloseMutation:
    @strawberry.mutation(description="Close a question, as a duplicate or with a note.")
    async def close_question(
        self,
        info: Info,
        input: Annotated[CloseQuestionInput, strawberry.argument(description="The question.")],
    ) -> CloseQuestionResult:
        named = post_named(input.id, kind=PostKind.QUESTION)
        original_id = _original_of(input)
        locked = await info.context.write(
            lambda connection, writer: (
                closing.close_with_note(
                    connection, writer=writer, question_id=named.id, note=input.note or ""
                )
                if original_id is None
                else closing.close_as_duplicate(
                    connection, writer=writer, question_id=named.id, original_id=original_id
                )
            )
        )
        question = written_as(Question, info.context, locked)
        return CloseQuestionSuccess(question=question)

    @strawberry.mutation(
        description="Reopen a question that was closed as a duplicate or with a note; the note "
        "is deleted. What an accepted answer has closed is reopened by `unacceptAnswer`."
    )
    async def reopen_question(
        self,
        info: Info,
        input: Annotated[ReopenQuestionInput, strawberry.argument(description="The question.")],
    ) -> ReopenQuestionResult:
        named = post_named(input.id, kind=PostKind.QUESTION)
        locked = await info.context.write(
            lambda connection, writer: closing.reopen(
                connection, writer=writer, question_id=named.id
            )
        )
        question = written_as(Question, info.context, locked)
        return ReopenQuestionSuccess(question=question)


def _original_of(input: CloseQuestionInput) -> int | None:
    """The question that is repeated; None if there is a note instead.

    :raises Invalid: if there are both or neither, or it is not the global id of a question
    """
    if input.duplicate_of is None:
        if input.note is None:
            raise Invalid("note", "Give a note, or the question that it repeats.")
        return None
    if input.note is not None:
        raise Invalid("note", "A duplicate takes no note.")
    return post_named(input.duplicate_of, field="duplicateOf", kind=PostKind.QUESTION).id
