"""Digests: the best questions of a week, for those who want a mail about them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.zones import Zone
from app.domain import posts
from app.domain.posts import PostRow
from app.domain.unsubscribing import MailTopic
from app.models import Post, PostKind
from app.models.kinds import post_type
from app.models.waggle import Digest, Unsubscription

MOST = 10


class Week(NamedTuple):
    """A week from Monday to Monday, in the zone of the tables; `number` is such as 202647."""

    number: int
    begin: datetime
    end: datetime


class Best(NamedTuple):
    """How many questions are new, and the best of them, the very best first."""

    new_count: int
    questions: Sequence[PostRow]


def last_week(now: datetime, zone: Zone) -> Week:
    """The last week that is over.

    :param now: with a zone
    """
    today = zone.to_local(now).date()
    end = datetime.combine(today - timedelta(days=today.weekday()), time())
    begin = end - timedelta(days=7)
    year, week, _ = begin.isocalendar()
    return Week(year * 100 + week, begin, end)


async def best(connection: AsyncConnection, *, week: Week) -> Best:
    """The best of a week's visible questions: by score, then answers, then views."""
    new = (
        Post.type == post_type(PostKind.QUESTION),
        Post.created_at >= week.begin,
        Post.created_at < week.end,
    )
    count = (await connection.execute(select(func.count()).where(*new))).scalar_one()
    order = (Post.score, Post.answer_count, Post.view_count, Post.id)
    query = select(*posts.COLUMNS).where(*new, Post.score >= 0)
    query = query.order_by(*(column.desc() for column in order)).limit(MOST)
    rows = (await connection.execute(query)).all()
    return Best(count, [PostRow.of(row) for row in rows])


async def is_wanted(connection: AsyncConnection, *, user_id: int) -> bool:
    """Whether somebody has asked for digests, and not ended them since by a link in one."""
    ended = select(Unsubscription.user_id).where(
        Unsubscription.user_id == user_id, Unsubscription.topic == MailTopic.DIGESTS.value
    )
    query = select(Digest.is_wanted).where(Digest.user_id == user_id, ~ended.exists())
    return bool((await connection.execute(query)).scalar())
