"""Rights: the `viewerCan...` fields of posts, which ask the rules that the mutations ask."""

from collections.abc import Callable
from typing import Any, Protocol

import strawberry

from app.domain import permissions
from app.domain.errors import Denial
from app.domain.options import Options
from app.domain.posts import PostRow
from app.domain.viewers import Viewer
from schema.context import Context, Info

Rule = Callable[[Viewer, Options, PostRow], Denial | None]


class _OfPost(Protocol):
    row: PostRow


def may(rule: Rule, description: str) -> Any:
    """A field of a post: whether the viewer may do what the rule is about.

    Rules that need more than the post have fields of their own, which end in `granted`.
    """

    def field(self: _OfPost, info: Info) -> bool:
        context = info.context
        return granted(context, self.row, rule(context.viewer, context.options, self.row))

    return strawberry.field(resolver=field, description=description)


def granted(context: Context, post: PostRow, denial: Denial | None) -> bool:
    """Whether there is no denial; who may not read the post's page can do nothing there either."""
    return denial is None and is_readable(context, post)


def is_readable(context: Context, post: PostRow) -> bool:
    """Whether the viewer may read question pages such as the post's, and not only lists."""
    if context.reads_questions:
        return True
    return permissions.reading_denial(context.viewer, context.options, post) is None
