"""Threads: what a post stands below, up to the question at its root.

A comment stands below a question or an answer, an answer below a question; nothing is nested
deeper. Who does not see one of them does not see what is below it either (FACTS 2).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, orm

from app.domain import posts
from app.domain.posts import Sight
from app.models import Post, PostKind

PARENT: Any = orm.aliased(Post, name="parent")
GRANDPARENT: Any = orm.aliased(Post, name="grandparent")
# A question may have a parent, too, the answer it follows on from: its thread begins anew.
WITH_PARENT = orm.join(Post, PARENT, Post.parent_id == PARENT.id)
WITH_ANCESTORS = orm.outerjoin(
    WITH_PARENT, GRANDPARENT, and_(PARENT.parent_id == GRANDPARENT.id, PARENT.type.like("A%"))
)
# The question that a comment belongs to, in `WITH_ANCESTORS`.
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
