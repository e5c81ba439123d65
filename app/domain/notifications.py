"""Notifications: the mails that tell people what others have done, queued with it (FACTS 16).

They go where the author of a post wants them (`posts.notify`, FACTS 2), once to each address, and
never to the one who did it. Nobody's address is ever told to others.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain import contents, outbox, urls
from app.domain.censor import censor, compile_rules
from app.domain.drafts import ACCOUNT_ADDRESS
from app.domain.locking import Locked
from app.domain.mail_texts import MailKind, nobody, text_of
from app.domain.outbox import Recipient
from app.domain.posts import PostRow
from app.domain.users import UserRow
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState, User
from app.models.kinds import post_type

VISIBLE_COMMENT = post_type(PostKind.COMMENT)

# Which posts' authors are told of another one, `post`: a condition with room for an id, `of`.
Told = Callable[[], ColumnElement[bool]]


class Party(NamedTuple):
    """The author of a post, as far as mails need to know them."""

    post_id: int
    type: str
    notify: str | None
    author_id: int | None
    cookie_id: int | None
    author_name: str | None
    email: str | None
    handle: str | None

    @property
    def address(self) -> str:
        """Where mails about the post go; empty if nowhere."""
        chosen = self.email if self.notify == ACCOUNT_ADDRESS else self.notify
        return (chosen or "").strip()

    @property
    def addresses(self) -> set[str]:
        """Every address that is theirs, to be compared."""
        return {address.lower() for address in (self.email or "", self.address) if address}

    def is_same(self, other: "Party") -> bool:
        if self.author_id is not None or other.author_id is not None:
            return self.author_id == other.author_id
        return self.cookie_id is not None and self.cookie_id == other.cookie_id


class _Mail(NamedTuple):
    """A mail before it is known who gets it."""

    kind: MailKind
    by: str
    title: str
    url: str
    text: str = ""
    flags: int = 0


async def posted(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell of a new post, or of one that was approved just now; its author is who did it.

    A post that waits for a moderator is told of to the site's owner only.
    """
    if thread.post.state is PostState.QUEUED:
        await queued(connection, writer=writer, thread=thread)
    elif all(row.state is PostState.VISIBLE for row in thread.rows):
        tell = {PostKind.QUESTION: asked, PostKind.ANSWER: answered, PostKind.COMMENT: commented}
        await tell[thread.post.kind](connection, writer=writer, thread=thread)


