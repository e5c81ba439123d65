"""Threads: the way from a post up to its question, through what the viewer sees."""

from app.domain.errors import NotFound
from app.domain.posts import PostRow
from app.models import PostKind
from schema.context import Context

# A comment on an answer has two posts above it; nothing has more (FACTS 2).
DEEPEST = 2


async def question_of(context: Context, row: PostRow) -> PostRow:
    """The question at the root of a post.

    :raises NotFound: if the viewer does not see it, or what lies between
    """
    current: PostRow | None = row
    # A damaged row may stand below itself, so that its parents never end.
    for _ in range(DEEPEST):
        if current is None or current.kind is PostKind.QUESTION or current.parent_id is None:
            break
        current = await context.loaders.post.load(current.parent_id)
    if current is None or current.kind is not PostKind.QUESTION:
        raise NotFound("There is no such post.")
    return current


async def reachable(context: Context, row: PostRow | None) -> PostRow | None:
    """The post if all that it stands below can be seen, too; None otherwise (FACTS 2)."""
    if row is None:
        return None
    try:
        await question_of(context, row)
    except NotFound:
        return None
    return row
