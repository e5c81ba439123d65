"""Moderation: the lists of posts that wait for, or have had, a moderator's attention (FACTS 9)."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of, value_of
from app.domain import pages, posts
from app.domain.errors import Denial
from app.domain.options import Options
from app.domain.orders import Key, Order
from app.domain.pages import Page, Shape, Window
from app.domain.permits import Permit, permit_denial
from app.domain.posts import COLUMNS, PostRow, Sight
from app.domain.threads import WITH_ANCESTORS, is_below_seen
from app.domain.viewers import Viewer
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type

KINDS = (PostKind.QUESTION, PostKind.ANSWER, PostKind.COMMENT)


class Attention(Enum):
    """Why a post is on a moderator's list; the value names the list in cursors."""

    QUEUED = "moderation-queue"
    FLAGGED = "flagged-posts"
    HIDDEN = "hidden-posts"


PERMITS = {
    Attention.QUEUED: Permit.MODERATE,
    Attention.FLAGGED: Permit.HIDE_SHOW,
    Attention.HIDDEN: Permit.HIDE_SHOW,
}
STATES = {
    Attention.QUEUED: PostState.QUEUED,
    Attention.FLAGGED: PostState.VISIBLE,
    Attention.HIDDEN: PostState.HIDDEN,
}
_NEWEST = (Key(Post.created_at, datetime, True), Key(Post.id, int, True))
ORDERS = {
    Attention.QUEUED: Order(Attention.QUEUED.value, _NEWEST),
    Attention.FLAGGED: Order(Attention.FLAGGED.value, (Key(Post.flag_count, int, True), *_NEWEST)),
    Attention.HIDDEN: Order(Attention.HIDDEN.value, _NEWEST),
}


def list_denial(viewer: Viewer, options: Options, attention: Attention) -> Denial | None:
    """What keeps the viewer from a list; those who may act in some category may read it."""
    if viewer.account is None:
        return Denial.SIGNED_OUT
    return permit_denial(viewer, options, PERMITS[attention])


async def listing(
    connection: AsyncConnection, *, attention: Attention, sight: Sight, window: Window
) -> Page[PostRow]:
    """A page of the posts on a list that the viewer may act on.

    :raises Invalid: if a cursor is not one of this list
    """
    order = ORDERS[attention]
    shape, bounds = pages.shaped(order, window)
    placed, numbers = sight.placed()
    rows = await rows_of(connection, _listed(attention, placed, shape), {**numbers, **bounds})
    return pages.paged(rows, order=order, window=window, width=len(COLUMNS), make=PostRow.of)


@prepared
def _listed(attention: Attention, sight: Sight, shape: Shape) -> Select[Any]:
    order = ORDERS[attention]
    names = [f"key_{n}" for n in range(len(order.keys))]
    keys = [key.selected.label(name) for key, name in zip(order.keys, names, strict=True)]
    branches = []
    for statement in _branches(attention, sight):
        cut = pages.cut(statement, order, shape)
        # The order of the joins is that of the list: no other lets MySQL stop after the limit.
        cut = cut.with_only_columns(Post.id.label("id"), *keys)
        branches.append(cut.prefix_with("STRAIGHT_JOIN", dialect="mysql"))
    found = union_all(*(select(branch.subquery()) for branch in branches)).subquery("found")
    clauses = [found.c[name].asc() if shape.backwards else found.c[name].desc() for name in names]
    return (
        select(*COLUMNS, *(found.c[name] for name in names))
        .join_from(found, Post, Post.id == found.c.id)
        .order_by(*clauses)
        .limit(bindparam("most", type_=Integer()))
    )


async def count(connection: AsyncConnection, *, attention: Attention, sight: Sight) -> int:
    """How many posts are on a list."""
    placed, numbers = sight.placed()
    return int(await value_of(connection, _counted(attention, placed), numbers))


@prepared
def _counted(attention: Attention, sight: Sight) -> Select[Any]:
    branches = [
        branch.with_only_columns(Post.id.label("id")) for branch in _branches(attention, sight)
    ]
    return select(func.count()).select_from(union_all(*branches).subquery("found"))


def _branches(attention: Attention, sight: Sight) -> list[Select[Any]]:
    """A statement for each type of post: their order is that of an index for one type only."""
    where = sight.queued if attention is Attention.QUEUED else sight.hidden
    branches = []
    for kind in KINDS:
        conditions = [
            Post.type == post_type(kind, STATES[attention]),
            is_below_seen(sight, kind),
        ]
        if attention is Attention.FLAGGED:
            conditions.append(Post.flag_count > 0)
        if where is not True:
            conditions.append(posts.within(where or frozenset()))
        branches.append(select().select_from(WITH_ANCESTORS).where(*conditions))
    return branches
