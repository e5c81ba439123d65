"""What `posts.type` says: the kind of a post and the state it is in (FACTS 2)."""

from enum import Enum


class PostKind(Enum):
    QUESTION = "Q"
    ANSWER = "A"
    COMMENT = "C"
    NOTE = "NOTE"


class PostState(Enum):
    VISIBLE = ""
    HIDDEN = "_HIDDEN"
    QUEUED = "_QUEUED"


def post_type(kind: PostKind, state: PostState = PostState.VISIBLE) -> str:
    return kind.value + state.value


# From a stored type to what it says.
KINDS = {post_type(kind, state): kind for kind in PostKind for state in PostState}
STATES = {post_type(kind, state): state for kind in PostKind for state in PostState}
