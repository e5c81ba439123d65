"""Categories."""

from typing import Self

import strawberry

from app.domain.categories import CategoryRow
from schema import nodes
from schema.context import Info
from schema.nodes import Node


@strawberry.type(description="A category of questions, part of a tree.")
class Category(Node):
    row: strawberry.Private[CategoryRow]

    database_id: int = strawberry.field(description="The number of the category on the site.")
    title: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="What names it among its siblings in URLs.")
    description: str = strawberry.field(description="What the owner says of it.")
    question_count: int = strawberry.field(description="Visible questions in it and below it.")

    @classmethod
    def of(cls, row: CategoryRow) -> Self:
        return cls(
            row=row,
            database_id=row.id,
            title=row.title,
            slug=row.slug,
            description=row.description,
            question_count=row.question_count,
        )

    @strawberry.field(description="The global id; `node(id:)` finds the category by it.")
    def id(self) -> strawberry.ID:
        return nodes.encode("Category", self.row.id)

    @strawberry.field(description="Slugs from the top, joined by `/`.")
    def path(self, info: Info) -> str:
        return info.context.site.categories.slug_path(self.row)
