"""Which type of the API each kind of post has."""

from typing import NamedTuple

from app.domain.errors import Invalid
from app.domain.locking import Locked
from app.domain.posts import PostRow, sees
from app.models import PostKind
from schema import nodes
from schema.answers import Answer
from schema.comments import Comment
from schema.context import Context
from schema.posts import Post
from schema.questions import Question

TYPES: dict[PostKind, type[Post]] = {
    PostKind.QUESTION: Question,
    PostKind.ANSWER: Answer,
    PostKind.COMMENT: Comment,
}
_IN_WORDS = {
    PostKind.QUESTION: "a question",
    PostKind.ANSWER: "an answer",
    PostKind.COMMENT: "a comment",
}
KINDS: dict[str, PostKind] = {type.__name__: kind for kind, type in TYPES.items()}


class NamedPost(NamedTuple):
    """What the global id of a post says."""

    kind: PostKind
    id: int


def post_named(id: str, *, field: str = "id", kind: PostKind | None = None) -> NamedPost:
    """The post that a global id in the input of a mutation names.

    :param field: the field of the input
    :param kind: the only kind of post that will do; None: any
    :raises Invalid: if it is not the global id of such a post
    """
    named = nodes.decode(id)
    found = KINDS.get(named.type) if named else None
    if named is None or found is None or (kind is not None and found is not kind):
        wanted = _IN_WORDS[kind] if kind else "a post"
        raise Invalid(field, f"{id!r} is not the global id of {wanted}.")
    return NamedPost(found, named.key)


def is_seen(context: Context, locked: Locked) -> bool:
    """Whether the viewer still sees the post of a write."""
    return all(sees(context.sight, row) for row in locked.rows)


def written(context: Context, locked: Locked) -> Post:
    """The post of a write, as the transaction left it; what it stands below is known, too."""
    for row in locked.rows:
        context.loaders.post.prime(row.id, row)
    context.loaders.viewer_vote.prime(locked.post.id, locked.cast)
    return post_of(locked.post)


def post_of(row: PostRow) -> Post:
    """The question, answer or comment that the row is."""
    return TYPES[row.kind].of(row)
