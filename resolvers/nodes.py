"""Objects by their global ids, and posts of any kind by their numbers."""

import asyncio
from typing import Annotated

import strawberry

from app.domain.errors import Invalid
from app.domain.posts import PostRow
from schema import nodes
from schema.categories import Category
from schema.context import Context, Info
from schema.kinds import post_of
from schema.nodes import Node
from schema.posts import Post, readable
from schema.tags import Tag
from schema.threads import reachable
from schema.users import User

MOST_IDS = 100


@strawberry.type
class NodeQuery:
    @strawberry.field(
        description="The object with this global id; null where there is none that the viewer "
        "may see."
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")],
    ) -> Node | None:
        return await _node(info, id)

    @strawberry.field(
        description="The objects with these global ids, in the same order; null in the place of "
        "one that is not there."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Global ids, 100 at the most.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MOST_IDS:
            raise Invalid("ids", f"`ids` has more than {MOST_IDS} ids.")
        return list(await asyncio.gather(*(_node(info, id) for id in ids)))

    @strawberry.field(
        description="A question, an answer or a comment by its number; null where there is none "
        "that the viewer may see."
    )
    async def post(
        self,
        info: Info,
        database_id: Annotated[
            int, strawberry.argument(description="The number of the post on the site.")
        ],
    ) -> Post | None:
        return await _post(info, database_id)


async def _node(info: Info, id: str) -> Node | None:
    named = nodes.decode(id)
    if named is None:
        raise Invalid("id", f"{id!r} is not a global id.")
    context = info.context
    if named.type in ("Question", "Answer", "Comment"):
        post = await _post(info, named.key)
        return post if type(post).__name__ == named.type else None
    if named.type == "User":
        row = await context.loaders.user.load(named.key)
        return User.of(row) if row else None
    if named.type == "Category":
        category = context.site.categories.by_id.get(named.key)
        return Category.of(category) if category else None
    if named.type == "Tag":
        tag = await context.loaders.tag_by_id.load(named.key)
        return Tag.of(tag.name, tag) if tag else None
    raise Invalid("id", f"{id!r} is not a global id.")


async def _post(info: Info, id: int) -> Post | None:
    row = await _reachable_post(info.context, id)
    if row is None:
        return None
    readable(info, row)
    return post_of(row)


async def _reachable_post(context: Context, id: int) -> PostRow | None:
    return await reachable(context, await context.loaders.post.load(id))
