"""Editing: what posts say, and where questions stand, with all that follows (FACTS 2, 3 and 10)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.running import update_row
from app.domain import (
    announcing,
    categories,
    counters,
    drafts,
    extras,
    locking,
    notifications,
    permissions,
    revisions,
    sources,
    unsubscribing,
    visibility,
    word_index,
    wordings,
    writing,
)
from app.domain.categories import CategoryTree
from app.domain.changes import ChangeKind, stamp
from app.domain.drafts import Content
from app.domain.errors import Conflict, Denial, Invalid, NotFound
from app.domain.locking import Locked
from app.domain.posts import PostRow
from app.domain.wordings import Changes, Wording
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState


async def edit(
    connection: AsyncConnection,
    *,
    writer: Writer,
    post_id: int,
    kind: PostKind,
    changes: Changes,
) -> Locked:
    """Change a post. What it said before is kept as a revision.

    :returns: the thread as it is now; the post may have to wait for a moderator again
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if the writer may not change what is to be changed
    :raises Invalid: if a value is not acceptable
    :raises Conflict: if the post is no longer what the writer expects
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    _ensure_allowed(writer, locked.post, changes)
    expected = changes.expected_version
    if expected is not None and expected != revisions.version_of(locked.post):
        raise Conflict("It was changed in the meantime.")
    wording = await wordings.reworded(
        connection, options=writer.options, post=locked.post, changes=changes
    )
    await _store_details(connection, writer, locked.post, changes)
    return await _apply(connection, writer, locked, wording, silent=changes.silent)


async def roll_back(
    connection: AsyncConnection, *, writer: Writer, post_id: int, kind: PostKind, revision_id: int
) -> Locked:
    """Make a post say again what it said in one of its revisions; that is an edit like any other.

    :returns: the thread as it is now
    :raises NotFound: if there is no such post that the writer sees, or no such revision of it
    :raises NotAllowed: if the writer may not edit it, or not change its tags and category
    """
    locked = await locking.lock_post(connection, writer=writer, post_id=post_id, kind=kind)
    post, viewer, options = locked.post, writer.viewer, writer.options
    permissions.ensure(permissions.edit_denial(viewer, options, post))
    found = await revisions.find(connection, post_id=post_id, revision_id=revision_id)
    if found is None:
        raise NotFound("There is no such revision.")
    path = post.category_path
    if kind is PostKind.QUESTION and found.category_id != post.category_id:
        tree = await categories.load(connection)
        path = _path_again(tree, found.category_id, path)
    if (found.tags, path) != (post.tags, post.category_path):
        permissions.ensure(permissions.retag_denial(viewer, options, post))
    content = Content(found.content, found.format, found.source)
    wording = Wording(found.title, content, found.tags, path)
    return await _apply(connection, writer, locked, wording, silent=False)


