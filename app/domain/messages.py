"""Messages: walls, private messages and notices, and who may write or delete them (FACTS 13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain.batches import ListKind
from app.domain.errors import Denial
from app.domain.options import Options
from app.domain.orders import Key, Order
from app.domain.permits import Permit, site_denial, write_denial
from app.domain.users import UserRow
from app.domain.viewers import Flag, Viewer
from app.models import Message, Notice

PUBLIC = "PUBLIC"
PRIVATE = "PRIVATE"
# More than anybody keeps; notices go when they are dismissed.
MOST_NOTICES = 100


class MessageRow(NamedTuple):
    """A wall post, or a private message. Who has left the site is None."""

    id: int
    sender_id: int | None
    recipient_id: int | None
    content: str
    format: str
    created_at: datetime


class NoticeRow(NamedTuple):
    id: int
    content: str
    format: str
    created_at: datetime


_COLUMNS: Sequence[Any] = tuple(getattr(Message, name) for name in MessageRow._fields)
_NOTICE_COLUMNS: Sequence[Any] = tuple(getattr(Notice, name) for name in NoticeRow._fields)
_NEWEST = (Key(Message.created_at, datetime, True), Key(Message.id, int, True))


def _kind(order: Order, parent: Any, condition: Any) -> ListKind[MessageRow]:
    return ListKind(_COLUMNS, MessageRow._make, Message.id, parent, Message, condition, order)


WALL = _kind(Order("wall", _NEWEST), Message.recipient_id, Message.type == PUBLIC)
INBOX = _kind(
    Order("inbox", _NEWEST),
    Message.recipient_id,
    (Message.type == PRIVATE) & (Message.deleted_by_recipient == 0),
)
# Of a sender's messages the index knows the ids, which are as old as the messages.
OUTBOX = _kind(
    Order("outbox", (Key(Message.id, int, True),)),
    Message.sender_id,
    (Message.type == PRIVATE) & (Message.deleted_by_sender == 0),
)


async def newest_by_others(
    connection: AsyncConnection, *, owner_ids: Sequence[int], user_id: int
) -> dict[int, int]:
    """Of each wall the newest post that is not the user's, by the owners' ids."""
    values = {"owner_ids": owner_ids, "own_id": user_id}
    found = await rows_of(connection, _newest_by_others(), values)
    return {owner: id for owner, id in found if owner}


@prepared
def _newest_by_others() -> Select[Any]:
    columns: Sequence[Any] = (Message.recipient_id, func.max(Message.id))
    return (
        select(*columns)
        .where(
            Message.type == PUBLIC,
            Message.recipient_id.in_(many("owner_ids")),
            or_(Message.sender_id.is_(None), Message.sender_id != bindparam("own_id")),
        )
        .group_by(Message.recipient_id)
    )


async def notices_of(connection: AsyncConnection, *, user_id: int) -> list[NoticeRow]:
    """What the user has still to dismiss, oldest first."""
    found = await rows_of(connection, _notices(), {"owner_id": user_id})
    return [NoticeRow._make(row) for row in found]


@prepared
def _notices() -> Select[Any]:
    of_owner = Notice.user_id == bindparam("owner_id")
    query = select(*_NOTICE_COLUMNS).where(of_owner)
    return query.order_by(Notice.created_at, Notice.id).limit(MOST_NOTICES)


def wall_denial(viewer: Viewer, options: Options, owner: UserRow) -> Denial | None:
    """May the viewer write on the owner's wall?"""
    if not options.allow_user_walls:
        return Denial.SWITCHED_OFF
    if owner.flags & Flag.NO_WALL_POSTS and viewer.id != owner.id:
        return Denial.SWITCHED_OFF
    return site_denial(viewer, options, Permit.POST_WALL)


def delete_wall_post_denial(
    viewer: Viewer, options: Options, post: MessageRow, *, newest_by_others: int
) -> Denial | None:
    """May the viewer delete this post from a wall?

    :param newest_by_others: the newest post on the wall that is not the viewer's, 0 if none
    """
    if viewer.account is None:
        return Denial.SIGNED_OUT
    is_newest_of_own = post.sender_id == viewer.id and newest_by_others < post.id
    if post.recipient_id == viewer.id or is_newest_of_own:
        return write_denial(viewer, options)
    return moderate_walls_denial(viewer, options)


def moderate_walls_denial(viewer: Viewer, options: Options) -> Denial | None:
    """May the viewer delete whatever is written on walls?"""
    hiding = site_denial(viewer, options, Permit.HIDE_SHOW)
    return hiding or site_denial(viewer, options, Permit.DELETE_HIDDEN)


def message_denial(viewer: Viewer, options: Options, recipient: UserRow) -> Denial | None:
    """May the viewer send the recipient a private message?"""
    if not options.allow_private_messages:
        return Denial.SWITCHED_OFF
    if viewer.account is None:
        return Denial.SIGNED_OUT
    if recipient.id == viewer.id:
        return Denial.YOURSELF
    if recipient.flags & Flag.NO_MESSAGES:
        return Denial.SWITCHED_OFF
    return write_denial(viewer, options)
