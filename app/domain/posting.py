"""Posting: new questions, answers and comments, and all that follows (FACTS 2, 3, 10 and 11)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import (
    answers,
    categories,
    creating,
    drafts,
    extras,
    idempotency,
    locking,
    permissions,
)
from app.domain.creating import Entry, Posted
from app.domain.drafts import Draft, QuestionDraft
from app.domain.errors import Invalid
from app.domain.locking import Locked
from app.domain.writing import Writer
from app.models import Post, PostKind

# A guest without a cookie is told from others by the key alone when a request is repeated.
SHORTEST_KEY_OF_STRANGERS = 16

Make = Callable[[], Awaitable[Posted]]


async def ask(
    connection: AsyncConnection, *, writer: Writer, draft: QuestionDraft, key: str | None = None
) -> Posted:
    """Ask a question.

    :param key: the client's idempotency key
    :raises Invalid: if a value is not acceptable
    :raises NotFound: if the writer does not see the answer that it follows on from
    :raises NotAllowed: if the writer may not ask in this category, or not follow on from there
    :raises RateLimited: if the writer has asked too often in this hour
    :raises Conflict: if the key was used for something else
    """

    async def make() -> Posted:
        await _lock_followed(connection, writer, draft.follows_answer_id)
        entry = await _question(connection, writer, draft)
        extra = await drafts.extra_of(connection, options=writer.options, extra=draft.extra)
        posted = await creating.create(connection, writer=writer, entry=entry)
        if extra is not None:
            await extras.store(connection, question_id=posted.thread.post.id, extra=extra)
        return posted

    return await _once(connection, writer, key, ("askQuestion", draft), make)


async def answer(
    connection: AsyncConnection,
    *,
    writer: Writer,
    question_id: int,
    draft: Draft,
    key: str | None = None,
) -> Posted:
    """Answer a question.

    :param key: the client's idempotency key
    :raises NotFound: if there is no such question that the writer sees
    :raises NotAllowed: if the writer may not answer it
    :raises Invalid: if a value is not acceptable
    :raises RateLimited: if the writer has answered too often in this hour
    :raises Conflict: if the key was used for something else
    """

    async def make() -> Posted:
        above = await locking.lock_post(
            connection, writer=writer, post_id=question_id, kind=PostKind.QUESTION
        )
        viewer, options = writer.viewer, writer.options
        answered = not options.allow_multi_answers and await answers.answered_by(
            connection, viewer=viewer, question_ids=[question_id]
        )
        denial = permissions.answer_denial(
            viewer, options, above.question, has_answered=bool(answered)
        )
        permissions.ensure(denial)
        least = options.min_len_a_content
        return await _reply(connection, writer, PostKind.ANSWER, draft, above, least)

    return await _once(connection, writer, key, ("answerQuestion", question_id, draft), make)


async def comment(
    connection: AsyncConnection,
    *,
    writer: Writer,
    parent_id: int,
    draft: Draft,
    kind: PostKind | None = None,
    key: str | None = None,
) -> Posted:
    """Comment on a question or an answer.

    :param kind: what the parent has to be; None: either
    :param key: the client's idempotency key
    :raises NotFound: if there is no such post that the writer sees
    :raises NotAllowed: if the writer may not comment on it
    :raises Invalid: if a value is not acceptable
    :raises RateLimited: if the writer has commented too often in this hour
    :raises Conflict: if the key was used for something else
    """

    async def make() -> Posted:
        above = await locking.lock_post(connection, writer=writer, post_id=parent_id, kind=kind)
        viewer, options = writer.viewer, writer.options
        permissions.ensure(permissions.comment_denial(viewer, options, above.post))
        least = options.min_len_c_content
        return await _reply(connection, writer, PostKind.COMMENT, draft, above, least)

    return await _once(connection, writer, key, ("addComment", parent_id, draft), make)


async def _once(
    connection: AsyncConnection, writer: Writer, key: str | None, request: object, make: Make
) -> Posted:
    viewer, made = writer.viewer, list[Posted]()
    is_stranger = viewer.account is None and viewer.cookie_id is None
    if is_stranger and key is not None and len(key) < SHORTEST_KEY_OF_STRANGERS:
        least = SHORTEST_KEY_OF_STRANGERS
        raise Invalid("idempotencyKey", f"A guest's first key has at least {least} characters.")

    async def make_post() -> int:
        if earlier := await _made_as_stranger(connection, writer, key, request):
            return earlier
        made.append(await make())
        return made[0].thread.post.id

    post_id = await idempotency.once(
        connection, writer=writer, key=key, request=request, make=make_post
    )
    return made[0] if made else await _made_before(connection, writer, post_id)


async def _made_as_stranger(
    connection: AsyncConnection, writer: Writer, key: str | None, request: object
) -> int | None:
    """The post of an equal request that the guest sent before there was a cookie.

    The cookie came with the answer to it, of which no more may have arrived than that.
    """
    viewer = writer.viewer
    if key is None or viewer.account is not None or viewer.cookie_id is None:
        return None
    stranger = replace(viewer, cookie_id=None)
    found = await idempotency.result_of(connection, viewer=stranger, key=key, request=request)
    own = select(Post.id).where(
        Post.id == found, Post.author_id.is_(None), Post.cookie_id == viewer.cookie_id
    )
    return (await connection.execute(own)).scalar() if found else None


async def _made_before(connection: AsyncConnection, writer: Writer, post_id: int) -> Posted:
    """What the first of several equal requests has made, as it is now."""
    if writer.viewer.account is None:
        # The answer to the first request, with the guest's new cookie, may never have arrived.
        query = select(Post.cookie_id).where(Post.id == post_id, Post.author_id.is_(None))
        cookie_id = (await connection.execute(query)).scalar() or writer.viewer.cookie_id
        writer = replace(writer, viewer=replace(writer.viewer, cookie_id=cookie_id))
    thread = await locking.lock_post(connection, writer=writer, post_id=post_id)
    return Posted(thread, writer.viewer.cookie_id)


async def _lock_followed(
    connection: AsyncConnection, writer: Writer, answer_id: int | None
) -> None:
    """:raises NotAllowed: if the writer may not ask a question that follows on from the answer"""
    if answer_id is not None:
        found = await locking.lock_post(
            connection, writer=writer, post_id=answer_id, kind=PostKind.ANSWER
        )
        denial = permissions.follow_denial(writer.viewer, writer.options, found.post)
        permissions.ensure(denial)


async def _question(connection: AsyncConnection, writer: Writer, draft: QuestionDraft) -> Entry:
    options = writer.options
    # The site's snapshot may be some seconds old.
    tree = await categories.load(connection)
    category = drafts.category_of(options=options, tree=tree, category=draft.category)
    path = tree.stored_path(category)
    permissions.ensure(permissions.ask_denial(writer.viewer, options, path))
    title = await drafts.title_of(connection, options=options, title=draft.title)
    content = await drafts.content_of(
        connection, text=draft.content, format=draft.format, min_length=options.min_len_q_content
    )
    tags = await drafts.tags_of(connection, options=options, tags=draft.tags)
    values = {Post.title: title, Post.tags: tags, Post.parent_id: draft.follows_answer_id}
    return Entry(PostKind.QUESTION, draft, content, path, values)


async def _reply(
    connection: AsyncConnection,
    writer: Writer,
    kind: PostKind,
    draft: Draft,
    above: Locked,
    min_length: int,
) -> Posted:
    content = await drafts.content_of(
        connection, text=draft.content, format=draft.format, min_length=min_length
    )
    path = above.question.category_path
    values = {Post.parent_id: above.post.id}
    entry = Entry(kind, draft, content, path, values, above)
    return await creating.create(connection, writer=writer, entry=entry)
