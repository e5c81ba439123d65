"""Locking posts before they are written to: in one order, so that writers wait, not deadlock.

The order of all locks: the posts of one question (its own row first), the writer's account, rate
limits, votes, people's points by ascending id, words, categories, options. Whoever holds the
question's row is alone in that thread.
"""

from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain import permissions, posts
from app.domain.errors import NotFound
from app.domain.posts import COLUMNS, PostRow
from app.domain.threads import PARENT
from app.domain.votes import NOT_CAST, CastVote, VoteDirection
from app.domain.writing import Writer
from app.models import Post, PostKind, Vote
from app.models.kinds import KINDS


class Locked(NamedTuple):
    """A post that is locked, with all that it stands below.

    `parent` is the question or answer that a comment is on, and an answer's question; None for a
    question. `cast` is what the writer has cast on the post.
    """

    question: PostRow
    parent: PostRow | None
    post: PostRow
    cast: CastVote

    @property
    def rows(self) -> list[PostRow]:
        """Each of the posts once, the question first."""
        between = [self.parent] if self.parent else []
        return list({row.id: row for row in [self.question, *between, self.post]}.values())


async def lock_post(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind | None = None
) -> Locked:
    """Lock a question, answer or comment and what it stands below, and read them as they are now.

    :param kind: what it has to be; None: any of the three
    :raises NotFound: if the writer does not see such a post
    :raises NotAllowed: if the writer may not read question pages
    """
    # Questions stand below nothing that has to be locked.
    is_question = kind is PostKind.QUESTION
    path = [post_id] if is_question else await _path(connection, post_id)
    found = await _lock(connection, writer, path)
    if any(_is_below(row) and row.parent_id not in found for row, _ in found.values()):
        # It was moved below another post in the meantime: now all of its path gets locked.
        path = await _path(connection, post_id)
        found = await _lock(connection, writer, path)

    post, cast = found.get(post_id, (None, NOT_CAST))
    if post is None or (kind is not None and post.kind is not kind):
        raise NotFound("There is no such post.")
    locked = _thread({id: row for id, (row, _) in found.items()}, post, cast)
    if not all(posts.sees(writer.sight, row) for row in locked.rows):
        raise NotFound("There is no such post.")
    denial = permissions.reading_denial(writer.viewer, writer.options, locked.question)
    permissions.ensure(denial)
    return locked


async def reread(connection: AsyncConnection, *, locked: Locked) -> Locked:
    """The locked posts as the transaction has made them; those it has deleted as they were."""
    found = await posts.whatever_by_ids(connection, ids=[row.id for row in locked.rows])
    return Locked(
        question=found.get(locked.question.id, locked.question),
        parent=found.get(locked.parent.id, locked.parent) if locked.parent else None,
        post=found.get(locked.post.id, locked.post),
        cast=locked.cast,
    )


async def _path(connection: AsyncConnection, post_id: int) -> list[int]:
    """The ids of a post and of what it stands below, without any lock."""
    rows = await rows_of(connection, _parents(), {"id": post_id})
    row = rows[0] if rows else None
    if row is None or KINDS[row[0]] is PostKind.NOTE:
        raise NotFound("There is no such post.")
    path = [post_id]
    if KINDS[row[0]] is not PostKind.QUESTION:
        path.append(row[1])
        if row[2] is not None and KINDS[row[2]] is not PostKind.QUESTION:
            path.append(row[3])
    return [id for id in path if id is not None]


@prepared
def _parents() -> Select[Any]:
    return (
        select(Post.type, Post.parent_id, PARENT.type, PARENT.parent_id)
        .outerjoin(PARENT, Post.parent_id == PARENT.id)
        .where(Post.id == bindparam("id"))
    )


async def _lock(
    connection: AsyncConnection, writer: Writer, ids: list[int]
) -> dict[int, tuple[PostRow, CastVote]]:
    these = {"ids": sorted(ids), "voter": writer.viewer.id or 0}
    found = {}
    for *values, direction, flagged in await rows_of(connection, _locked(), these):
        row = PostRow.of(values)
        has_voted = direction is not None
        cast = CastVote(VoteDirection(direction), bool(flagged)) if has_voted else NOT_CAST
        found[row.id] = (row, cast)
    return found


@prepared
def _locked() -> Select[Any]:
    # Rows are locked as the primary key is read: ascending, and a question is older than what
    # stands below it, so that its row comes first.
    own = and_(Vote.post_id == Post.id, Vote.user_id == bindparam("voter"))
    return (
        select(*COLUMNS, Vote.direction, Vote.flagged)
        .outerjoin(Vote, own)
        .where(Post.id.in_(many("ids")))
        .order_by(Post.id)
        .with_for_update()
    )


def _is_below(row: PostRow) -> bool:
    return row.kind is not PostKind.QUESTION


def _thread(rows: dict[int, PostRow], post: PostRow, cast: CastVote) -> Locked:
    """:raises NotFound: if something between the post and its question is missing"""
    parent = rows.get(post.parent_id or 0) if _is_below(post) else None
    question: PostRow | None = parent or post
    if question and _is_below(question):
        question = rows.get(question.parent_id or 0)
    if question is None or question.kind is not PostKind.QUESTION:
        raise NotFound("There is no such post.")
    return Locked(question, parent, post, cast)
