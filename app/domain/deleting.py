"""Deleting: a hidden post is gone for good, with everything that was counted of it (FACTS 3)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, select, union, update
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain import counters, locking, permissions, points, word_index, writing
from app.domain.locking import Locked
from app.domain.posts import PostRow
from app.domain.writing import Writer
from app.models import Post, PostKind, UserPoints, Vote
from app.models.waggle import Revision, Source


async def delete(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Delete a hidden post that nothing depends on.

    :param kind: what it has to be; None: any of the three
    :returns: the thread as it is now, and the post as it was
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if it is not hidden, if others depend on it, or the writer may not delete
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    dependents = await dependents_of(connection, post_ids=[post_id])
    denial = permissions.delete_denial(
        writer.viewer, writer.options, locked.post, has_dependents=post_id in dependents
    )
    permissions.ensure(denial)

    await writing.mark(connection, writer=writer)
    voters = select(Vote.user_id).where(Vote.post_id == post_id, Vote.direction != 0)
    voter_ids = (await connection.execute(voters)).scalars().all()
    # Others may have left a choice of it, or words, behind; then these go with it.
    chosen = update(Post).where(Post.accepted_answer_id == post_id)
    await connection.execute(chosen.values({Post.accepted_answer_id: None}))
    await word_index.remove(connection, post_ids=[post_id])
    await _delete_rows(connection, post_id)
    await _settle_people(connection, writer, locked.post, voter_ids)
    changed = await locking.reread(connection, locked=locked)
    left = [row for row in changed.rows if row.id != post_id]
    await counters.settle(connection, before=locked.rows, after=left)
    return changed


async def dependents_of(connection: AsyncConnection, *, post_ids: Sequence[int]) -> set[int]:
    """Those of the posts that have something below them, a closing note included, or that are
    what other questions were closed for repeating.
    """
    found = await rows_of(connection, _dependents(), {"post_ids": post_ids})
    return {id for (id,) in found if id is not None}


@prepared
def _dependents() -> CompoundSelect[Any]:
    return union(
        select(Post.parent_id).where(Post.parent_id.in_(many("post_ids"))),
        select(Post.closed_by_id).where(Post.closed_by_id.in_(many("post_ids"))),
    )


async def _delete_rows(connection: AsyncConnection, post_id: int) -> None:
    # Votes, flags and the extra field go by foreign keys; Waggle's own tables have none.
    for own in (Revision, Source):
        await connection.execute(delete_from(own).where(own.post_id == post_id))
    await connection.execute(delete_from(Post).where(Post.id == post_id))


async def _settle_people(
    connection: AsyncConnection, writer: Writer, post: PostRow, voter_ids: Sequence[int]
) -> None:
    """Recount the author and all who voted, whom q2a forgets for a comment (FACTS 22.8)."""
    figures = [
        points.POSTED[post.kind],
        points.VOTE_POINTS[post.kind],
        *points.RECEIVED,
        *points.GIVEN[post.kind],
        UserPoints.accepted_answer_count,
        UserPoints.accepted_by_user_count,
    ]
    people = [post.author_id, *voter_ids]
    await points.recount(connection, options=writer.options, user_ids=people, figures=figures)
