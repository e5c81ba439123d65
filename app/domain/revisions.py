"""Revisions: what posts said before they were edited, which q2a forgets."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.db.zones import in_utc
from app.domain.batches import ListKind
from app.domain.orders import Key, Order
from app.domain.posts import PostRow
from app.domain.writing import Writer
from app.models.waggle import Revision


class RevisionRow(NamedTuple):
    """A post as it was until `replaced_at`, which is in UTC without a zone."""

    id: int
    post_id: int
    replaced_at: datetime
    replaced_by_id: int | None
    title: str | None
    content: str
    format: str
    tags: str | None
    category_id: int | None
    source: str | None


COLUMNS: Sequence[Any] = tuple(getattr(Revision, name) for name in RevisionRow._fields)
LIST = ListKind(
    columns=COLUMNS,
    make=RevisionRow._make,
    id=Revision.id,
    parent=Revision.post_id,
    source=Revision,
    condition=true(),
    order=Order("revisions", (Key(Revision.id, int, True),)),
)


def version_of(post: PostRow) -> str:
    """What tells a wording of a post from all others, whoever made it, q2a included."""
    words = (post.title, post.content, post.format, post.tags, post.category_id)
    return sha256(repr(words).encode()).hexdigest()[:16]


async def keep(
    connection: AsyncConnection, *, writer: Writer, post: PostRow, source: str | None
) -> None:
    """Keep what a post says before the writer changes it.

    :param source: the Markdown that its content was made from
    """
    values: dict[Any, Any] = {
        Revision.post_id: post.id,
        Revision.replaced_at: in_utc(writer.now),
        Revision.replaced_by_id: writer.viewer.id,
        Revision.title: post.title,
        Revision.content: post.content or "",
        Revision.format: post.format,
        Revision.tags: post.tags,
        Revision.category_id: post.category_id,
        Revision.source: source,
    }
    await connection.execute(insert(Revision).values(values))


async def find(
    connection: AsyncConnection, *, post_id: int, revision_id: int
) -> RevisionRow | None:
    """The revision with this id, if it is one of this post."""
    values = {"revision_id": revision_id, "of_post": post_id}
    rows = await rows_of(connection, _one(), values)
    return RevisionRow._make(rows[0]) if rows else None


@prepared
def _one() -> Select[Any]:
    is_this = Revision.id == bindparam("revision_id")
    return select(*COLUMNS).where(is_this, Revision.post_id == bindparam("of_post"))
