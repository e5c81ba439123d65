"""Duplicates: the same words again, which q2a refuses (FACTS 11)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.domain import contents, words
from app.domain.errors import Invalid
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type

NEWEST_QUESTIONS = 5


async def refuse_question(connection: AsyncConnection, *, title: str, content: str) -> None:
    """:param content: as plain text
    :raises Invalid: if one of the newest questions says the same
    """
    asked = (words.split(title), words.split(content))
    for other_title, text, format in await rows_of(connection, _newest()):
        other = contents.to_text(text or "", format)
        if asked == (words.split(other_title or ""), words.split(other)):
            raise Invalid("content", "This has just been asked.")


@prepared
def _newest() -> Select[Any]:
    columns: Sequence[Any] = (Post.title, Post.content, Post.format)
    return (
        select(*columns)
        .where(Post.type == post_type(PostKind.QUESTION))
        .order_by(Post.created_at.desc(), Post.id.desc())
        .limit(NEWEST_QUESTIONS)
    )


async def refuse_reply(
    connection: AsyncConnection, *, kind: PostKind, parent_id: int, content: str
) -> None:
    """:param content: as plain text
    :raises Invalid: if an answer to the same question, or a comment on the same post, says it
    """
    replies = await rows_of(connection, _replies(kind), {"parent": parent_id})
    found = ((text or "", format) for text, format in replies)
    if _is_among(words.split(content), found):
        raise Invalid("content", "This has been said here already.")


@prepared
def _replies(kind: PostKind) -> Select[Any]:
    types = [post_type(kind, state) for state in (PostState.VISIBLE, PostState.QUEUED)]
    columns: Sequence[Any] = (Post.content, Post.format)
    return select(*columns).where(Post.parent_id == bindparam("parent"), Post.type.in_(types))


def _is_among(said: list[str], found: Iterable[tuple[str, str]]) -> bool:
    return any(said == words.split(contents.to_text(text, format)) for text, format in found)
