"""Unsubscribing: links in mails by which people end mails of one kind (decision 48).

The code in a link is signed with a secret of the site's own and can do nothing else; q2a's codes,
which also reset passwords, are never used.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.db.zones import in_utc
from app.domain import options
from app.domain.errors import NotFound
from app.domain.mail_texts import MailKind, unsubscribe_text
from app.domain.sites import Site
from app.domain.viewers import Flag
from app.models import Post, User
from app.models.waggle import Secret, Unsubscription

PATH = "mails/unsubscribe"
SECRET = "mails"  # noqa: S105 - its name
ONE_CLICK = "List-Unsubscribe=One-Click"


class MailTopic(Enum):
    """What one can want no mails about; the values are stored."""

    POSTS = "posts"
    WALL = "wall"
    MESSAGES = "messages"
    DIGESTS = "digests"
    MAILINGS = "mailings"


# By what the outbox calls a mail. What is not here has to arrive, or goes to the site's owner.
_TOPICS = {
    MailKind.ANSWERED.value: MailTopic.POSTS,
    MailKind.COMMENTED.value: MailTopic.POSTS,
    MailKind.COMMENTED_TOO.value: MailTopic.POSTS,
    MailKind.FOLLOWED_UP.value: MailTopic.POSTS,
    MailKind.ACCEPTED.value: MailTopic.POSTS,
    MailKind.WALL_POST.value: MailTopic.WALL,
    MailKind.MESSAGE.value: MailTopic.MESSAGES,
    MailKind.DIGEST.value: MailTopic.DIGESTS,
    "mailing": MailTopic.MAILINGS,
}
# What q2a has a switch for as well.
_FLAGS = {MailTopic.DIGESTS: Flag.NO_MAILINGS, MailTopic.MAILINGS: Flag.NO_MAILINGS}


class Unsubscribed(NamedTuple):
    """Who gets no more mails about what."""

    user_id: int
    topic: MailTopic


class Offer(NamedTuple):
    """What a mail says of how to end mails like it: a paragraph, and headers (RFC 8058)."""

    footer: str
    headers: dict[str, str]


def topic_of(kind: str) -> MailTopic | None:
    """What a mail is about, by its kind in the outbox; None if it cannot be switched off."""
    return _TOPICS.get(kind)


async def secret(connection: AsyncConnection) -> bytes:
    """What links are signed with, the same in all processes; a migration has made it.

    :raises NotFound: if somebody has deleted it
    """
    query = select(Secret.value).where(Secret.name == SECRET)
    value = await connection.scalar(query)
    if not value:
        raise NotFound("The secret that mails are signed with is missing.")
    return bytes(value)


def link(url: str, key: bytes, *, user_id: int, topic: MailTopic) -> str:
    """Where an account's owner ends mails about a topic. It works until the secret is replaced.

    :param url: where this API is reached, as `Site.api_url`
    :param key: what `secret` gives
    """
    return f"{url.rstrip('/')}/{PATH}?token={_token(key, user_id, topic)}"


def offer(site: Site, key: bytes, *, user_id: int | None, kind: str) -> Offer | None:
    """What has to be added to a mail of the outbox when it is sent.

    :param user_id: whose account it goes to
    :returns: None for mails that cannot be switched off
    """
    topic = topic_of(kind)
    if topic is None or user_id is None:
        return None
    url = link(site.api_url, key, user_id=user_id, topic=topic)
    footer = unsubscribe_text(site.options).format(link=url)
    headers = {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": ONE_CLICK}
    return Offer(footer, headers)


async def wants(connection: AsyncConnection, user_ids: Iterable[int], topic: MailTopic) -> set[int]:
    """Those of the accounts whose owners have not ended mails about a topic."""
    ids = sorted(set(user_ids))
    found = {row[0] for row in await rows_of(connection, _ended(topic), {"ids": ids})}
    if topic in _FLAGS:
        found |= {row[0] for row in await rows_of(connection, _switched_off(topic), {"ids": ids})}
    return set(ids) - found


@prepared
def _ended(topic: MailTopic) -> Select[Any]:
    return select(Unsubscription.user_id).where(
        Unsubscription.user_id.in_(many("ids")), Unsubscription.topic == topic.value
    )


@prepared
def _switched_off(topic: MailTopic) -> Select[Any]:
    switched_off = User.flags.bitwise_and(int(_FLAGS[topic])) != 0
    return select(User.id).where(User.id.in_(many("ids")), switched_off)


async def read(connection: AsyncConnection, *, token: str) -> Unsubscribed:
    """What the token of a link is for.

    :raises NotFound: if it is not one that was given out, or the account is gone
    """
    number, _, rest = token.partition(".")
    topic = next((topic for topic in MailTopic if topic.value == rest.partition(".")[0]), None)
    if topic is None or not number.isascii() or not number.isdecimal() or len(number) > 10:
        raise _unknown()
    user_id = int(number)
    expected = _token(await secret(connection), user_id, topic)
    if not hmac.compare_digest(expected.encode(), token.encode(errors="replace")):
        raise _unknown()
    if await connection.scalar(select(User.id).where(User.id == user_id)) is None:
        raise _unknown()
    return Unsubscribed(user_id, topic)


async def unsubscribe(connection: AsyncConnection, *, token: str, now: datetime) -> Unsubscribed:
    """End the mails that a link was for; it can be repeated.

    What q2a mails for itself ends with them, as far as it has a switch for that: a post knows
    whether its author wants mails (FACTS 2 and 16).

    :param now: with a zone
    :raises NotFound: if the token is not one that was given out, or the account is gone
    """
    found = await read(connection, token=token)
    user_id, topic = found
    if topic is MailTopic.POSTS:
        own = update(Post).where(Post.author_id == user_id, Post.notify.is_not(None))
        await connection.execute(own.values({Post.notify: None}))
    flag = _FLAGS.get(topic) if topic is MailTopic.MAILINGS else None
    if topic is MailTopic.MESSAGES and not (await options.load(connection)).show_message_history:
        # Nobody could read what is neither mailed nor kept: who writes is told instead.
        flag = Flag.NO_MESSAGES
    if flag is not None:
        account = update(User).where(User.id == user_id)
        flags = User.flags.bitwise_or(int(flag))
        await connection.execute(account.values({User.flags: flags}))
    await end(connection, user_id=user_id, topic=topic, now=now)
    return found


async def end(
    connection: AsyncConnection, *, user_id: int, topic: MailTopic, now: datetime
) -> None:
    """Have Waggle queue no more mails about a topic to an account."""
    keys = [Unsubscription.user_id, Unsubscription.topic]
    row = {
        Unsubscription.user_id: user_id,
        Unsubscription.topic: topic.value,
        Unsubscription.created_at: in_utc(now),
    }
    await connection.execute(upsert(connection.dialect.name, Unsubscription, [row], keys=keys))


async def resume(connection: AsyncConnection, *, user_id: int, topic: MailTopic) -> None:
    """Have them queued again: the account's owner has asked for them."""
    this = (Unsubscription.user_id == user_id, Unsubscription.topic == topic.value)
    await connection.execute(delete(Unsubscription).where(*this))


async def choose(
    connection: AsyncConnection, *, user_id: int, topic: MailTopic, wants_it: bool, now: datetime
) -> None:
    """Have mails about a topic queued, or not, as the account's owner says in their profile."""
    if wants_it:
        await resume(connection, user_id=user_id, topic=topic)
    else:
        await end(connection, user_id=user_id, topic=topic, now=now)


async def resume_by_post(
    connection: AsyncConnection, user_id: int | None, notify: str | None
) -> None:
    """Have mails about posts queued again, because one was asked for: only that one will cause any.

    :param notify: as `posts.notify` will have it
    """
    if user_id is not None and notify is not None:
        await resume(connection, user_id=user_id, topic=MailTopic.POSTS)


def _token(key: bytes, user_id: int, topic: MailTopic) -> str:
    said = f"{user_id}.{topic.value}"
    digest = hmac.digest(key, f"unsubscribe {said}".encode(), hashlib.sha256)
    return f"{said}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def _unknown() -> NotFound:
    return NotFound("This link is not one that was sent.")
