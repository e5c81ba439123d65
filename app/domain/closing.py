"""Closing: a question takes no more answers, as a duplicate or for a reason (FACTS 2 and 3)."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.running import insert_row, update_row
from app.domain import (
    categories,
    counters,
    drafts,
    locking,
    permissions,
    posts,
    publishing,
    word_index,
    writing,
)
from app.domain.changes import ChangeKind, stamp
from app.domain.contents.formats import ContentFormat
from app.domain.errors import Invalid
from app.domain.locking import Locked
from app.domain.posts import PostRow
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type


async def close_as_duplicate(
    connection: AsyncConnection, *, writer: Writer, question_id: int, original_id: int
) -> Locked:
    """Close a question because it repeats another one.

    :returns: the question as it is now
    :raises NotFound: if the writer does not see the question, or the original
    :raises NotAllowed: if the writer may not close it
    :raises Invalid: if the original is the question itself, or is not visible to everybody
    """
    if original_id == question_id:
        raise Invalid("duplicateOf", "A question does not repeat itself.")
    found = {}
    # The older one first, so that two who close each other's questions do not deadlock.
    for id in sorted((question_id, original_id)):
        found[id] = await locking.lock_post(
            connection, writer=writer, post_id=id, kind=PostKind.QUESTION
        )
    locked, original = found[question_id], found[original_id].question
    permissions.ensure(permissions.close_denial(writer.viewer, writer.options, locked.question))
    if original.state is not PostState.VISIBLE:
        raise Invalid("duplicateOf", "Not everybody sees that question.")

    await writing.mark(connection, writer=writer)
    return await _store(connection, writer, locked, closed_by_id=original_id)


async def close_with_note(
    connection: AsyncConnection, *, writer: Writer, question_id: int, note: str
) -> Locked:
    """Close a question for a reason, which is kept as a post below it.

    :param note: plain text
    :returns: the question as it is now
    :raises NotFound: if there is no such question that the writer sees
    :raises NotAllowed: if the writer may not close it
    :raises Invalid: if the note is empty, too long, or cannot be stored
    """
    locked = await locking.lock_post(
        connection, writer=writer, post_id=question_id, kind=PostKind.QUESTION
    )
    permissions.ensure(permissions.close_denial(writer.viewer, writer.options, locked.question))
    text = await _text_of(connection, note)

    await writing.mark(connection, writer=writer)
    note_id = await _insert(connection, writer, locked.question, text)
    await word_index.renew(connection, post_ids=[note_id])
    return await _store(connection, writer, locked, closed_by_id=note_id)


async def reopen(connection: AsyncConnection, *, writer: Writer, question_id: int) -> Locked:
    """Let a question take answers again; the note that closed it is deleted.

    :returns: the question as it is now
    :raises NotFound: if there is no such question that the writer sees
    :raises NotAllowed: if it is open, or the writer may not reopen it
    """
    locked = await locking.lock_post(
        connection, writer=writer, post_id=question_id, kind=PostKind.QUESTION
    )
    permissions.ensure(permissions.reopen_denial(writer.viewer, writer.options, locked.question))

    await writing.mark(connection, writer=writer)
    return await _store(connection, writer, locked, closed_by_id=None)


async def _text_of(connection: AsyncConnection, note: str) -> str:
    try:
        content = await drafts.content_of(
            connection, text=note, format=ContentFormat.PLAIN, min_length=1
        )
    except Invalid as error:
        raise Invalid("note", str(error)) from error
    return content.text


async def _insert(connection: AsyncConnection, writer: Writer, question: PostRow, text: str) -> int:
    viewer = writer.viewer
    values: dict[Any, Any] = {
        Post.type: post_type(PostKind.NOTE),
        Post.parent_id: question.id,
        Post.author_id: viewer.id,
        Post.cookie_id: viewer.cookie_id if viewer.account is None else None,
        Post.created_at: writer.time,
        Post.created_from: viewer.address,
        Post.content: text,
        **dict(zip(categories.COLUMNS, question.category_path, strict=True)),
    }
    return await insert_row(connection, Post, values)


async def _store(
    connection: AsyncConnection, writer: Writer, locked: Locked, *, closed_by_id: int | None
) -> Locked:
    """Close or reopen the question, count it so, and tell of it."""
    question = locked.question
    values: dict[Any, Any] = {
        Post.closed_by_id: closed_by_id,
        **stamp(writer, ChangeKind.CLOSED),
    }
    await update_row(connection, Post, question.id, values)
    if closed_by_id is None and question.closed_by_id is not None:
        await _delete_note(connection, question, question.closed_by_id)
    await publishing.tell_of_change(
        connection, writer=writer, question=question, post=question, change=ChangeKind.CLOSED
    )
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    return changed


async def _delete_note(connection: AsyncConnection, question: PostRow, note_id: int) -> None:
    """Delete what had closed the question, if that is its own note."""
    own = (Post.id == note_id) & (Post.parent_id == question.id) & (Post.type == "NOTE")
    if (await connection.execute(posts.rows(own))).first():
        await word_index.remove(connection, post_ids=[note_id])
        await connection.execute(delete(Post).where(Post.id == note_id))
