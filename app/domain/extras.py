"""The extra field: one more text that the owner may ask for with a question (FACTS 13)."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.models import PostMeta

# The only key of a post's free values that q2a itself writes.
EXTRA_FIELD = "qa_q_extra"


async def by_questions(
    connection: AsyncConnection, *, question_ids: Sequence[int]
) -> dict[int, str]:
    """What the field holds, for the questions where it holds anything."""
    query = select(PostMeta.post_id, PostMeta.content).where(
        PostMeta.title == EXTRA_FIELD, PostMeta.post_id.in_(question_ids)
    )
    return dict((await connection.execute(query)).all())


async def store(connection: AsyncConnection, *, question_id: int, extra: str | None) -> None:
    """Fill the field of a question, or empty it."""
    if extra is None:
        of_question = (PostMeta.post_id == question_id, PostMeta.title == EXTRA_FIELD)
        await connection.execute(delete(PostMeta).where(*of_question))
        return
    row = {PostMeta.post_id: question_id, PostMeta.title: EXTRA_FIELD, PostMeta.content: extra}
    keys, changes = [PostMeta.post_id, PostMeta.title], [(PostMeta.content, extra)]
    await connection.execute(
        upsert(connection.dialect.name, PostMeta, [row], keys=keys, changes=changes)
    )
