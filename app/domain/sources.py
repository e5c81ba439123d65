"""Sources: the Markdown that the HTML of a post was made from, for as long as it still is."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.domain.drafts import Content
from app.models import Post
from app.models.waggle import Source


async def keep(connection: AsyncConnection, *, post_id: int, content: Content) -> None:
    """Keep the source of a content that was just stored, or drop that of an older one."""
    if content.source is None:
        await connection.execute(delete(Source).where(Source.post_id == post_id))
        return
    digest = _digest(content.text)
    row = {
        Source.post_id: post_id,
        Source.text: content.source,
        Source.content_hash: digest,
    }
    changes = [(Source.text, content.source), (Source.content_hash, digest)]
    await connection.execute(
        upsert(connection.dialect.name, Source, [row], keys=[Source.post_id], changes=changes)
    )


async def by_posts(connection: AsyncConnection, *, post_ids: Sequence[int]) -> dict[int, str]:
    """The sources of those posts whose content is still what was made from them."""
    query = (
        select(Source.post_id, Source.text, Source.content_hash, Post.content)
        .join(Post, Post.id == Source.post_id)
        .where(Source.post_id.in_(post_ids))
    )
    rows = await connection.execute(query)
    return {id: text for id, text, hash, content in rows if hash == _digest(content or "")}


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