async def asked(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell of a question: the author of the answer that it follows on from, and the owner."""
    followed = thread.post.parent_id
    if followed is None and not writer.options.notify_admin_q_post:
        return
    author, others = await _parties(connection, thread.post, _followed, followed or 0)
    mail = _mail_of(writer, thread, MailKind.FOLLOWED_UP, author)
    await _tell(connection, writer, mail, others, except_for=author)
    if writer.options.notify_admin_q_post:
        await _tell_owner(connection, writer, mail._replace(kind=MailKind.ASKED))


async def answered(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell the asker of an answer."""
    author, others = await _parties(connection, thread.post, _itself, thread.question.id)
    mail = _mail_of(writer, thread, MailKind.ANSWERED, author)
    await _tell(connection, writer, mail, others, except_for=author)


async def commented(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell of a comment: the author of what it is on, and those who commented there before."""
    parent_id = thread.post.parent_id or 0
    author, others = await _parties(connection, thread.post, _commented_on, parent_id)
    mail = _mail_of(writer, thread, MailKind.COMMENTED, author)
    first = [party for party in others if party.post_id == parent_id]
    reached = await _tell(connection, writer, mail, first, except_for=author)
    mail = mail._replace(kind=MailKind.COMMENTED_TOO)
    later = [party for party in others if party.post_id != parent_id]
    await _tell(connection, writer, mail, later, except_for=author, reached=reached)


async def accepted(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell the author of an answer, `thread.post`, that the writer has chosen it as the best."""
    answer, viewer = thread.post, writer.viewer
    author, _ = await _parties(connection, answer, _itself, answer.id)
    chooser = Party(
        answer.id,
        answer.type,
        None,
        viewer.id,
        viewer.cookie_id,
        None,
        viewer.account.email if viewer.account else None,
        viewer.account.handle if viewer.account else None,
    )
    mail = _mail_of(writer, thread, MailKind.ACCEPTED, chooser)
    await _tell(connection, writer, mail, [author], except_for=chooser)


async def queued(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell the owner that a post waits for a moderator, if they want to know."""
    if writer.options.moderate_notify_admin:
        author, _ = await _parties(connection, thread.post, _itself, thread.post.id)
        await _tell_owner(connection, writer, _mail_of(writer, thread, MailKind.QUEUED, author))


async def flagged(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Tell the owner how often `thread.post` has been flagged, and whether that has hidden it."""
    question, post = thread.question, thread.post
    is_hidden = post.state is PostState.HIDDEN
    mail = _Mail(
        kind=MailKind.HIDDEN_BY_FLAGS if is_hidden else MailKind.FLAGGED,
        by="",
        title=urls.shown_title(question, writer.site),
        url=urls.post_url(question, writer.site, post=None if post.id == question.id else post),
        flags=post.flag_count,
    )
    await _tell_owner(connection, writer, mail)


async def wall_post(
    connection: AsyncConnection, *, writer: Writer, owner: UserRow, content: str
) -> None:
    """Tell the owner of a wall what the writer has written there."""
    await _tell_user(connection, writer, MailKind.WALL_POST, owner, content, page="wall")


async def message(
    connection: AsyncConnection, *, writer: Writer, recipient: UserRow, content: str
) -> None:
    """Send on what the writer has written to somebody, without the writer's address."""
    await _tell_user(connection, writer, MailKind.MESSAGE, recipient, content, page="")


async def registered(connection: AsyncConnection, *, writer: Writer, handle: str) -> None:
    """Tell the owner of a new account, if they want to know."""
    if writer.options.register_notify_admin:
        url = urls.user_url(handle, writer.site)
        await _tell_owner(connection, writer, _Mail(MailKind.REGISTERED, handle, "", url))


async def confirm(connection: AsyncConnection, *, writer: Writer, user: UserRow, code: str) -> None:
    """Ask somebody to confirm that their address is theirs, by a code."""
    url = urls.confirmation_url(user.handle, code, writer.site)
    mail = _Mail(MailKind.CONFIRM, user.handle, "", url)
    await _queue(connection, writer, mail, Recipient(user.email, user.handle, user.id))


async def _parties(
    connection: AsyncConnection, post: PostRow, told: Told, of: int
) -> tuple[Party, list[Party]]:
    """The author of a post, and those of the posts that are `told` of it, by the posts' ids."""
    rows = await rows_of(connection, _authors(told), {"post": post.id, "of": of})
    found = [Party._make(row) for row in rows]
    author = next(party for party in found if party.post_id == post.id)
    return author, [party for party in found if party is not author]


@prepared
def _authors(told: Told) -> Select[Any]:
    columns: list[Any] = [
        Post.id,
        Post.type,
        Post.notify,
        Post.author_id,
        Post.cookie_id,
        Post.author_name,
        User.email,
        User.handle,
    ]
    return (
        select(*columns)
        .outerjoin(User, User.id == Post.author_id)
        .where(or_(Post.id == bindparam("post"), and_(Post.notify.is_not(None), told())))
        .order_by(Post.id)
    )


def _itself() -> ColumnElement[bool]:
    return Post.id == bindparam("of")


def _followed() -> ColumnElement[bool]:
    return and_(_itself(), Post.type == post_type(PostKind.ANSWER))


def _commented_on() -> ColumnElement[bool]:
    before = and_(Post.parent_id == bindparam("of"), Post.type == VISIBLE_COMMENT)
    return or_(_itself(), and_(before, Post.id < bindparam("post")))


def _mail_of(writer: Writer, thread: Locked, kind: MailKind, by: Party) -> _Mail:
    """A mail about `thread.post` that names who did something."""
    question, post = thread.question, thread.post
    rules = compile_rules(writer.options.block_bad_words)
    name = by.handle if by.author_id is not None else censor(by.author_name or "", rules)
    return _Mail(
        kind=kind,
        by=name or nobody(writer.options),
        title=urls.shown_title(question, writer.site),
        url=urls.post_url(question, writer.site, post=None if post.id == question.id else post),
        text=censor(contents.to_text(post.content or "", post.format), rules),
    )


async def _tell(
    connection: AsyncConnection,
    writer: Writer,
    mail: _Mail,
    parties: Iterable[Party],
    *,
    except_for: Party,
    reached: Iterable[str] = (),
) -> set[str]:
    """Send one mail to each address that has not been reached; returns all that have been now."""
    done = except_for.addresses | set(reached)
    for party in parties:
        address = party.address
        if "@" not in address or address.lower() in done or party.is_same(except_for):
            continue
        done.add(address.lower())
        is_account = party.notify == ACCOUNT_ADDRESS
        user_id = party.author_id if is_account else None
        name = (party.handle or "") if is_account else (party.author_name or "")
        await _queue(connection, writer, mail, Recipient(address, name, user_id))
    return done


async def _tell_owner(connection: AsyncConnection, writer: Writer, mail: _Mail) -> None:
    email = writer.options.feedback_email
    if email:
        await _queue(connection, writer, mail, Recipient(email))


async def _tell_user(
    connection: AsyncConnection,
    writer: Writer,
    kind: MailKind,
    user: UserRow,
    content: str,
    *,
    page: str,
) -> None:
    account = writer.viewer.account
    if not user.email or user.id == writer.viewer.id:
        return
    handle = account.handle if account else ""
    # A wall is the owner's; to a message one answers on the sender's page.
    url = urls.user_url(user.handle if page else handle, writer.site, page=page)
    rules = compile_rules(writer.options.block_bad_words)
    mail = _Mail(kind, handle or nobody(writer.options), "", url, censor(content, rules))
    await _queue(connection, writer, mail, Recipient(user.email, user.handle, user.id))


async def _queue(connection: AsyncConnection, writer: Writer, mail: _Mail, to: Recipient) -> None:
    text = text_of(writer.options, mail.kind)
    sentence = text.sentence.format(by=mail.by, count=mail.flags)
    parts = [sentence, "\n".join(filter(None, (mail.title, mail.url))), mail.text]
    await outbox.queue(
        connection,
        writer=writer,
        kind=mail.kind.value,
        to=to,
        subject=text.subject.format(by=mail.by, title=mail.title),
        body="\n\n".join(filter(None, parts)) + "\n",
    )
