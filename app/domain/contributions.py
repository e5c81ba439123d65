"""What a user has written that everybody sees, newest first: questions, answers and comments.

What stands below a hidden post cannot be reached, so it is left out as well (FACTS 2).
"""

from datetime import datetime
from typing import Any

from app.domain import posts, threads
from app.domain.batches import ListKind
from app.domain.orders import Key, Order
from app.domain.posts import NOBODY, PostRow
from app.models import Post, PostKind

# The index on author, type and time read backwards, the id that closes it included.
_NEWEST = (Key(Post.created_at, datetime, True), Key(Post.id, int, True))


def _kind(name: str, source: Any, condition: Any) -> ListKind[PostRow]:
    return ListKind(
        columns=posts.COLUMNS,
        make=PostRow._make,
        id=Post.id,
        parent=Post.author_id,
        source=source,
        condition=condition,
        order=Order(name, _NEWEST),
    )


BY_KIND = {
    PostKind.QUESTION: _kind("user-questions", Post, Post.type == PostKind.QUESTION.value),
    PostKind.ANSWER: _kind(
        "user-answers",
        threads.WITH_PARENT,
        (Post.type == PostKind.ANSWER.value) & threads.answer_is_reachable(NOBODY),
    ),
    PostKind.COMMENT: _kind(
        "user-comments",
        threads.WITH_ANCESTORS,
        (Post.type == PostKind.COMMENT.value) & threads.comment_is_reachable(NOBODY),
    ),
}
