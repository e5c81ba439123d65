"""Following: beginning and ceasing to follow a question, a person, a tag or a category (FACTS 7).

A thing with few followers has its events copied into the stream of each; once it has many, all of
them read the stream that they share.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.domain import locking, permissions, permits, tags, users, writing
from app.domain.categories import CategoryRow
from app.domain.errors import Denial, NotFound
from app.domain.favorites import FavoriteKind, Followed
from app.domain.locking import Locked
from app.domain.options import Options
from app.domain.tags import TagRow
from app.domain.users import UserRow
from app.domain.viewers import Viewer
from app.domain.writing import Writer
from app.models import (
    Category,
    Favorite,
    Option,
    PostKind,
    PostState,
    SharedEvent,
    User,
    UserEvent,
    Word,
)

# A question comes with its thread, as every post that was locked.
Thing: TypeAlias = Locked | UserRow | TagRow | CategoryRow

COPIED: Sequence[str] = (
    "entity_type",
    "entity_id",
    "question_id",
    "post_id",
    "change",
    "actor_id",
    "happened_at",
)
THRESHOLD = "max_copy_user_updates"
NOT_VISIBLE = {PostState.HIDDEN: Denial.HIDDEN, PostState.QUEUED: Denial.QUEUED}


def denial(viewer: Viewer, options: Options, thing: Followed) -> Denial | None:
    """May the viewer follow the thing, or cease to, provided that they see it?"""
    if viewer.account is None:
        return Denial.SIGNED_OUT
    if thing == Followed(FavoriteKind.USER, viewer.account.id):
        return Denial.YOURSELF
    return permits.write_denial(viewer, options)


async def follow(connection: AsyncConnection, *, writer: Writer, thing: Followed) -> Thing:
    """Let the writer follow a thing; who follows it already goes on doing so.

    :returns: the thing
    :raises NotFound: if there is no such thing that the writer sees, or a tag has no questions
    :raises NotAllowed: if the writer may not write, or is meant themselves, or the question is
        hidden or waits for a moderator
    """
    permissions.ensure(denial(writer.viewer, writer.options, thing))
    found = await _lock(connection, writer, thing)
    if isinstance(found, Locked):
        permissions.ensure(NOT_VISIBLE.get(found.post.state))
    if isinstance(found, TagRow) and found.question_count == 0:
        raise _missing(thing)
    if not await _is_followed(connection, writer, thing):
        await _add(connection, writer, thing)
    return found


async def unfollow(connection: AsyncConnection, *, writer: Writer, thing: Followed) -> Thing:
    """Let the writer follow a thing no more, and forget what was copied because of it.

    :returns: the thing
    :raises NotFound: if there is no such thing that the writer sees
    :raises NotAllowed: if the writer may not write
    """
    permissions.ensure(denial(writer.viewer, writer.options, thing))
    found = await _lock(connection, writer, thing)
    own = Favorite.user_id == writer.viewer.id
    await connection.execute(delete(Favorite).where(own, *_is(Favorite, thing)))
    await _forget_copies(connection, writer, thing)
    return found


async def _lock(connection: AsyncConnection, writer: Writer, thing: Followed) -> Thing:
    """Lock the thing, so that its followers are counted by one at a time, and the account."""
    await writing.mark(connection, writer=writer)
    if thing.kind is FavoriteKind.USER:
        return await _lock_user(connection, writer, thing)
    if thing.kind is FavoriteKind.TAG:
        # Accounts come before words in the order of locks, and after all other things.
        await writing.lock_account(connection, writer=writer)
        query = select(*tags.COLUMNS).where(Word.id == thing.id)
        return TagRow._make(await _locked_row(connection, query, thing))
    found: Thing
    if thing.kind is FavoriteKind.QUESTION:
        kind = PostKind.QUESTION
        found = await locking.lock_post(connection, writer=writer, post_id=thing.id, kind=kind)
    else:
        columns = (getattr(Category, name) for name in CategoryRow._fields)
        query = select(*columns).where(Category.id == thing.id)
        found = CategoryRow._make(await _locked_row(connection, query, thing))
    await writing.lock_account(connection, writer=writer)
    return found


async def _locked_row(connection: AsyncConnection, query: Select[Any], thing: Followed) -> Any:
    row = (await connection.execute(query.with_for_update())).first()
    if row is None:
        raise _missing(thing)
    return row


async def _lock_user(connection: AsyncConnection, writer: Writer, thing: Followed) -> UserRow:
    # Both accounts by ascending id: two people may begin to follow each other at once.
    both = [writer.viewer.id, thing.id]
    query = select(User.id).where(User.id.in_(both)).order_by(User.id).with_for_update()
    await connection.execute(query)
    found = await users.by_ids(connection, ids=[thing.id])
    if thing.id not in found:
        raise _missing(thing)
    return found[thing.id]


async def _is_followed(connection: AsyncConnection, writer: Writer, thing: Followed) -> bool:
    own = Favorite.user_id == writer.viewer.id
    query = select(Favorite.user_id).where(own, *_is(Favorite, thing))
    return (await connection.execute(query)).first() is not None


async def _add(connection: AsyncConnection, writer: Writer, thing: Followed) -> None:
    row = {
        Favorite.user_id: writer.viewer.id,
        Favorite.entity_type: thing.kind.value,
        Favorite.entity_id: thing.id,
        Favorite.reads_shared_events: 0,
    }
    keys = [Favorite.user_id, Favorite.entity_type, Favorite.entity_id]
    # q2a may have inserted it just now.
    await connection.execute(upsert(connection.dialect.name, Favorite, [row], keys=keys))
    sharing = func.coalesce(func.sum(Favorite.reads_shared_events), 0)
    query = select(func.count(), sharing).where(*_is(Favorite, thing))
    followers, sharers = (await connection.execute(query)).one()
    if sharers == 0 and followers < writer.options.max_copy_user_updates:
        await _copy(connection, writer, thing)
    else:
        joining = [Favorite.user_id == writer.viewer.id] if sharers else []
        await _share(connection, writer, thing, joining)


async def _copy(connection: AsyncConnection, writer: Writer, thing: Followed) -> None:
    """Put what has happened to the thing into the writer's own stream."""
    await _forget_copies(connection, writer, thing)
    user_id = literal(writer.viewer.id, UserEvent.user_id.type)
    columns = [getattr(SharedEvent, name) for name in COPIED]
    events = select(user_id, *columns).where(*_is(SharedEvent, thing))
    targets = [UserEvent.user_id, *(getattr(UserEvent, name) for name in COPIED)]
    await connection.execute(insert(UserEvent).from_select(targets, events))
    await _shorten(connection, writer)


