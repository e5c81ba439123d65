"""Viewing: counting that somebody read the page of a question (FACTS 3)."""

from typing import Any, NamedTuple

from sqlalchemy import Update, and_, bindparam, false, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import run
from app.domain import permissions, posts, recounts
from app.domain.errors import NotFound
from app.domain.posts import PostRow
from app.domain.writing import Writer
from app.models import Post, PostKind

# What the agents of browsers have in their names, in lower case; robots with plain names do not.
BROWSERS = (
    "firefox",
    "chrome",
    "safari",
    "gecko",
    "opera",
    "msie",
    "iphone",
    "ipad",
    "konqueror",
    "lynx",
    "blackberry",
)


class Viewed(NamedTuple):
    """A question that was viewed, as it is now, and whether that was counted."""

    question: PostRow
    is_counted: bool


async def record(
    connection: AsyncConnection, *, writer: Writer, question_id: int, agent: str
) -> Viewed:
    """Count one view of a question, where q2a would.

    One address counts once until another one comes. Authors, and whoever comes from where the
    question was written, count only if nobody else has come before them. Nothing else is written,
    nor any limit counted: reading is not writing.

    :param agent: what the viewer's program calls itself
    :raises NotFound: if there is no such question that the writer sees
    :raises NotAllowed: if the writer may not read question pages
    """
    question = await _read(connection, writer, question_id)
    denial = permissions.reading_denial(writer.viewer, writer.options, question)
    permissions.ensure(denial)
    if not (writer.options.do_count_q_views and is_person(agent)):
        return Viewed(question, is_counted=False)
    if not await _count(connection, writer, question):
        return Viewed(question, is_counted=False)
    if writer.options.recalc_hotness_q_view:
        options = writer.options
        await recounts.question_hotness(connection, options=options, question_id=question_id)
    return Viewed(await _read(connection, writer, question_id), is_counted=True)


def is_person(agent: str) -> bool:
    """Whether a program that calls itself so is probably led by somebody who reads."""
    lower = agent.lower()
    return not lower or any(name in lower for name in BROWSERS)


async def _read(connection: AsyncConnection, writer: Writer, question_id: int) -> PostRow:
    found = await posts.by_ids(connection, sight=writer.sight, ids=[question_id])
    question = found.get(question_id)
    if question is None or question.kind is not PostKind.QUESTION:
        raise NotFound("There is no such post.")
    return question


async def _count(connection: AsyncConnection, writer: Writer, question: PostRow) -> bool:
    """Count the view if the row as it is now says so: no view that comes at once is lost."""
    is_author = writer.viewer.wrote(question.author_id, question.cookie_id)
    values = {"this": question.id, "address": writer.viewer.address}
    return (await run(connection, _counted(is_author), values)).row_count > 0


@prepared
def _counted(is_author: bool) -> Update:
    address: Any = bindparam("address")
    from_elsewhere = or_(Post.created_from.is_(None), Post.created_from != address)
    by_another = false() if is_author else from_elsewhere
    counts = and_(
        or_(Post.viewed_from.is_(None), Post.viewed_from != address),
        or_(Post.view_count == 0, by_another),
    )
    values = {Post.view_count: Post.view_count + 1, Post.viewed_from: address}
    return update(Post).where(Post.id == bindparam("this"), counts).values(values)
