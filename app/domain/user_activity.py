"""What a user did last: posts and changes of posts, one line for each question (FACTS 15)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import pages, threads
from app.domain.activity import ActivityKind, ActivityRow
from app.domain.children import Below
from app.domain.pages import Key, Order, Page, Window
from app.domain.posts import NOBODY
from app.models import Post, PostKind

# Per kind of post: what to select from, whether it can be reached, and which question it is below.
_KINDS: tuple[tuple[ActivityKind, Any, Any, Any], ...] = (
    (ActivityKind.ASKED, Post, Post.type == PostKind.QUESTION.value, Post.id),
    (
        ActivityKind.ANSWERED,
        threads.WITH_PARENT,
        and_(Post.type == PostKind.ANSWER.value, threads.answer_is_reachable(NOBODY)),
        threads.PARENT.id,
    ),
    (
        ActivityKind.COMMENTED,
        threads.WITH_ANCESTORS,
        and_(Post.type == PostKind.COMMENT.value, threads.comment_is_reachable(NOBODY)),
        threads.ROOT_OF_COMMENT,
    ),
)


def _events(user_ids: Sequence[int]) -> Any:
    """What the users did to posts that everybody sees: wrote them, or changed them."""
    events = []
    for kind, source, condition, question_id in _KINDS:
        written = select(
            Post.author_id.label("user_id"),
            Post.id.label("post_id"),
            question_id.label("question_id"),
            literal(kind.name).label("kind"),
            null().label("change"),
            Post.created_at.label("at"),
        )
        changed = select(
            Post.changed_by_id,
            Post.id,
            question_id,
            literal(ActivityKind.EDITED.name),
            Post.change,
            Post.changed_at,
        ).where(Post.changed_by_id.in_(user_ids), Post.changed_at.is_not(None))
        events.append(written.select_from(source).where(condition, Post.author_id.in_(user_ids)))
        events.append(changed.select_from(source).where(condition))
    return union_all(*events).subquery("event")


def _lines(user_ids: Sequence[int]) -> Any:
    """The newest event of each user at each question."""
    events = _events(user_ids)
    place = func.row_number().over(
        partition_by=(events.c.user_id, events.c.question_id),
        order_by=(events.c.at.desc(), events.c.post_id.desc()),
    )
    return select(*events.c, place.label("place")).subquery("line")


async def pages_by_user(
    connection: AsyncConnection, *, wanted: Sequence[Below]
) -> dict[Below, Page[ActivityRow]]:
    """A page for each of `wanted`: one statement for all that ask for the same window.

    :raises Invalid: if a cursor is not one of this list
    """
    alike: defaultdict[Window, list[int]] = defaultdict(list)
    for below in wanted:
        alike[below.window].append(below.parent_id)
    found = {}
    for window, user_ids in alike.items():
        order, statement = _ranked(user_ids, window)
        rows: defaultdict[int, list[Any]] = defaultdict(list)
        for user_id, *row in (await connection.execute(statement)).all():
            rows[user_id].append(row)
        for user_id in user_ids:
            found[Below(user_id, window)] = pages.paged(
                rows[user_id], order=order, window=window, width=6, make=_activity
            )
    return found


def _ranked(user_ids: Sequence[int], window: Window) -> tuple[Order, Select[Any]]:
    """Per user the lines of the window and one more."""
    line = _lines(user_ids)
    order = Order("user-activity", (Key(line.c.at, datetime, True), Key(line.c.post_id, int, True)))
    clauses = order.clauses(backwards=window.backwards)
    place = func.row_number().over(partition_by=line.c.user_id, order_by=clauses)
    newest = pages.within(
        select(*line.c, place.label("rank")).where(line.c.place == 1), order, window
    ).subquery("newest")
    columns = (newest.c[name] for name in ("user_id", *_COLUMNS, "at", "post_id"))
    statement = select(*columns).where(newest.c.rank <= window.size + 1)
    return order, statement.order_by(newest.c.user_id, newest.c.rank)


# As `ActivityRow` has them.
_COLUMNS = ("question_id", "post_id", "kind", "change", "at", "user_id")


def _activity(row: Sequence[Any]) -> ActivityRow:
    question_id, post_id, kind, change, at, by_id = row
    return ActivityRow(question_id, post_id, ActivityKind[kind], change, at, by_id)


async def counts_by_user(connection: AsyncConnection, *, user_ids: Sequence[int]) -> dict[int, int]:
    """How many questions each of the users did something at."""
    events = _events(user_ids)
    statement = select(events.c.user_id, func.count(events.c.question_id.distinct()))
    return dict((await connection.execute(statement.group_by(events.c.user_id))).all())
