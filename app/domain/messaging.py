"""Messaging: posts on walls, private messages, and notices that are dismissed (FACTS 13)."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import (
    drafts,
    idempotency,
    limiting,
    messages,
    notifications,
    permissions,
    users,
    writing,
)
from app.domain.errors import Denial, Invalid, NotFound
from app.domain.limits import LimitedAction
from app.domain.messages import PRIVATE, PUBLIC, MessageRow
from app.domain.users import UserRow
from app.domain.writing import Writer
from app.models import Message, Notice, User

LONGEST = 12_000
# The id of a message that was sent, but of which the site keeps no copy.
NOT_KEPT = 0
_COLUMNS: list[Any] = [getattr(Message, name) for name in MessageRow._fields]


async def post_on_wall(
    connection: AsyncConnection,
    *,
    writer: Writer,
    owner_id: int,
    content: str,
    key: str | None = None,
) -> MessageRow:
    """Write on somebody's wall, for everybody to read.

    :param key: the client's idempotency key
    :raises NotFound: if there is no such user
    :raises NotAllowed: if the writer may not write there
    :raises Invalid: if the text is not acceptable
    :raises RateLimited: if the writer has written on too many walls in this hour
    :raises Conflict: if the key was used for something else
    """

    async def make() -> int:
        owner = await _lock_pair(connection, writer, owner_id)
        denial = messages.wall_denial(writer.viewer, writer.options, owner)
        permissions.ensure(denial)
        text = await _text(connection, content)
        await writing.mark(connection, writer=writer)
        await limiting.count(connection, writer=writer, action=LimitedAction.WALL_POST)
        message_id = await _insert(connection, writer, PUBLIC, owner, text)
        await _recount(connection, owner_id)
        await notifications.wall_post(connection, writer=writer, owner=owner, content=text)
        return message_id

    request = ("postOnWall", owner_id, content)
    message_id = await _once(connection, writer, key, request, make)
    return await _read(connection, message_id, PUBLIC)


async def delete_wall_post(
    connection: AsyncConnection, *, writer: Writer, message_id: int
) -> UserRow:
    """Delete a post from a wall: one's own wall, one's own newest posts, or as a moderator.

    :returns: the owner of the wall
    :raises NotFound: if there is no such wall post
    :raises NotAllowed: if the writer may not delete it
    """
    found = await _read(connection, message_id, PUBLIC)
    owner_id = found.recipient_id or 0
    await _lock_pair(connection, writer, owner_id)
    # Somebody may have deleted it, or written below it, until the wall was locked.
    found = await _read(connection, message_id, PUBLIC)
    newest = await messages.newest_by_others(
        connection, owner_ids=[owner_id], user_id=writer.viewer.id or 0
    )
    denial = messages.delete_wall_post_denial(
        writer.viewer, writer.options, found, newest_by_others=newest.get(owner_id, 0)
    )
    permissions.ensure(denial)
    await writing.mark(connection, writer=writer)
    await connection.execute(delete(Message).where(Message.id == message_id))
    await _recount(connection, owner_id)
    return await _user(connection, owner_id)


async def send(
    connection: AsyncConnection,
    *,
    writer: Writer,
    recipient_id: int,
    content: str,
    key: str | None = None,
) -> MessageRow | None:
    """Send somebody a private message; a mail brings it, which does not tell the writer's address.

    :param key: the client's idempotency key
    :returns: what the site keeps of it; None where it keeps no messages
    :raises NotFound: if there is no such user
    :raises NotAllowed: if the writer may not write to them
    :raises Invalid: if the text is not acceptable
    :raises RateLimited: if the writer has sent too many messages in this hour
    :raises Conflict: if the key was used for something else
    """

    async def make() -> int:
        recipient = await _lock_pair(connection, writer, recipient_id)
        denial = messages.message_denial(writer.viewer, writer.options, recipient)
        permissions.ensure(denial)
        text = await _text(connection, content)
        await writing.mark(connection, writer=writer)
        await limiting.count(connection, writer=writer, action=LimitedAction.MESSAGE)
        message_id = NOT_KEPT
        if writer.options.show_message_history:
            message_id = await _insert(connection, writer, PRIVATE, recipient, text)
        await notifications.message(connection, writer=writer, recipient=recipient, content=text)
        return message_id

    request = ("sendMessage", recipient_id, content)
    message_id = await _once(connection, writer, key, request, make)
    return None if message_id == NOT_KEPT else await _read(connection, message_id, PRIVATE)


async def dismiss_notice(connection: AsyncConnection, *, writer: Writer, notice_id: int) -> None:
    """Show the writer one of their notices no more.

    :raises NotFound: if the writer has no such notice
    :raises NotAllowed: if nobody is signed in
    """
    if writer.viewer.id is None:
        permissions.ensure(Denial.SIGNED_OUT)
    own = delete(Notice).where(Notice.id == notice_id, Notice.user_id == writer.viewer.id)
    if (await connection.execute(own)).rowcount == 0:
        raise NotFound("There is no such notice.")


async def _once(
    connection: AsyncConnection,
    writer: Writer,
    key: str | None,
    request: object,
    make: Callable[[], Awaitable[int]],
) -> int:
    # Before anything is locked, and before guests leave a key behind.
    if writer.viewer.id is None:
        permissions.ensure(Denial.SIGNED_OUT)
    return await idempotency.once(connection, writer=writer, key=key, request=request, make=make)


async def _lock_pair(connection: AsyncConnection, writer: Writer, other_id: int) -> UserRow:
    """Lock the writer's account and another's, in the order of their ids: two may write at once.

    :returns: the other one
    :raises NotFound: if there is no such user
    """
    both = [writer.viewer.id or 0, other_id]
    query = select(User.id).where(User.id.in_(both)).order_by(User.id).with_for_update()
    await connection.execute(query)
    return await _user(connection, other_id)


async def _user(connection: AsyncConnection, user_id: int) -> UserRow:
    found = await users.by_ids(connection, ids=[user_id])
    if user_id not in found:
        raise NotFound("There is no such user.")
    return found[user_id]


async def _text(connection: AsyncConnection, content: str) -> str:
    text = drafts.typed(content)
    if not 0 < len(text) <= LONGEST:
        raise Invalid("content", f"A message has 1 to {LONGEST} characters.")
    return await drafts.storable(connection, Message.content, text, field="content")


async def _insert(
    connection: AsyncConnection, writer: Writer, type: str, to: UserRow, text: str
) -> int:
    row = {
        Message.type: type,
        Message.sender_id: writer.viewer.id,
        Message.recipient_id: to.id,
        Message.content: text,
        Message.format: "",
        Message.created_at: writer.time,
    }
    inserted = await connection.execute(insert(Message).values(row))
    assert inserted.inserted_primary_key is not None
    return int(inserted.inserted_primary_key[0])


async def _recount(connection: AsyncConnection, owner_id: int) -> None:
    """Count the posts on a wall anew."""
    counted = select(func.count()).where(Message.type == PUBLIC, Message.recipient_id == owner_id)
    statement = update(User).where(User.id == owner_id)
    await connection.execute(statement.values({User.wall_post_count: counted.scalar_subquery()}))


async def _read(connection: AsyncConnection, message_id: int, type: str) -> MessageRow:
    query = select(*_COLUMNS).where(Message.id == message_id, Message.type == type)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("There is no such message.")
    return MessageRow._make(row)
