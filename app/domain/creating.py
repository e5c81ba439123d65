"""Creating: a post that was checked gets its row, and all that counts, finds or tells of it."""

from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.running import insert_row
from app.domain import (
    announcing,
    categories,
    counters,
    drafts,
    duplicates,
    guests,
    limiting,
    notifications,
    permissions,
    points,
    posts,
    recounts,
    sources,
    unsubscribing,
    word_index,
    writing,
)
from app.domain.drafts import Content, Draft
from app.domain.limits import LimitedAction
from app.domain.locking import Locked
from app.domain.votes import NOT_CAST
from app.domain.word_index import Indexed
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type

ACTIONS = {
    PostKind.QUESTION: LimitedAction.ASK,
    PostKind.ANSWER: LimitedAction.ANSWER,
    PostKind.COMMENT: LimitedAction.COMMENT,
}


class Posted(NamedTuple):
    """A new post with what it stands below; `cookie_id` is what its author is known by, a guest."""

    thread: Locked
    cookie_id: int | None


class Entry(NamedTuple):
    """What is about to be posted, checked.

    `values` are the columns that posts of its kind alone have; `above` is what it stands below,
    None for a question.
    """

    kind: PostKind
    draft: Draft
    content: Content
    category_path: tuple[int | None, ...]
    values: dict[Any, Any]
    above: Locked | None = None


async def create(connection: AsyncConnection, *, writer: Writer, entry: Entry) -> Posted:
    """Post an entry, or have it wait for a moderator. What it stands below is locked.

    :raises Invalid: if the name or the address is not acceptable, or it repeats another post
    :raises RateLimited: if the writer has posted too often in this hour
    """
    draft, options = entry.draft, writer.options
    notify = drafts.notify_of(writer.viewer, notify=draft.notify, email=draft.notify_email)
    name = await drafts.name_of(
        connection, viewer=writer.viewer, options=options, name=draft.author_name
    )
    writer = await guests.known(connection, writer=writer)
    await writing.mark(connection, writer=writer)
    await limiting.count(connection, writer=writer, action=ACTIONS[entry.kind])
    # Who posts twice at once waits above for the first: now it can be seen.
    await _refuse_duplicate(connection, entry)
    level = writer.viewer.level_in(entry.category_path)
    reason = permissions.moderation_reason(writer.viewer, options, level=level)
    state = PostState.QUEUED if reason else PostState.VISIBLE
    values = {Post.notify: notify, Post.author_name: name, **entry.values}
    if entry.kind is PostKind.QUESTION and state is PostState.VISIBLE:
        await counters.lock_categories(connection, paths=[entry.category_path])
    post_id = await _insert(connection, writer, entry, state, values)
    if entry.content.source is not None:
        await sources.keep(connection, post_id=post_id, content=entry.content)
    await unsubscribing.resume_by_post(connection, writer.viewer.id, notify)
    thread = await _settle_thread(connection, writer, entry, post_id, state)
    await notifications.posted(connection, writer=writer, thread=thread)
    if entry.kind is PostKind.QUESTION:
        # Only the index knows the tags that are followed.
        await _settle(connection, writer, entry, thread)
        await announcing.posted(connection, writer=writer, thread=thread)
    else:
        await announcing.posted(connection, writer=writer, thread=thread)
        await _settle(connection, writer, entry, thread)
    return Posted(thread, writer.viewer.cookie_id if writer.viewer.account is None else None)


async def _refuse_duplicate(connection: AsyncConnection, entry: Entry) -> None:
    content = entry.content.plain
    if entry.above is None:
        title = entry.values[Post.title]
        await duplicates.refuse_question(connection, title=title, content=content)
        return
    parent_id = entry.above.post.id
    await duplicates.refuse_reply(connection, kind=entry.kind, parent_id=parent_id, content=content)


async def _insert(
    connection: AsyncConnection,
    writer: Writer,
    entry: Entry,
    state: PostState,
    values: dict[Any, Any],
) -> int:
    viewer = writer.viewer
    path = zip(categories.COLUMNS, entry.category_path, strict=True)
    row = {
        Post.type: post_type(entry.kind, state),
        Post.author_id: viewer.id,
        Post.cookie_id: viewer.cookie_id if viewer.account is None else None,
        Post.created_at: writer.time,
        Post.created_from: viewer.address,
        Post.content: entry.content.text,
        Post.format: entry.content.format,
        **dict(path),
        **values,
    }
    return await insert_row(connection, Post, row)


async def _settle_thread(
    connection: AsyncConnection, writer: Writer, entry: Entry, post_id: int, state: PostState
) -> Locked:
    """Bring up the new post's own figures and its question's, and read them."""
    visible = state is PostState.VISIBLE
    if entry.kind is PostKind.QUESTION:
        await recounts.question_hotness(connection, options=writer.options, question_id=post_id)
    elif entry.kind is PostKind.ANSWER and visible and entry.above is not None:
        question_id = entry.above.question.id
        await recounts.answers(connection, options=writer.options, question_id=question_id)
    return await _read(connection, entry.above, post_id)


async def _settle(
    connection: AsyncConnection, writer: Writer, entry: Entry, thread: Locked
) -> None:
    """Bring up everything else that counts or finds the new post: what everybody fights for."""
    if all(row.state is PostState.VISIBLE for row in thread.rows):
        await word_index.add(connection, found=[Indexed(thread.post, thread.question.id)])
    if thread.post.state is PostState.VISIBLE:
        figures = [points.POSTED[entry.kind]]
        await points.recount(
            connection, options=writer.options, user_ids=[writer.viewer.id], figures=figures
        )
    before = entry.above.rows if entry.above else []
    await counters.settle(connection, before=before, after=thread.rows)


async def _read(connection: AsyncConnection, above: Locked | None, post_id: int) -> Locked:
    """The new post and what it stands below, as the transaction has made them."""
    ids = [post_id, *(row.id for row in above.rows)] if above else [post_id]
    found = await posts.whatever_by_ids(connection, ids=ids)
    post = found[post_id]
    if above is None:
        return Locked(question=post, parent=None, post=post, cast=NOT_CAST)
    return Locked(
        question=found[above.question.id],
        parent=found[above.post.id],
        post=post,
        cast=NOT_CAST,
    )
