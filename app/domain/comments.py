"""What stands below a post, oldest first: comments, and the questions that refer to it."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, join

from app.domain import posts
from app.domain.batches import MOST_KINDS, ListKind
from app.domain.orders import Key, Order
from app.domain.posts import Detail, PostRow, Sight
from app.models import Post, PostKind
from app.models.kinds import post_type
from app.models.tables import aliased

_OLDEST = (Key(Post.created_at, datetime), Key(Post.id, int))
# Only visible questions are listed among the comments, whoever reads (golden file).
_IS_QUESTION = Post.type == post_type(PostKind.QUESTION)
# Follow-on questions of a question are those of its answers.
_ANSWER: Any = aliased(Post, name="answer")
_WITH_ANSWER = join(Post, _ANSWER, Post.parent_id == _ANSWER.id)


def _oldest_first(
    name: str,
    detail: Detail,
    kind: PostKind,
    condition: ColumnElement[bool],
    parent: Any = Post.parent_id,
    source: Any = Post,
) -> ListKind[PostRow]:
    read = posts.selection(detail, kind)
    return ListKind(
        columns=read.columns,
        make=read.make,
        id=Post.id,
        parent=parent,
        source=source,
        condition=condition,
        order=Order(name, _OLDEST),
        joined=read.joined,
        is_short=True,
    )


@lru_cache(maxsize=MOST_KINDS)
def below(sight: Sight, detail: Detail) -> ListKind[PostRow]:
    """The comments on a question or an answer.

    :param sight: one that has room for the viewer's numbers
    """
    condition = posts.seen(sight, PostKind.COMMENT)
    return _oldest_first("comments", detail, PostKind.COMMENT, condition)


@lru_cache(maxsize=MOST_KINDS)
def follow_ups_of_answer(_sight: Sight, detail: Detail) -> ListKind[PostRow]:
    """Questions that were asked from an answer."""
    return _oldest_first("follow-ups", detail, PostKind.QUESTION, _IS_QUESTION)


@lru_cache(maxsize=MOST_KINDS)
def duplicates(_sight: Sight, detail: Detail) -> ListKind[PostRow]:
    """Questions that were closed for repeating another."""
    return _oldest_first("duplicates", detail, PostKind.QUESTION, _IS_QUESTION, Post.closed_by_id)


@lru_cache(maxsize=MOST_KINDS)
def follow_ups_of_question(sight: Sight, detail: Detail) -> ListKind[PostRow]:
    """Questions that were asked from any of a question's answers that the viewer sees.

    :param sight: one that has room for the viewer's numbers
    """
    condition = _IS_QUESTION & posts.seen(sight, PostKind.ANSWER, of=_ANSWER)
    return _oldest_first(
        "follow-ups", detail, PostKind.QUESTION, condition, _ANSWER.parent_id, _WITH_ANSWER
    )
