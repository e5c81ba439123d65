"""What posts said before they were edited."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from app.domain.revisions import RevisionRow
from schema import nodes
from schema.context import Info
from schema.formats import FORMATS, ContentFormat
from schema.users import User

if TYPE_CHECKING:
    from schema.categories import Category


@strawberry.type(description="A post as it was before an edit.")
class Revision:
    row: strawberry.Private[RevisionRow]

    title: str | None = strawberry.field(description="The title, if it is a question.")
    content: str = strawberry.field(
        description="The content in its own format, as it was stored. Not safe to show."
    )
    markdown_source: str | None = strawberry.field(
        description="The Markdown that the content was made from, if it was."
    )

    @classmethod
    def of(cls, row: RevisionRow) -> Self:
        return cls(row=row, title=row.title, content=row.content, markdown_source=row.source)

    @strawberry.field(description="What `rollbackTo` takes.")
    def id(self) -> strawberry.ID:
        return nodes.encode("Revision", self.row.id)

    @strawberry.field(description="The format of `content`.")
    def content_format(self) -> ContentFormat:
        return FORMATS.get(self.row.format, ContentFormat.PLAIN)

    @strawberry.field(description="The names of the tags, if it is a question.")
    def tags(self) -> list[str]:
        return [name for name in (self.row.tags or "").split(",") if name]

    @strawberry.field(description="The category that it was in, if that still exists.")
    def category(
        self, info: Info
    ) -> Annotated["Category", strawberry.lazy("schema.categories")] | None:
        from schema.categories import Category  # a back-edge: categories know their questions

        row = info.context.site.categories.by_id.get(self.row.category_id or 0)
        return Category.of(row) if row else None

    @strawberry.field(description="When the edit was made that replaced this.")
    def replaced_at(self) -> datetime:
        return self.row.replaced_at.replace(tzinfo=UTC)

    @strawberry.field(description="Who made it; null if that was a guest.")
    async def replaced_by(self, info: Info) -> User | None:
        id = self.row.replaced_by_id
        row = await info.context.loaders.user.load(id) if id is not None else None
        return User.of(row) if row else None
