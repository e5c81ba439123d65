"""Hiding posts, and showing them again (FACTS 2, 3 and 10)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import locking, notifications, permissions, publishing, visibility, writing
from app.domain.changes import ChangeKind
from app.domain.locking import Locked
from app.domain.permits import Permit
from app.domain.posts import PostRow
from app.domain.publishing import event_of
from app.domain.writing import Writer
from app.models import PostKind, PostState


async def hide(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Hide a post from all but its author and those who may see hidden posts.

    :param kind: what it has to be; None: any of the three
    :returns: the thread as it is now
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if it is hidden, or the writer may not hide it
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    permissions.ensure(permissions.hide_denial(writer.viewer, writer.options, locked.post))

    await writing.mark(connection, writer=writer)
    changed = await visibility.change(
        connection,
        writer=writer,
        locked=locked,
        state=PostState.HIDDEN,
        by_id=writer.viewer.id,
    )
    question, post = changed.question, changed.post
    event = event_of(writer, question=question, post=post, change=ChangeKind.VISIBILITY)
    await publishing.to_people(
        connection, options=writer.options, event=event, user_ids=[post.author_id]
    )
    return changed


async def reshow(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Show a hidden post again; what its author shows may have to wait for a moderator.

    :param kind: what it has to be; None: any of the three
    :returns: the thread as it is now
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if it is not hidden, or the writer may not show it
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    permissions.ensure(permissions.reshow_denial(writer.viewer, writer.options, locked.post))

    await writing.mark(connection, writer=writer)
    state = _state_again(writer, locked.post)
    changed = await visibility.change(
        connection, writer=writer, locked=locked, state=state, by_id=writer.viewer.id
    )
    if state is PostState.VISIBLE:
        await publishing.tell_of_change(
            connection,
            writer=writer,
            question=changed.question,
            post=changed.post,
            change=ChangeKind.VISIBILITY,
        )
    else:
        await notifications.queued(connection, writer=writer, thread=changed)
    return changed


def _state_again(writer: Writer, post: PostRow) -> PostState:
    viewer, options = writer.viewer, writer.options
    if permissions.has_permit(viewer, options, Permit.HIDE_SHOW, post):
        return PostState.VISIBLE
    level = viewer.level_in(post.category_path)
    waits = permissions.moderation_reason(viewer, options, level=level) is not None
    return PostState.QUEUED if waits else PostState.VISIBLE
