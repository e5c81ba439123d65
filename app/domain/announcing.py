"""Announcing: which streams a new or changed post goes to (FACTS 7)."""

from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain import posts, publishing
from app.domain.changes import ChangeKind
from app.domain.locking import Locked
from app.domain.posts import PostRow
from app.domain.publishing import Event
from app.domain.writing import Writer
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type

# What only streams know.
FOLLOWED, ON_QUESTION, ON_ANSWER = "F", "U", "N"


async def posted(connection: AsyncConnection, *, writer: Writer, thread: Locked) -> None:
    """Announce a new post, or one that was approved just now, in the name of its author.

    What waits for a moderator, or stands below what is not visible, is not announced.
    """
    if any(row.state is not PostState.VISIBLE for row in thread.rows):
        return
    question, post = thread.question, thread.post
    event = Event(question.id, post.id, None, post.author_id, writer.time)
    entities = publishing.around(question, actor_id=post.author_id)
    if post.kind is PostKind.QUESTION:
        entities += await publishing.tags_of(connection, question=question)
        entities += publishing.categories_of(question)
    options = writer.options
    await publishing.to_followers(connection, options=options, event=event, entities=entities)
    if post.kind is PostKind.QUESTION:
        await _announce_follow_up(connection, writer, post, event)
    elif post.kind is PostKind.ANSWER:
        asker = [question.author_id]
        await publishing.to_people(connection, options=options, event=event, user_ids=asker)
    elif thread.parent is not None:
        await _announce_to_commenters(connection, writer, thread.parent, post, event)


async def edited(
    connection: AsyncConnection, *, writer: Writer, before: PostRow, thread: Locked
) -> None:
    """Announce a change of what a visible post says, or of where a question stands.

    :param before: the post as it was
    """
    question, post = thread.question, thread.post
    entities = publishing.around(question, actor_id=writer.viewer.id)
    if _words(before) != _words(post) or before.tags != post.tags:
        reworded = _words(before) != _words(post)
        kind = ChangeKind.EDITED if reworded else ChangeKind.RETAGGED
        tagged = before.tags != post.tags
        tags = await publishing.tags_of(connection, question=post) if tagged else []
        await _announce_change(connection, writer, thread, kind, [*entities, *tags])
    if before.category_path != post.category_path:
        into = publishing.categories_of(question)
        await _announce_change(connection, writer, thread, ChangeKind.CATEGORY, [*entities, *into])


def _words(post: PostRow) -> tuple[str | None, str | None, str]:
    return post.title, post.content, post.format


async def _announce_change(
    connection: AsyncConnection,
    writer: Writer,
    thread: Locked,
    kind: ChangeKind,
    entities: list[publishing.Entity],
) -> None:
    options, post = writer.options, thread.post
    event = publishing.event_of(writer, question=thread.question, post=post, change=kind)
    await publishing.to_followers(connection, options=options, event=event, entities=entities)
    author = [post.author_id]
    await publishing.to_people(connection, options=options, event=event, user_ids=author)


async def _announce_follow_up(
    connection: AsyncConnection, writer: Writer, question: PostRow, event: Event
) -> None:
    """Tell those around the answer that a question follows on from, if it follows on from one."""
    if question.parent_id is None:
        return
    query = select(Post.parent_id, Post.author_id).where(
        Post.id == question.parent_id, Post.type == post_type(PostKind.ANSWER)
    )
    found = (await connection.execute(query)).first()
    if found is None:
        return
    first_id, answerer = found
    rows = await connection.execute(posts.rows(Post.id == first_id))
    first = PostRow.of(rows.one())
    options, event = writer.options, event._replace(question_id=first.id, change=FOLLOWED)
    entities = publishing.around(first, actor_id=event.actor_id)
    await publishing.to_followers(connection, options=options, event=event, entities=entities)
    await publishing.to_people(connection, options=options, event=event, user_ids=[answerer])


async def _announce_to_commenters(
    connection: AsyncConnection, writer: Writer, parent: PostRow, comment: PostRow, event: Event
) -> None:
    """Tell the author of what was commented on, and those who had commented on it before."""
    these = {"parent": parent.id, "comment": comment.id}
    before = {author_id for (author_id,) in await rows_of(connection, _commenters(), these)}
    options = writer.options
    followed = event._replace(change=FOLLOWED)
    await publishing.to_people(connection, options=options, event=followed, user_ids=before)
    if parent.author_id not in before:
        code = ON_QUESTION if parent.kind is PostKind.QUESTION else ON_ANSWER
        own = event._replace(change=code)
        author = [parent.author_id]
        await publishing.to_people(connection, options=options, event=own, user_ids=author)


@prepared
def _commenters() -> Select[Any]:
    return select(Post.author_id).where(
        Post.parent_id == bindparam("parent"),
        Post.type == post_type(PostKind.COMMENT),
        Post.id != bindparam("comment"),
        Post.author_id.is_not(None),
    )
