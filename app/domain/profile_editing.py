"""Editing one's own profile: name, address, fields, picture and switches (FACTS 9, 12 and 13)."""

import secrets
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.domain import (
    accounts,
    digesting,
    drafts,
    handles,
    limiting,
    notifications,
    permissions,
    permits,
    profiles,
    unsubscribing,
    users,
    writing,
)
from app.domain.errors import Denial, Invalid, NotFound
from app.domain.limits import LimitedAction
from app.domain.options import Options
from app.domain.sites import FieldRow
from app.domain.unsubscribing import MailTopic
from app.domain.users import UserRow
from app.domain.viewers import Account, Flag, Viewer
from app.domain.writing import Writer
from app.models import ProfileValue, User, UserPoints

LONGEST_VALUE = 8_000
CODE_LENGTH = 8


class AvatarChoice(Enum):
    """Which picture of a person is shown; the values are bits of `users.flags`."""

    NONE = 0
    GRAVATAR = Flag.SHOW_GRAVATAR.value
    UPLOAD = Flag.SHOW_AVATAR.value


class FieldValue(NamedTuple):
    """What somebody wants in a profile field, by the name of the field."""

    name: str
    value: str


@dataclass(frozen=True)
class Changes:
    """What is to be changed; None: that stays as it is.

    :param mails: which mails are wanted, by their topics
    """

    handle: str | None = None
    email: str | None = None
    fields: tuple[FieldValue, ...] = ()
    avatar: AvatarChoice | None = None
    accepts_messages: bool | None = None
    accepts_wall_posts: bool | None = None
    accepts_mailings: bool | None = None
    wants_digest: bool | None = None
    mails: Mapping[MailTopic, bool | None] = field(default_factory=dict)


def denial(viewer: Viewer, options: Options) -> Denial | None:
    """May the viewer edit their profile? Who has yet to confirm their address may correct it."""
    if viewer.account is None:
        return Denial.SIGNED_OUT
    found = permits.write_denial(viewer, options)
    return None if found is Denial.UNCONFIRMED else found


async def change(connection: AsyncConnection, *, writer: Writer, changes: Changes) -> Account:
    """Change the writer's own profile.

    A new e-mail address has to be confirmed anew; where the site wants that, a mail goes there,
    which counts as a message: the address may be anybody's.

    :returns: the account as it is now
    :raises NotAllowed: if the writer may not edit, or not have another handle, or not the field
    :raises Invalid: if a value is not acceptable
    :raises RateLimited: if the writer has sent too much in this hour
    """
    permissions.ensure(denial(writer.viewer, writer.options))
    account = writer.viewer.account
    assert account is not None
    if changes.handle is not None or changes.email is not None:
        # q2a's table has no unique keys: who changes these waits for the others.
        await accounts.take_turn(connection)
    await writing.lock_account(connection, writer=writer)
    await writing.mark(connection, writer=writer)
    user = (await users.by_ids(connection, ids=[account.id])).get(account.id)
    if user is None:
        raise NotFound("Your account has just been deleted.")
    handle = await _handle(connection, writer, user, changes.handle)
    email = await _email(connection, user, changes.email)
    changed = user._replace(handle=handle, email=email)
    changed = changed._replace(flags=_flags(writer.options, changed, changes))
    if email != user.email:
        changed = changed._replace(flags=changed.flags & ~Flag.CONFIRMED)
    await _store(connection, writer, user, changed)
    await _store_fields(connection, writer, changes.fields)
    if changes.wants_digest is not None:
        await digesting.choose(connection, user_id=account.id, wants_it=changes.wants_digest)
    for topic, wants_it in changes.mails.items():
        if wants_it is not None:
            await unsubscribing.choose(
                connection, user_id=account.id, topic=topic, wants_it=wants_it, now=writer.now
            )
    return account._replace(handle=handle, email=email, flags=changed.flags)


async def _handle(
    connection: AsyncConnection, writer: Writer, user: UserRow, wish: str | None
) -> str:
    """The handle from now on (FACTS 12)."""
    if wish is None or wish == user.handle:
        return user.handle
    handle = unicodedata.normalize("NFC", handles.BLANKS.sub(" ", wish)).strip()
    if not 0 < len(handle) <= handles.LONGEST:
        raise Invalid("handle", f"A name has 1 to {handles.LONGEST} characters.")
    categories = {unicodedata.category(character) for character in handle}
    forbidden = handles.FORBIDDEN.search(handle) or handle in (".", "..")
    if forbidden or categories & handles.INVISIBLE:
        raise Invalid("handle", "A name has no @, + or /, and nothing that cannot be seen.")
    await drafts.storable(connection, User.handle, handle, field="handle")
    if not writer.options.allow_change_usernames and await _has_posted(connection, user):
        permissions.ensure(Denial.SWITCHED_OFF)
    taken = await handles.is_taken(connection, handle=handle, except_by=user.id)
    if taken or not handles.is_allowed(handle, writer.options):
        raise Invalid("handle", "This name is taken.")
    return handle


