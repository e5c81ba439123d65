"""Votes and flags: what a person has cast on posts (FACTS 8)."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, join, or_, outerjoin, select
from sqlalchemy.ext.asyncio import AsyncConnection

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
_WITH_POST = join(Vote, Post, Vote.post_id == Post.id)
_WITH_PARENT = outerjoin(_WITH_POST, threads.PARENT, Post.parent_id == threads.PARENT.id)
_SOURCE = outerjoin(
    _WITH_PARENT, threads.GRANDPARENT, threads.PARENT.parent_id == threads.GRANDPARENT.id
)


async def by_posts(
    connection: AsyncConnection, *, user_id: int, post_ids: Sequence[int]
) -> dict[int, CastVote]:
    """The user's votes and flags among these posts."""
    query = select(Vote.post_id, Vote.direction, Vote.flagged).where(
        Vote.user_id == user_id, Vote.post_id.in_(post_ids)
    )
    return {
        post_id: CastVote(VoteDirection(direction), bool(flagged))
        for post_id, direction, flagged in (await connection.execute(query)).all()
    }


async def listing(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[VoteRow]:
    """The votes of a user that stand, on posts that everybody sees, newest posts first.

    :raises Invalid: if a cursor is not one of this list
    """
    columns = (*posts.COLUMNS, Vote.direction, Vote.cast_at, Vote.changed_at)
    statement = _standing(select(*columns), user_id)
    return await pages.fetch(
        connection, statement=statement, order=BY_POST, window=window, make=_vote
    )


async def count(connection: AsyncConnection, *, user_id: int) -> int:
    counted: int = (await connection.execute(_standing(select(func.count()), user_id))).scalar_one()
    return counted


def _standing(statement: Select[Any], user_id: int) -> Select[Any]:
    return statement.select_from(_SOURCE).where(
        Vote.user_id == user_id, Vote.direction != VoteDirection.NONE.value, _is_reachable()
    )


def _is_reachable() -> ColumnElement[bool]:
    return or_(
        Post.type == PostKind.QUESTION.value,
        and_(Post.type == PostKind.ANSWER.value, threads.answer_is_reachable(NOBODY)),
        and_(Post.type == PostKind.COMMENT.value, threads.comment_is_reachable(NOBODY)),
    )


def _vote(row: Sequence[Any]) -> VoteRow:
    direction, cast_at, changed_at = row[-3:]
    return VoteRow(PostRow.of(row[:-3]), VoteDirection(direction), cast_at, changed_at)
