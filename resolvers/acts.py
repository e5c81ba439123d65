"""Acts on a post: what all mutations have in common that take the global id of one."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol, TypeVar

from app.domain.locking import Locked
from app.domain.writing import Writer
from app.models import PostKind
from schema.context import Context
from schema.kinds import post_named, written
from schema.posts import Post

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

PostType = TypeVar("PostType", bound=Post)


class Act(Protocol):
    """A function of the domain that writes to one post, and returns its thread as it is then."""

    def __call__(
        self, connection: "AsyncConnection", /, *, writer: Writer, post_id: int, kind: PostKind
    ) -> Awaitable[Locked]: ...


async def act_on(context: Context, id: str, act: Act, *, kind: PostKind | None = None) -> Locked:
    """What the act makes of the post that a global id names in the field `id` of an input.

    :param kind: the only kind of post that will do; None: any
    :raises Invalid: if it is not the global id of such a post
    """
    named = post_named(id, kind=kind)
    return await context.write(
        lambda connection, writer: act(connection, writer=writer, post_id=named.id, kind=named.kind)
    )


def written_as(type: type[PostType], context: Context, locked: Locked) -> PostType:
    """The post of a write, which can only be of this type: no other was asked for."""
    post = written(context, locked)
    assert isinstance(post, type)
    return post
