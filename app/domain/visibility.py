"""Visibility: a post becomes visible, hidden or queued, with all that follows (FACTS 2 and 3)."""

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.running import update_row
from app.domain import changes, counters, locking, points, recounts, word_index
from app.domain.changes import ChangeKind
from app.domain.locking import Locked
from app.domain.threads import PARENT
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState, UserPoints
from app.models.kinds import post_type


async def change(
    connection: AsyncConnection,
    *,
    writer: Writer,
    locked: Locked,
    state: PostState,
    stamp: bool = True,
    by_id: int | None = None,
) -> Locked:
    """Put a locked post into another state, and bring up everything that counts or finds it.

    Who may do that is the caller's to decide, and so is whom to tell.

    :param stamp: note it as the post's last change; approving and rejecting do not
    :param by_id: whose change it was; None: nobody's, when flags hid the post
    :returns: the thread as it is now
    """
    post = locked.post
    if post.kind is PostKind.QUESTION:
        await counters.lock_categories(connection, paths=[post.category_path])
    values: dict[Any, Any] = {Post.type: post_type(post.kind, state)}
    if stamp:
        values |= {**changes.stamp(writer, ChangeKind.VISIBILITY), Post.changed_by_id: by_id}
    await update_row(connection, Post, post.id, values)
    if post.kind is PostKind.ANSWER:
        await _settle_question(connection, writer, locked, state)
    ids = [post.id, *await ids_below(connection, post.id)]
    await word_index.renew(connection, post_ids=ids)
    await _settle_people(connection, writer, locked)
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    return changed


async def _settle_question(
    connection: AsyncConnection, writer: Writer, locked: Locked, state: PostState
) -> None:
    """Count the question's answers, and drop the choice of one that is no longer visible."""
    question = locked.question
    if state is not PostState.VISIBLE and question.accepted_answer_id == locked.post.id:
        await update_row(connection, Post, question.id, {Post.accepted_answer_id: None})
    await recounts.answers(connection, options=writer.options, question_id=question.id)


async def _settle_people(connection: AsyncConnection, writer: Writer, locked: Locked) -> None:
    figures = [points.POSTED[locked.post.kind]]
    people = [locked.post.author_id]
    if locked.post.kind is not PostKind.COMMENT:
        figures += [UserPoints.accepted_by_user_count, UserPoints.accepted_answer_count]
        people.append(locked.question.author_id)
    await points.recount(connection, options=writer.options, user_ids=people, figures=figures)


async def ids_below(connection: AsyncConnection, post_id: int) -> list[int]:
    """Everything below a post but follow-on questions, which are threads of their own."""
    query = (
        select(Post.id)
        .join(PARENT, Post.parent_id == PARENT.id)
        .where(
            or_(
                Post.parent_id == post_id,
                and_(PARENT.parent_id == post_id, PARENT.type.like("A%")),
            ),
            Post.type.not_like("Q%"),
        )
    )
    return list((await connection.execute(query)).scalars())
