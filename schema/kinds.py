"""Which type of the API each kind of post has."""

from app.domain.posts import PostRow
from app.models import PostKind
from schema.answers import Answer
from schema.comments import Comment
from schema.posts import Post
from schema.questions import Question

TYPES: dict[PostKind, type[Post]] = {
    PostKind.QUESTION: Question,
    PostKind.ANSWER: Answer,
    PostKind.COMMENT: Comment,
}


def post_of(row: PostRow) -> Post:
    """The question, answer or comment that the row is."""
    return TYPES[row.kind].of(row)
