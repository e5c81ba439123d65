"""Sources: the Markdown that the HTML of a post was made from, for as long as it still is."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import many, prepared
from app.db.running import rows_of
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
    rows = await rows_of(connection, _by_posts(), {"post_ids": post_ids})
    return {id: text for id, text, hash, content in rows if hash == _digest(content or "")}


@prepared
def _by_posts() -> Select[Any]:
    columns: Sequence[Any] = (Source.post_id, Source.text, Source.content_hash, Post.content)
    with_post = select(*columns).join(Post, Post.id == Source.post_id)
    return with_post.where(Source.post_id.in_(many("post_ids")))


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
