"""Flagging: telling moderators of a post; enough flags hide it (FACTS 3 and 8)."""

from typing import Any

from sqlalchemy import Insert, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import prepared
from app.db.running import run
from app.domain import (
    counters,
    limiting,
    locking,
    notifications,
    permissions,
    publishing,
    recounts,
    visibility,
    writing,
)
from app.domain.changes import ChangeKind
from app.domain.limits import LimitedAction
from app.domain.locking import Locked
from app.domain.options import Options
from app.domain.publishing import Event
from app.domain.votes import CastVote
from app.domain.writing import Writer
from app.models import PostKind, PostState, Vote


async def flag(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Flag a post for the moderators.

    :returns: the thread as it is now: the post is hidden if that was one flag too many
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if the writer may not flag it, or has done so already
    :raises RateLimited: if the writer has flagged too often in this hour
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    has_flagged = locked.cast.has_flagged
    denial = permissions.flag_denial(
        writer.viewer, writer.options, locked.post, has_flagged=has_flagged
    )
    permissions.ensure(denial)

    await writing.mark(connection, writer=writer)
    await limiting.count(connection, writer=writer, action=LimitedAction.FLAG)
    await _store(connection, writer, post_id, 1)
    await recounts.votes(connection, post_id=post_id)
    changed = await locking.reread(connection, locked=locked)
    if changed.post.flag_count >= writer.options.flagging_hide_after:
        await _tell_author(connection, writer, changed)
        changed = await visibility.change(
            connection, writer=writer, locked=locked, state=PostState.HIDDEN
        )
    else:
        await counters.settle(connection, before=locked.rows, after=changed.rows)
    if is_told(writer.options, changed.post.flag_count):
        await notifications.flagged(connection, writer=writer, thread=changed)
    return changed._replace(cast=CastVote(locked.cast.direction, has_flagged=True))


async def unflag(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Take the writer's flag back.

    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if the writer has not flagged it, or may not write
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    has_flagged = locked.cast.has_flagged
    denial = permissions.unflag_denial(
        writer.viewer, writer.options, locked.post, has_flagged=has_flagged
    )
    permissions.ensure(denial)

    await writing.mark(connection, writer=writer)
    await _store(connection, writer, post_id, 0)
    changed = await _recounted(connection, locked)
    return changed._replace(cast=CastVote(locked.cast.direction, has_flagged=False))


async def clear(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Clear everybody's flags on a post. It does not show a post again that they have hidden.

    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if there are no flags, or the writer may not clear them
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    permissions.ensure(permissions.clear_flags_denial(writer.viewer, writer.options, locked.post))

    await writing.mark(connection, writer=writer)
    flags = update(Vote).where(Vote.post_id == post_id, Vote.flagged == 1)
    await connection.execute(flags.values({Vote.flagged: 0}))
    changed = await _recounted(connection, locked)
    return changed._replace(cast=CastVote(locked.cast.direction, has_flagged=False))


async def _store(connection: AsyncConnection, writer: Writer, post_id: int, flagged: int) -> None:
    values = {"flagger": writer.viewer.id, "post": post_id, "is_flagged": flagged}
    await run(connection, _standing_flag(connection.dialect.name), values)


@prepared
def _standing_flag(dialect: str) -> Insert:
    flagged: Any = bindparam("is_flagged")
    # A row that begins as a flag has no time of voting, nor will it get one (FACTS 8).
    new = {
        Vote.user_id: bindparam("flagger"),
        Vote.post_id: bindparam("post"),
        Vote.direction: 0,
        Vote.flagged: flagged,
    }
    keys, changes = [Vote.user_id, Vote.post_id], [(Vote.flagged, flagged)]
    return upsert(dialect, Vote, [new], keys=keys, changes=changes)


async def _recounted(connection: AsyncConnection, locked: Locked) -> Locked:
    await recounts.votes(connection, post_id=locked.post.id)
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    return changed


async def _tell_author(connection: AsyncConnection, writer: Writer, locked: Locked) -> None:
    # Nobody did it: authors do not learn who flags.
    change = ChangeKind.VISIBILITY.value
    event = Event(locked.question.id, locked.post.id, change, None, writer.time)
    author = [locked.post.author_id]
    await publishing.to_people(connection, options=writer.options, event=event, user_ids=author)


def is_told(options: Options, count: int) -> bool:
    """Whether the owner gets a mail about the flag with this number."""
    since, every = count - options.flagging_notify_first, options.flagging_notify_every
    return since == 0 or (since > 0 and every > 0 and since % every == 0)
