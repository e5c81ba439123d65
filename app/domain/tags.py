"""Tags: words that stand for a whole tag of some question (FACTS 6)."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import words
from app.models import Word


async def word_id(connection: AsyncConnection, *, name: str) -> int | None:
    """The `words` id of a tag that some visible question carries; None where there is none."""
    query = (
        select(Word.id)
        .where(func.exact(Word.text, words.lower(name)), Word.tag_count > 0)
        .order_by(Word.tag_count.desc(), Word.id)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()
