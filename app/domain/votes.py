"""Votes and flags: what a person has cast on posts (FACTS 8)."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import Vote


class VoteDirection(Enum):
    UP = 1
    NONE = 0
    DOWN = -1


class CastVote(NamedTuple):
    """What one person has done with one post."""

    direction: VoteDirection
    has_flagged: bool


NOT_CAST = CastVote(VoteDirection.NONE, has_flagged=False)


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