async def _shorten(connection: AsyncConnection, writer: Writer) -> None:
    """Keep the writer's stream as short as the site wants it."""
    own = UserEvent.user_id == writer.viewer.id
    newest_first = select(UserEvent.happened_at).where(own).order_by(UserEvent.happened_at.desc())
    beyond = newest_first.offset(writer.options.max_store_user_updates).limit(1)
    since = (await connection.execute(beyond)).scalar()
    if since is not None:
        await connection.execute(delete(UserEvent).where(own, UserEvent.happened_at <= since))


async def _share(
    connection: AsyncConnection, writer: Writer, thing: Followed, joining: list[Any]
) -> None:
    """Let all followers of the thing read its shared stream from now on, for good.

    :param joining: the condition on favourites that tells who does not do so yet; none: nobody does
    """
    these = [*_is(Favorite, thing), *joining]
    statement = update(Favorite).where(*these)
    await connection.execute(statement.values({Favorite.reads_shared_events: 1}))
    # Who reads many shared streams waits long for their updates: then more is copied (FACTS 7).
    people = (await connection.execute(select(Favorite.user_id).where(*these))).scalars().all()
    streams = func.count()
    query = (
        select(streams)
        .where(Favorite.reads_shared_events == 1, Favorite.user_id.in_(people))
        .group_by(Favorite.user_id)
        .order_by(streams.desc())
        .limit(1)
    )
    most = (await connection.execute(query)).scalar_one()
    if most >= writer.options.max_copy_user_updates:
        await _raise_threshold(connection, most + 1)


async def _raise_threshold(connection: AsyncConnection, threshold: int) -> None:
    row, value = {Option.name: THRESHOLD, Option.value: str(threshold)}, str(threshold)
    changes = [(Option.value, value)]
    statement = upsert(connection.dialect.name, Option, [row], keys=[Option.name], changes=changes)
    await connection.execute(statement)


async def _forget_copies(connection: AsyncConnection, writer: Writer, thing: Followed) -> None:
    own = and_(UserEvent.user_id == writer.viewer.id, *_is(UserEvent, thing))
    await connection.execute(delete(UserEvent).where(own))


def _is(model: Any, thing: Followed) -> list[Any]:
    return [model.entity_type == thing.kind.value, model.entity_id == thing.id]


def _missing(thing: Followed) -> NotFound:
    return NotFound(f"There is no such {thing.kind.name.lower()}.")
