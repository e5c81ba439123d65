"""Editing posts, rolling edits back, and claiming what one wrote as a guest."""

from typing import Annotated

import strawberry

from app.domain import claiming, editing
from app.domain.wordings import Changes
from app.models import PostKind
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
from schema.kinds import post_named, written
from schema.posts import Post
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
        post = await _edited(info.context, input.id, PostKind.QUESTION, input.changes())
        assert isinstance(post, Question)
        return EditQuestionSuccess(question=post)

    @strawberry.mutation(
        description="Change an answer. What it said before is kept among its `revisions`."
    )
    async def edit_answer(
        self,
        info: Info,
        input: Annotated[EditAnswerInput, strawberry.argument(description="The changes.")],
    ) -> EditAnswerResult:
        post = await _edited(info.context, input.id, PostKind.ANSWER, input.changes())
        assert isinstance(post, Answer)
        return EditAnswerSuccess(answer=post)

    @strawberry.mutation(
        description="Change a comment. What it said before is kept among its `revisions`."
    )
    async def edit_comment(
        self,
        info: Info,
        input: Annotated[EditCommentInput, strawberry.argument(description="The changes.")],
    ) -> EditCommentResult:
        post = await _edited(info.context, input.id, PostKind.COMMENT, input.changes())
        assert isinstance(post, Comment)
        return EditCommentSuccess(comment=post)

    @strawberry.mutation(
        description="Make a post say again what it said before an edit; this is an edit, too."
    )
    async def rollback_to(
        self,
        info: Info,
        input: Annotated[RollbackToInput, strawberry.argument(description="What to go back to.")],
    ) -> RollbackToResult:
        kind, post_id = post_named(input.id)
        revision_id = input.revision()
        locked = await info.context.write(
            lambda connection, writer: editing.roll_back(
                connection, writer=writer, post_id=post_id, kind=kind, revision_id=revision_id
            )
        )
        return RollbackToSuccess(post=written(info.context, locked))

    @strawberry.mutation(description="Make a post the viewer's own that they wrote as a guest.")
    async def claim_post(
        self,
        info: Info,
        input: Annotated[ClaimPostInput, strawberry.argument(description="The post.")],
    ) -> ClaimPostResult:
        kind, post_id = post_named(input.id)
        locked = await info.context.write(
            lambda connection, writer: claiming.claim(
                connection, writer=writer, post_id=post_id, kind=kind
            )
        )
        return ClaimPostSuccess(post=written(info.context, locked))


async def _edited(context: Context, id: str, kind: PostKind, changes: Changes) -> Post:
    named = post_named(id, kind=kind)
    locked = await context.write(
        lambda connection, writer: editing.edit(
            connection, writer=writer, post_id=named.id, kind=kind, changes=changes
        )
    )
    return written(context, locked)