async def _has_posted(connection: AsyncConnection, user: UserRow) -> bool:
    posted = UserPoints.question_count + UserPoints.answer_count + UserPoints.comment_count
    query = select(posted).where(UserPoints.user_id == user.id)
    return bool((await connection.execute(query)).scalar())


async def _email(connection: AsyncConnection, user: UserRow, wish: str | None) -> str:
    """The e-mail address from now on."""
    email = user.email if wish is None else wish.strip()
    if email == user.email:
        return email
    if not drafts.is_address(email):
        raise Invalid("email", "This is not an e-mail address.")
    if await accounts.has_email(connection, email=email, except_by=user.id):
        raise Invalid("email", "Somebody else has this address.")
    return email


def _flags(options: Options, user: UserRow, changes: Changes) -> int:
    flags = user.flags
    switches = {
        Flag.NO_MESSAGES: changes.accepts_messages,
        Flag.NO_WALL_POSTS: changes.accepts_wall_posts,
        Flag.NO_MAILINGS: changes.accepts_mailings,
    }
    for flag, accepts in switches.items():
        if accepts is not None:
            flags = flags & ~flag if accepts else flags | flag
    if changes.avatar is not None:
        _check_avatar(options, user, changes.avatar)
        pictures = Flag.SHOW_AVATAR | Flag.SHOW_GRAVATAR
        flags = flags & ~pictures | changes.avatar.value
    return int(flags)


def _check_avatar(options: Options, user: UserRow, choice: AvatarChoice) -> None:
    """:raises Invalid: if there is no such picture of the user"""
    if choice is AvatarChoice.GRAVATAR and not options.avatar_allow_gravatar:
        raise Invalid("avatar", "This site shows no Gravatars.")
    if choice is AvatarChoice.UPLOAD:
        if not options.avatar_allow_upload:
            raise Invalid("avatar", "This site shows no uploaded pictures.")
        if user.avatar_blob_id is None:
            raise Invalid("avatar", "You have not uploaded a picture.")


async def _store(
    connection: AsyncConnection, writer: Writer, before: UserRow, after: UserRow
) -> None:
    values: dict[Any, Any] = {
        User.handle: after.handle,
        User.email: after.email,
        User.flags: after.flags,
    }
    if before.email != after.email:
        wants_proof = writer.options.confirm_user_emails
        # A code that went to the former address proves nothing of this one.
        values[User.email_code] = code = _new_code() if wants_proof else ""
        if wants_proof:
            await limiting.count(connection, writer=writer, action=LimitedAction.MESSAGE)
            await notifications.confirm(connection, writer=writer, user=after, code=code)
    if before != after:
        await connection.execute(update(User).where(User.id == after.id).values(values))


def _new_code() -> str:
    """A code as q2a has them. The first letter keeps PHP from reading a number (FACTS 22.2)."""
    rest = string.ascii_lowercase + string.digits
    first = secrets.choice(string.ascii_lowercase)
    return first + "".join(secrets.choice(rest) for _ in range(CODE_LENGTH - 1))


async def _store_fields(
    connection: AsyncConnection, writer: Writer, values: Sequence[FieldValue]
) -> None:
    known = {field.name: field for field in writer.site.profile_fields}
    if len({name for name, _ in values}) < len(values):
        raise Invalid("fields", "A field is named twice.")
    # In one order, whatever the client's.
    for name, value in sorted(values):
        if name not in known:
            raise Invalid("fields", f"There is no field {name!r}.")
        field = known[name]
        text = await _value(connection, writer, field, value)
        row = {
            ProfileValue.user_id: writer.viewer.id,
            ProfileValue.name: field.name,
            ProfileValue.value: text,
        }
        keys, changes = [ProfileValue.user_id, ProfileValue.name], [(ProfileValue.value, text)]
        statement = upsert(connection.dialect.name, ProfileValue, [row], keys=keys, changes=changes)
        await connection.execute(statement)


async def _value(connection: AsyncConnection, writer: Writer, field: FieldRow, value: str) -> str:
    """A value as it is stored."""
    permissions.ensure(permits.field_denial(writer.viewer, writer.options, field.permit))
    is_multi_line = field.flags & profiles.MULTI_LINE
    text = drafts.typed(value) if is_multi_line else drafts.on_one_line(value)
    named = f"fields.{field.name}"
    if len(text) > LONGEST_VALUE:
        raise Invalid(named, f"At most {LONGEST_VALUE} characters are allowed.")
    return await drafts.storable(connection, ProfileValue.value, text, field=named)
