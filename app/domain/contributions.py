"""What a user has written that everybody sees, newest first: questions, answers and comments.

What stands below a hidden post cannot be reached, so it is left out as well (FACTS 2).
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from app.domain import posts, threads
from app.domain.batches import MOST_KINDS, ListKind
from app.domain.orders import Key, Order
from app.domain.posts import NOBODY, Detail, PostRow
from app.models import Post, PostKind

# The index on author, type and time read backwards, the id that closes it included.
_NEWEST = (Key(Post.created_at, datetime, True), Key(Post.id, int, True))


_LISTS: dict[PostKind, tuple[str, Any, Any]] = {
    PostKind.QUESTION: ("user-questions", Post, Post.type == PostKind.QUESTION.value),
    PostKind.ANSWER: (
        "user-answers",
        threads.WITH_PARENT,
        (Post.type == PostKind.ANSWER.value) & threads.answer_is_reachable(NOBODY),
    ),
    PostKind.COMMENT: (
        "user-comments",
        threads.WITH_ANCESTORS,
        (Post.type == PostKind.COMMENT.value) & threads.comment_is_reachable(NOBODY),
    ),
}


@lru_cache(maxsize=MOST_KINDS)
def of_kind(kind: PostKind, detail: Detail) -> ListKind[PostRow]:
    """What users have written of one kind."""
    name, source, condition = _LISTS[kind]
    read = posts.selection(detail, kind)
    return ListKind(
        columns=read.columns,
        make=read.make,
        id=Post.id,
        parent=Post.author_id,
        source=source,
        condition=condition,
        order=Order(name, _NEWEST),
        joined=read.joined,
    )
