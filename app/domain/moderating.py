"""Moderating: posts that wait for it are approved or rejected (FACTS 2, 3 and 7)."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import (
    announcing,
    locking,
    notifications,
    permissions,
    publishing,
    recounts,
    visibility,
    writing,
)
from app.domain.locking import Locked
from app.domain.publishing import Event
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState


async def approve(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Let everybody see a post that has waited for it; only now it is told of.

    :param kind: what it has to be; None: any of the three
    :returns: the thread as it is now
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if it does not wait, or the writer may not approve it
    """
    locked = await _lock(connection, writer, post_id, kind)
    if writer.options.moderate_update_time:
        await _renew_time(connection, writer, locked)
    changed = await visibility.change(
        connection, writer=writer, locked=locked, state=PostState.VISIBLE, stamp=False
    )
    if is_new(locked):
        await announcing.posted(connection, writer=writer, thread=changed)
        await notifications.posted(connection, writer=writer, thread=changed)
    else:
        await _announce_edit(connection, writer, changed)
    return changed


async def reject(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Hide a post that waits to be approved. Nobody is told of it.

    :param kind: what it has to be; None: any of the three
    :returns: the thread as it is now; the writer may not see the post any more
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if it does not wait, or the writer may not reject it
    """
    locked = await _lock(connection, writer, post_id, kind)
    return await visibility.change(
        connection, writer=writer, locked=locked, state=PostState.HIDDEN, stamp=False
    )


def is_new(locked: Locked) -> bool:
    """Whether the post has waited since it was posted, not since it was edited."""
    return locked.post.changed_at is None


async def _lock(
    connection: AsyncConnection, writer: Writer, post_id: int, kind: PostKind | None
) -> Locked:
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    permissions.ensure(permissions.moderate_denial(writer.viewer, writer.options, locked.post))
    await writing.mark(connection, writer=writer)
    return locked


async def _renew_time(connection: AsyncConnection, writer: Writer, locked: Locked) -> None:
    """Let the post, or its last change, be from now on, so that nobody overlooks it."""
    column: Any = Post.created_at if is_new(locked) else Post.changed_at
    this = update(Post).where(Post.id == locked.post.id)
    await connection.execute(this.values({column: writer.time}))
    if locked.post.kind is PostKind.QUESTION:
        await recounts.question_hotness(
            connection, options=writer.options, question_id=locked.post.id
        )


async def _announce_edit(connection: AsyncConnection, writer: Writer, thread: Locked) -> None:
    """Announce what has waited since it was edited, in the name of the one who edited it."""
    question, post = thread.question, thread.post
    if any(row.state is not PostState.VISIBLE for row in thread.rows):
        return
    event = Event(question.id, post.id, post.change, post.changed_by_id, writer.time)
    entities = publishing.around(question, actor_id=post.changed_by_id)
    options = writer.options
    await publishing.to_followers(connection, options=options, event=event, entities=entities)
    author = [post.author_id]
    await publishing.to_people(connection, options=options, event=event, user_ids=author)
