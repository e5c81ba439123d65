"""Accepting: choosing the best answer to a question, and all that follows (FACTS 2, 3 and 5)."""

from typing import Any, NamedTuple

from sqlalchemy import Update, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import run, update_row
from app.domain import (
    counters,
    locking,
    notifications,
    permissions,
    points,
    posts,
    publishing,
    writing,
)
from app.domain.changes import NO_CHANGE, ChangeKind, stamp
from app.domain.locking import Locked
from app.domain.posts import PostRow
from app.domain.writing import Writer
from app.models import Post, PostKind, UserPoints


class Choice(NamedTuple):
    """The thread as it is now, and the answer that was the best one before, if there was any.

    `former` is None, too, if the writer does not see that answer.
    """

    thread: Locked
    former: PostRow | None


async def accept(connection: AsyncConnection, *, writer: Writer, answer_id: int) -> Choice:
    """Choose an answer as the best, instead of any other; the same one again changes nothing.

    :raises NotFound: if there is no such answer that the writer sees
    :raises NotAllowed: if the writer may not choose, or the answer is not visible to everybody
    """
    locked = await locking.lock_post(
        connection, writer=writer, post_id=answer_id, kind=PostKind.ANSWER
    )
    denial = permissions.accept_answer_denial(
        writer.viewer, writer.options, locked.post, question=locked.question
    )
    permissions.ensure(denial)
    if locked.question.accepted_answer_id == answer_id:
        return Choice(locked, None)
    await publishing.tell_of_change(
        connection,
        writer=writer,
        question=locked.question,
        post=locked.post,
        change=ChangeKind.ACCEPTED,
    )
    await notifications.accepted(connection, writer=writer, thread=locked)
    return await _choose(connection, writer, locked, answer_id)


async def unaccept(connection: AsyncConnection, *, writer: Writer, question_id: int) -> Choice:
    """Take the choice of the best answer back; a question without one is left as it is.

    :raises NotFound: if there is no such question that the writer sees
    :raises NotAllowed: if the writer may not choose
    """
    locked = await locking.lock_post(
        connection, writer=writer, post_id=question_id, kind=PostKind.QUESTION
    )
    permissions.ensure(permissions.accept_denial(writer.viewer, writer.options, locked.question))
    if locked.question.accepted_answer_id is None:
        return Choice(locked, None)
    return await _choose(connection, writer, locked, None)


async def _choose(
    connection: AsyncConnection, writer: Writer, locked: Locked, answer_id: int | None
) -> Choice:
    question = locked.question
    former_id = question.accepted_answer_id
    await writing.mark(connection, writer=writer)
    values: dict[Any, Any] = {Post.accepted_answer_id: answer_id}
    if writer.options.do_close_on_select:
        # That closes the question, or opens it again.
        values |= stamp(writer, ChangeKind.CLOSED)
    await update_row(connection, Post, question.id, values)
    if former_id is not None:
        await run(connection, _forgotten(), {"former": former_id})
    if answer_id is not None:
        await update_row(connection, Post, answer_id, stamp(writer, ChangeKind.ACCEPTED))
    return await _settle(connection, writer, locked, former_id)


@prepared
def _forgotten() -> Update:
    was_stamped = Post.change == ChangeKind.ACCEPTED.value
    return update(Post).where(Post.id == bindparam("former"), was_stamped).values(NO_CHANGE)


async def _settle(
    connection: AsyncConnection, writer: Writer, locked: Locked, former_id: int | None
) -> Choice:
    """Bring up everything that counts choices."""
    found = await posts.whatever_by_ids(connection, ids=[former_id or 0])
    former = found.get(former_id or 0)
    answerers = [row.author_id for row in (locked.post, former) if row]
    await points.recount(
        connection,
        options=writer.options,
        user_ids=[locked.question.author_id, *answerers],
        figures=[UserPoints.accepted_by_user_count, UserPoints.accepted_answer_count],
    )
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    return Choice(changed, former if former and posts.sees(writer.sight, former) else None)
