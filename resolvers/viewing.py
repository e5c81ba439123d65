"""Taking note of who reads a question."""

from typing import Annotated

import strawberry

from app.domain import viewing
from app.models import PostKind
from schema.context import Info
from schema.kinds import post_named
from schema.questions import Question
from schema.viewing import RecordViewInput, RecordViewResult, RecordViewSuccess


@strawberry.type
class ViewMutation:
    @strawberry.mutation(
        description="Take note that somebody reads a question's page, so that its views are "
        "counted. Browsers tell what they are by the header User-Agent."
    )
    async def record_view(
        self,
        info: Info,
        input: Annotated[RecordViewInput, strawberry.argument(description="The view.")],
    ) -> RecordViewResult:
        context = info.context
        named = post_named(input.question_id, field="questionId", kind=PostKind.QUESTION)
        viewed = await context.write(
            lambda connection, writer: viewing.record(
                connection, writer=writer, question_id=named.id, agent=context.agent
            ),
            # Every page that is read is such a write: nothing could be kept otherwise.
            is_minor=True,
        )
        context.loaders.post.prime(viewed.question.id, viewed.question)
        return RecordViewSuccess(
            question=Question.of(viewed.question), is_counted=viewed.is_counted
        )
