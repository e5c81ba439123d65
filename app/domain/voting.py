"""Voting: one person's standing vote on a post, and all that follows from it (FACTS 3 and 8)."""

from typing import Any

from sqlalchemy import Insert, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import prepared
from app.db.running import run
from app.domain import counters, limiting, locking, permissions, points, recounts, writing
from app.domain.limits import LimitedAction
from app.domain.locking import Locked
from app.domain.votes import CastVote, VoteDirection
from app.domain.writing import Writer
from app.models import PostKind, Vote


async def cast(
    connection: AsyncConnection,
    *,
    writer: Writer,
    post_id: int,
    direction: VoteDirection,
    kind: PostKind | None = None,
) -> Locked:
    """Make `direction` the writer's standing vote on the post; the same one again changes nothing.

    :returns: the post and what it stands below, as they are now
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if the writer may not cast this vote
    :raises RateLimited: if the writer has voted too often in this hour
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    down = direction is VoteDirection.DOWN
    denial = permissions.vote_denial(writer.viewer, writer.options, locked.post, down=down)
    permissions.ensure(denial)
    if locked.cast.direction is direction:
        return locked

    await writing.mark(connection, writer=writer)
    await limiting.add(connection, writer=writer, action=LimitedAction.VOTE)
    await _store(connection, writer, post_id, direction)
    await _recount(connection, writer, locked)
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    return changed._replace(cast=CastVote(direction, locked.cast.has_flagged))


async def _store(
    connection: AsyncConnection, writer: Writer, post_id: int, direction: VoteDirection
) -> None:
    """:raises RateLimited: if the writer has voted too often in this hour"""
    statement = _standing_vote(connection.dialect.name)
    values = {
        "voter": writer.viewer.id,
        "voted": post_id,
        "way": direction.value,
        "now": writer.time,
        **limiting.limits(writer, statement),
    }
    if not (await run(connection, statement, values)).row_count:
        raise limiting.refusal(writer)


@prepared
def _standing_vote(dialect: str) -> Insert:
    way: Any = bindparam("way")
    now: Any = bindparam("now")
    new = {
        Vote.user_id: bindparam("voter"),
        Vote.post_id: bindparam("voted"),
        Vote.direction: way,
        Vote.flagged: 0,
        Vote.cast_at: now,
    }
    # A row that began as a flag never gets a `cast_at` (FACTS 8).
    changes = [(Vote.direction, way), (Vote.changed_at, now)]
    keys = [Vote.user_id, Vote.post_id]
    # One statement looks at the limits and stores the vote: votes are what is written most.
    is_within = limiting.is_within(LimitedAction.VOTE)
    return upsert(dialect, Vote, [new], keys=keys, changes=changes, only_if=is_within)


async def _recount(connection: AsyncConnection, writer: Writer, locked: Locked) -> None:
    question, post = locked.question, locked.post
    if post.kind is PostKind.QUESTION:
        await recounts.votes_on_question(connection, options=writer.options, question_id=post.id)
    elif post.kind is PostKind.ANSWER:
        await recounts.votes_on_answer(connection, question_id=question.id, answer_id=post.id)
    else:
        await recounts.votes(connection, post_id=post.id)
    await points.recount(
        connection,
        options=writer.options,
        user_ids=[writer.viewer.id, post.author_id],
        figures=[*points.GIVEN[post.kind], points.VOTE_POINTS[post.kind], *points.RECEIVED],
    )
