"""Tags."""

import zlib
from functools import lru_cache
from typing import Self

import strawberry

from app.domain import urls
from app.domain.favorites import FavoriteKind
from app.domain.listings import Listing
from app.domain.pages import EMPTY
from app.domain.questions import Filters, QuestionOrder
from app.domain.tags import TagOrder, TagRow
from schema import nodes
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.enums import expose
from schema.favorites import has_favorited
from schema.listings import OrderBy, questions_of
from schema.nodes import Node
from schema.posts import LazyQuestion

expose(
    TagOrder,
    description="The order of a list of tags.",
    values={TagOrder.POPULAR: "Most used first.", TagOrder.NAME: "By name."},
)


@strawberry.type(description="A tag that questions carry.")
class Tag(Node):
    row: strawberry.Private[TagRow | None]

    name: str = strawberry.field(description="The tag itself.")

    @classmethod
    def of(cls, name: str, row: TagRow | None = None) -> Self:
        """The tag with this name; without a row, one is read when a field needs it."""
        return cls(name=name, row=row)

    @strawberry.field(description="The global id; `node(id:)` finds the tag by it.")
    async def id(self, info: Info) -> strawberry.ID:
        row = await self._row(info.context)
        # A tag that the index has forgotten keeps an id of its own that finds nothing.
        key = row.id if row else nodes.MOST_ID + 1 + zlib.crc32(self.name.encode())
        return nodes.encode("Tag", key)

    @strawberry.field(description="Where q2a shows its questions.")
    def url(self, info: Info) -> str:
        return urls.tag_url(self.name, info.context.site)

    @strawberry.field(description="How many visible questions carry it.")
    async def question_count(self, info: Info) -> int:
        return await self._question_count(info.context)

    @strawberry.field(description="What the site says of it, as plain text.")
    async def description(self, info: Info) -> str | None:
        return await info.context.loaders.tag_description.load(self.name)

    @strawberry.field(description="Visible questions that carry it.")
    async def questions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: OrderBy = QuestionOrder.NEWEST,
    ) -> Connection[LazyQuestion]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_tag_qs)
        row = await self._row(context)
        if row is None:
            return Connection.of(EMPTY, [], lambda: self._question_count(context))
        return await questions_of(
            context, Listing(Filters(tag_id=row.id), order_by or QuestionOrder.NEWEST, window)
        )

    @strawberry.field(description="Whether the viewer follows it.")
    async def viewer_has_favorited(self, info: Info) -> bool:
        if info.context.viewer.id is None:
            return False
        row = await self._row(info.context)
        return row is not None and await has_favorited(info, FavoriteKind.TAG, row.id)

    async def _question_count(self, context: Context) -> int:
        row = await self._row(context)
        return row.question_count if row else 0

    async def _row(self, context: Context) -> TagRow | None:
        return self.row or await context.loaders.tag.load(self.name)


# The same few tags stand on most posts; a tag without a row is nothing but its name.
@lru_cache(maxsize=4_000)
def tags_in(listed: str) -> tuple[Tag, ...]:
    """The tags that a question carries, as it stores them: separated by commas."""
    return tuple(Tag.of(name) for name in listed.split(",") if name)