def _path_again(
    tree: CategoryTree, category_id: int | None, present: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    """Where a category is now; what was in one that is gone stays where it is."""
    if category_id is not None and category_id not in tree.by_id:
        return present
    return tree.stored_path(tree.by_id.get(category_id or 0))


def _ensure_allowed(writer: Writer, post: PostRow, changes: Changes) -> None:
    viewer, options = writer.viewer, writer.options
    if changes.concern_words or not changes.concern_place:
        permissions.ensure(permissions.edit_denial(viewer, options, post))
    if changes.concern_place:
        permissions.ensure(permissions.retag_denial(viewer, options, post))
    if changes.silent:
        permissions.ensure(permissions.silence_denial(viewer, options, post))
    about_mails = changes.notify is not None or changes.notify_email is not None
    if about_mails and not viewer.wrote(post.author_id, post.cookie_id):
        permissions.ensure(Denial.OTHERS_POST)


async def _store_details(
    connection: AsyncConnection, writer: Writer, post: PostRow, changes: Changes
) -> None:
    """Store what is no part of the wording: the extra field, and where mails go."""
    if changes.extra is not None:
        options = writer.options
        extra = await drafts.extra_of(connection, options=options, extra=changes.extra)
        await extras.store(connection, question_id=post.id, extra=extra)
    if changes.notify is None and changes.notify_email is not None:
        raise Invalid("notifyEmail", "An address is only wanted together with `notify`.")
    if changes.notify is not None:
        email = changes.notify_email
        notify = drafts.notify_of(writer.viewer, notify=changes.notify, email=email)
        await update_row(connection, Post, post.id, {Post.notify: notify})
        await unsubscribing.resume_by_post(connection, writer.viewer.id, notify)


async def _apply(
    connection: AsyncConnection, writer: Writer, locked: Locked, wording: Wording, *, silent: bool
) -> Locked:
    """Make the locked post say what it shall, and bring up what counts or finds it."""
    post = locked.post
    await writing.mark(connection, writer=writer)
    kind = wording.change_of(post)
    if kind is None:
        await _keep_source(connection, post, wording)
        return locked
    source = (await sources.by_posts(connection, post_ids=[post.id])).get(post.id)
    await revisions.keep(connection, writer=writer, post=post, source=source)
    await _store(connection, writer, post, wording, None if silent else kind)
    await _keep_source(connection, post, wording)
    if wording.path != post.category_path:
        await counters.lock_categories(connection, paths=[post.category_path, wording.path])
        await _move(connection, post.id, wording.path)
    changed = await _settle(connection, writer, locked, wording)
    was_and_is_visible = all(row.state is PostState.VISIBLE for row in (post, changed.post))
    if was_and_is_visible and not silent:
        await announcing.edited(connection, writer=writer, before=post, thread=changed)
    return changed


async def _keep_source(connection: AsyncConnection, post: PostRow, wording: Wording) -> None:
    """Keep the Markdown of a new content, or other Markdown that the same is made from."""
    if wording.content.source is not None or wording.has_other_content(post):
        await sources.keep(connection, post_id=post.id, content=wording.content)


async def _store(
    connection: AsyncConnection,
    writer: Writer,
    post: PostRow,
    wording: Wording,
    kind: ChangeKind | None,
) -> None:
    """:param kind: what is noted as the last change; None: nothing"""
    values: dict[Any, Any] = {
        Post.title: wording.title,
        Post.content: wording.content.text,
        Post.format: wording.content.format,
        Post.tags: wording.tags,
    }
    if kind is not None and post.state is not PostState.QUEUED:
        values |= stamp(writer, kind)
    await update_row(connection, Post, post.id, values)


async def _move(connection: AsyncConnection, question_id: int, path: Sequence[int | None]) -> None:
    """Put a question with its answers, comments and note into a category (FACTS 14)."""
    ids = [question_id, *await visibility.ids_below(connection, question_id)]
    values = dict(zip(categories.COLUMNS, path, strict=True))
    await connection.execute(update(Post).where(Post.id.in_(ids)).values(values))


async def _settle(
    connection: AsyncConnection, writer: Writer, locked: Locked, wording: Wording
) -> Locked:
    post = locked.post
    rewritten = wording.differs_from(post) or wording.tags != post.tags
    waits = rewritten and _is_moderated_again(writer, post)
    if rewritten and not waits:
        await word_index.renew(connection, post_ids=[post.id])
    changed = await locking.reread(connection, locked=locked)
    await counters.settle(connection, before=locked.rows, after=changed.rows)
    if not waits:
        return changed
    changed = await visibility.change(
        connection, writer=writer, locked=changed, state=PostState.QUEUED, stamp=False
    )
    await notifications.queued(connection, writer=writer, thread=changed)
    return changed


def _is_moderated_again(writer: Writer, post: PostRow) -> bool:
    if post.state is not PostState.VISIBLE or not writer.options.moderate_edited_again:
        return False
    level = writer.viewer.level_in(post.category_path)
    return permissions.moderation_reason(writer.viewer, writer.options, level=level) is not None
