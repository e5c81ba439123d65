"""Converting: an answer becomes a comment, and takes along what stands below it (FACTS 2, 3)."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import (
    counters,
    limiting,
    locking,
    permissions,
    points,
    publishing,
    recounts,
    visibility,
    word_index,
    writing,
)
from app.domain.changes import ChangeKind, stamp
from app.domain.errors import Invalid
from app.domain.limits import LimitedAction
from app.domain.locking import Locked
from app.domain.posts import PostRow
from app.domain.writing import Writer
from app.models import Post, PostKind, UserPoints, Vote
from app.models.kinds import post_type


async def to_comment(
    connection: AsyncConnection,
    *,
    writer: Writer,
    answer_id: int,
    parent_id: int | None = None,
    parent_kind: PostKind | None = None,
) -> Locked:
    """Make an answer a comment on its question or on another answer to that.

    Comments on it and questions that follow on from it go below the same parent.

    :param parent_id: what it is to be a comment on; None: the question
    :param parent_kind: what the parent has to be; None: a question or an answer
    :returns: the comment with what it stands below now
    :raises NotFound: if there is no such answer, or no such parent, that the writer sees
    :raises Invalid: if the parent is the answer itself, or belongs to another question
    :raises NotAllowed: if the writer may not edit the answer, or not comment on the parent
    :raises RateLimited: if the writer has commented too often in this hour
    """
    locked = await locking.lock_post(
        connection, writer=writer, post_id=answer_id, kind=PostKind.ANSWER
    )
    parent = await _lock_parent(connection, writer, locked, parent_id, parent_kind)
    denial = permissions.convert_denial(writer.viewer, writer.options, locked.post, parent=parent)
    permissions.ensure(denial)

    await writing.mark(connection, writer=writer)
    await limiting.count(connection, writer=writer, action=LimitedAction.COMMENT)
    below = await visibility.ids_below(connection, answer_id)
    await _store(connection, writer, locked, parent)
    await recounts.answers(connection, options=writer.options, question_id=locked.question.id)
    await word_index.renew(connection, post_ids=[answer_id, *below])
    await _settle_people(connection, writer, locked)
    changed = await locking.reread(connection, locked=locked._replace(parent=parent))
    await counters.settle(connection, before=locked.rows, after=_among(changed, locked))
    await publishing.tell_of_change(
        connection,
        writer=writer,
        question=changed.question,
        post=changed.post,
        change=ChangeKind.CONVERTED,
    )
    return changed


async def _lock_parent(
    connection: AsyncConnection,
    writer: Writer,
    locked: Locked,
    parent_id: int | None,
    kind: PostKind | None,
) -> PostRow:
    if parent_id is None or parent_id == locked.question.id:
        return locked.question
    if parent_id == locked.post.id:
        raise Invalid("parentId", "An answer cannot be a comment on itself.")
    found = await locking.lock_post(connection, writer=writer, post_id=parent_id, kind=kind)
    if found.question.id != locked.question.id:
        raise Invalid("parentId", "That belongs to another question.")
    return found.post


async def _store(
    connection: AsyncConnection, writer: Writer, locked: Locked, parent: PostRow
) -> None:
    question, answer = locked.question, locked.post
    if question.accepted_answer_id == answer.id:
        this = update(Post).where(Post.id == question.id)
        await connection.execute(this.values({Post.accepted_answer_id: None}))
    below = update(Post).where(Post.parent_id == answer.id)
    await connection.execute(below.values({Post.parent_id: parent.id}))
    values: dict[Any, Any] = {
        Post.type: post_type(PostKind.COMMENT, answer.state),
        Post.parent_id: parent.id,
        **stamp(writer, ChangeKind.CONVERTED),
    }
    await connection.execute(update(Post).where(Post.id == answer.id).values(values))


async def _settle_people(connection: AsyncConnection, writer: Writer, locked: Locked) -> None:
    """Recount the author, the asker and all who voted, whom q2a forgets (FACTS 22.8)."""
    voters = select(Vote.user_id).where(Vote.post_id == locked.post.id, Vote.direction != 0)
    voter_ids = (await connection.execute(voters)).scalars().all()
    figures = [UserPoints.accepted_by_user_count, UserPoints.accepted_answer_count]
    for kind in (PostKind.ANSWER, PostKind.COMMENT):
        figures += [points.POSTED[kind], points.VOTE_POINTS[kind], *points.GIVEN[kind]]
    people = [locked.post.author_id, locked.question.author_id, *voter_ids]
    await points.recount(connection, options=writer.options, user_ids=people, figures=figures)


def _among(changed: Locked, locked: Locked) -> list[PostRow]:
    """The posts of `locked` as they are now."""
    ids = {row.id for row in locked.rows}
    return [row for row in changed.rows if row.id in ids]
