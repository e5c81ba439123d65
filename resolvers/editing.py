"""Editing posts, rolling edits back, and claiming what one wrote as a guest."""

from functools import partial
from typing import Annotated

import strawberry

from app.domain import claiming, editing
from app.domain.locking import Locked
from app.models import PostKind
from resolvers.acts import act_on, written_as
from schema.answers import Answer
from schema.comments import Comment
from schema.context import Context, Info
from schema.editing import (
    ClaimPostInput,
    ClaimPostResult,
    ClaimPostSuccess,
    EditAnswerInput,
    EditAnswerResult,
    EditAnswerSuccess,
    EditCommentInput,
    EditCommentResult,
    EditCommentSuccess,
    EditQuestionInput,
    EditQuestionResult,
    EditQuestionSuccess,
    RollbackToInput,
    RollbackToResult,
    RollbackToSuccess,
)
from schema.kinds import written
from schema.questions import Question


@strawberry.type
class EditingMutation:
    @strawberry.mutation(
        description="Change a question. What it said before is kept among its `revisions`."
    )
    async def edit_question(
        self,
        info: Info,
        input: Annotated[EditQuestionInput, strawberry.argument(description="The changes.")],
    ) -> EditQuestionResult:
        locked = await _edit(info.context, input, PostKind.QUESTION)
        return EditQuestionSuccess(question=written_as(Question, info.context, locked))

    @strawberry.mutation(
        description="Change an answer. What it said before is kept among its `revisions`."
    )
    async def edit_answer(
        self,
        info: Info,
        input: Annotated[EditAnswerInput, strawberry.argument(description="The changes.")],
    ) -> EditAnswerResult:
        locked = await _edit(info.context, input, PostKind.ANSWER)
        return EditAnswerSuccess(answer=written_as(Answer, info.context, locked))

    @strawberry.mutation(
        description="Change a comment. What it said before is kept among its `revisions`."
    )
    async def edit_comment(
        self,
        info: Info,
        input: Annotated[EditCommentInput, strawberry.argument(description="The changes.")],
    ) -> EditCommentResult:
        locked = await _edit(info.context, input, PostKind.COMMENT)
        return EditCommentSuccess(comment=written_as(Comment, info.context, locked))

    @strawberry.mutation(
        description="Make a post say again what it said before an edit; this is an edit, too."
    )
    async def rollback_to(
        self,
        info: Info,
        input: Annotated[RollbackToInput, strawberry.argument(description="What to go back to.")],
    ) -> RollbackToResult:
        act = partial(editing.roll_back, revision_id=input.revision())
        locked = await act_on(info.context, input.id, act)
        return RollbackToSuccess(post=written(info.context, locked))

    @strawberry.mutation(description="Make a post the viewer's own that they wrote as a guest.")
    async def claim_post(
        self,
        info: Info,
        input: Annotated[ClaimPostInput, strawberry.argument(description="The post.")],
    ) -> ClaimPostResult:
        locked = await act_on(info.context, input.id, claiming.claim)
        return ClaimPostSuccess(post=written(info.context, locked))


async def _edit(
    context: Context, input: EditQuestionInput | EditAnswerInput | EditCommentInput, kind: PostKind
) -> Locked:
    act = partial(editing.edit, changes=input.changes())
    return await act_on(context, input.id, act, kind=kind)
