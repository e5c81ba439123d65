"""Claiming: making a post one's own that one wrote as a guest (FACTS 3 and 10)."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import (
    answers,
    counters,
    creating,
    limiting,
    locking,
    permissions,
    points,
    recounts,
    writing,
)
from app.domain.locking import Locked
from app.domain.votes import NOT_CAST
from app.domain.writing import Writer
from app.models import Post, PostKind, UserPoints, Vote


async def claim(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Make the writer the author of a post that their cookie wrote; their vote on it is gone.

    :returns: the thread as it is now
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if it is not theirs to claim
    :raises RateLimited: if the writer has posted too often in this hour
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    question, post = locked.question, locked.post
    answered = await answers.answered_by(
        connection, viewer=writer.viewer, question_ids=[question.id]
    )
    denial = permissions.claim_denial(
        writer.viewer, writer.options, post, question=question, has_answered=bool(answered)
    )
    permissions.ensure(denial)

    await writing.mark(connection, writer=writer)
    await limiting.count(connection, writer=writer, action=creating.ACTIONS[post.kind])
    theirs = update(Post).where(Post.id == post.id)
    await connection.execute(theirs.values({Post.author_id: writer.viewer.id}))
    own = (Vote.post_id == post.id, Vote.user_id == writer.viewer.id)
    await connection.execute(delete(Vote).where(*own))
    await _recount(connection, writer, locked)
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    return changed._replace(cast=NOT_CAST)


async def _recount(connection: AsyncConnection, writer: Writer, locked: Locked) -> None:
    question, post, options = locked.question, locked.post, writer.options
    if post.kind is PostKind.QUESTION:
        await recounts.votes_on_question(connection, options=options, question_id=post.id)
    elif post.kind is PostKind.ANSWER:
        await recounts.votes_on_answer(connection, question_id=question.id, answer_id=post.id)
    else:
        await recounts.votes(connection, post_id=post.id)
    # An accepted answer counts for its author unless that is also who asked.
    accepted = select(Post.author_id).where(Post.id == (question.accepted_answer_id or 0))
    answerer = (await connection.execute(accepted)).scalar()
    figures = [
        points.POSTED[post.kind],
        points.VOTE_POINTS[post.kind],
        *points.GIVEN[post.kind],
        *points.RECEIVED,
        UserPoints.accepted_by_user_count,
        UserPoints.accepted_answer_count,
    ]
    people = [writer.viewer.id, answerer]
    await points.recount(connection, options=options, user_ids=people, figures=figures)
