"""Votes and flags: what a person has cast on posts (FACTS 8)."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, join, or_, outerjoin, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of, value_of
from app.domain import pages, posts, threads
from app.domain.orders import Key, Order
from app.domain.pages import Page, Window
from app.domain.posts import NOBODY, PostRow
from app.models import Post, PostKind, Vote


class VoteDirection(Enum):
    UP = 1
    NONE = 0
    DOWN = -1


class CastVote(NamedTuple):
    """What one person has done with one post."""

    direction: VoteDirection
    has_flagged: bool


class VoteRow(NamedTuple):
    """A vote with its post. `cast_at` is None where the person had flagged the post before."""

    post: PostRow
    direction: VoteDirection
    cast_at: datetime | None
    changed_at: datetime | None


NOT_CAST = CastVote(VoteDirection.NONE, has_flagged=False)
# The index on person and post read backwards; none knows a person's votes by their time.
BY_POST = Order("votes-by-post", (Key(Vote.post_id, int, True),))
_IS_VOTER = Vote.user_id == bindparam("voter_id")
_WITH_POST = join(Vote, Post, Vote.post_id == Post.id)
_WITH_PARENT = outerjoin(_WITH_POST, threads.PARENT, Post.parent_id == threads.PARENT.id)
_SOURCE = outerjoin(
    _WITH_PARENT, threads.GRANDPARENT, threads.PARENT.parent_id == threads.GRANDPARENT.id
)


async def by_posts(
    connection: AsyncConnection, *, user_id: int, post_ids: Sequence[int]
) -> dict[int, CastVote]:
    """The user's votes and flags among these posts."""
    found = await rows_of(connection, _by_posts(), {"voter_id": user_id, "post_ids": post_ids})
    return {
        post_id: CastVote(VoteDirection(direction), bool(flagged))
        for post_id, direction, flagged in found
    }


@prepared
def _by_posts() -> Select[Any]:
    columns: Sequence[Any] = (Vote.post_id, Vote.direction, Vote.flagged)
    return select(*columns).where(_IS_VOTER, Vote.post_id.in_(many("post_ids")))


async def listing(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[VoteRow]:
    """The votes of a user that stand, on posts that everybody sees, newest posts first.

    :raises Invalid: if a cursor is not one of this list
    """
    return await pages.fetch(
        connection,
        _standing,
        values={"voter_id": user_id},
        order=BY_POST,
        window=window,
        make=_vote,
    )


async def count(connection: AsyncConnection, *, user_id: int) -> int:
    counted: int = await value_of(connection, _counted(), {"voter_id": user_id})
    return counted


def _standing() -> Select[Any]:
    columns = (*posts.COLUMNS, Vote.direction, Vote.cast_at, Vote.changed_at)
    stands = Vote.direction != VoteDirection.NONE.value
    return select(*columns).select_from(_SOURCE).where(_IS_VOTER, stands, _is_reachable())


@prepared
def _counted() -> Select[Any]:
    return _standing().with_only_columns(func.count())


def _is_reachable() -> ColumnElement[bool]:
    return or_(
        Post.type == PostKind.QUESTION.value,
        and_(Post.type == PostKind.ANSWER.value, threads.answer_is_reachable(NOBODY)),
        and_(Post.type == PostKind.COMMENT.value, threads.comment_is_reachable(NOBODY)),
    )


def _vote(row: Sequence[Any]) -> VoteRow:
    direction, cast_at, changed_at = row[-3:]
    return VoteRow(PostRow.of(row[:-3]), VoteDirection(direction), cast_at, changed_at)
