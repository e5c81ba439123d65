"""Categories, asked for by path and as a tree."""

from typing import Annotated

import strawberry

from schema.categories import Category
from schema.context import Info


@strawberry.type
class CategoryQuery:
    @strawberry.field(description="The category with this path; null where there is none.")
    def category(
        self,
        info: Info,
        path: Annotated[str, strawberry.argument(description="Slugs from the top, joined by `/`.")],
    ) -> Category | None:
        row = info.context.site.categories.by_path.get(path)
        return Category.of(row) if row else None

    @strawberry.field(
        description="The categories at the top, in the owner's order; `children` leads down."
    )
    def categories(self, info: Info) -> list[Category]:
        return [Category.of(row) for row in info.context.site.categories.children.get(None, [])]
