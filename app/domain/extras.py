"""The extra field: one more text that the owner may ask for with a question (FACTS 13)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.models import PostMeta

# The only key of a post's free values that q2a itself writes.
EXTRA_FIELD = "qa_q_extra"


async def by_questions(
    connection: AsyncConnection, *, question_ids: Sequence[int]
) -> dict[int, str]:
    """What the field holds, for the questions where it holds anything."""
    return dict(await rows_of(connection, _by_questions(), {"question_ids": question_ids}))


@prepared
def _by_questions() -> Select[Any]:
    columns: Sequence[Any] = (PostMeta.post_id, PostMeta.content)
    these = PostMeta.post_id.in_(many("question_ids"))
    return select(*columns).where(PostMeta.title == EXTRA_FIELD, these)


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
