"""Threads: what a post stands below, up to the question at its root.

A comment stands below a question or an answer, an answer below a question; nothing is nested
deeper. Who does not see one of them does not see what is below it either (FACTS 2).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, outerjoin, true

from app.domain import posts
from app.domain.posts import Sight
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type
from app.models.tables import aliased

PARENT: Any = aliased(Post, name="parent")
GRANDPARENT: Any = aliased(Post, name="grandparent")
QUESTIONS, ANSWERS, COMMENTS = (
    tuple(post_type(kind, state) for state in PostState)
    for kind in (PostKind.QUESTION, PostKind.ANSWER, PostKind.COMMENT)
)

# A question may have a parent, too, the answer it follows on from: its thread begins anew.
IS_PARENT = and_(Post.parent_id == PARENT.id, Post.type.in_((*ANSWERS, *COMMENTS)))
IS_GRANDPARENT = and_(PARENT.parent_id == GRANDPARENT.id, PARENT.type.in_(ANSWERS))
WITH_PARENT = outerjoin(Post, PARENT, IS_PARENT)
WITH_ANCESTORS = outerjoin(WITH_PARENT, GRANDPARENT, IS_GRANDPARENT)
# The question of any post in `WITH_ANCESTORS`.
ROOT_ID = case(
    (Post.type.in_(QUESTIONS), Post.id),
    (PARENT.type.in_(QUESTIONS), PARENT.id),
    else_=GRANDPARENT.id,
)


# The question of a comment in `WITH_ANCESTORS`.
ROOT_OF_COMMENT = func.coalesce(GRANDPARENT.id, PARENT.id)


def answer_is_reachable(sight: Sight) -> ColumnElement[bool]:
    """The condition on an answer, in `WITH_PARENT`, that its question is seen."""
    return posts.seen(sight, PostKind.QUESTION, of=PARENT)


def comment_is_reachable(sight: Sight) -> ColumnElement[bool]:
    """The condition on a comment, in `WITH_ANCESTORS`, that all it stands below is seen."""
    return or_(
        posts.seen(sight, PostKind.QUESTION, of=PARENT),
        and_(
            posts.seen(sight, PostKind.ANSWER, of=PARENT),
            posts.seen(sight, PostKind.QUESTION, of=GRANDPARENT),
        ),
    )


def is_below_seen(sight: Sight, kind: PostKind) -> ColumnElement[bool]:
    """The condition on a post of this kind, in `WITH_ANCESTORS`, that what is above it is seen."""
    if kind is PostKind.QUESTION:
        return true()
    return answer_is_reachable(sight) if kind is PostKind.ANSWER else comment_is_reachable(sight)


def is_reachable(sight: Sight, kind: PostKind) -> ColumnElement[bool]:
    """The condition that a post of this kind is seen with all that it stands below.

    :param sight: whose; `posts.NOBODY` sees what everybody does
    """
    return and_(posts.seen(sight, kind), is_below_seen(sight, kind))
