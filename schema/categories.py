"""Categories."""

from typing import Self

import strawberry

from app.domain import urls
from app.domain.categories import CategoryRow
from app.domain.errors import NotFound
from app.domain.favorites import FavoriteKind
from app.domain.listings import Listing
from app.domain.questions import Filters, QuestionOrder
from schema import nodes
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.favorites import has_favorited
from schema.listings import OrderBy, WithoutAnswers, questions_of
from schema.nodes import Node
from schema.posts import LazyQuestion


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

    @strawberry.field(description="Where q2a shows its questions.")
    def url(self, info: Info) -> str:
        path = info.context.site.categories.path(self.row)
        return urls.category_url([step.slug for step in path], info.context.site)

    @strawberry.field(description="The category that it is part of.")
    def parent(self, info: Info) -> "Category | None":
        path = info.context.site.categories.path(self.row)
        return Category.of(path[-2]) if len(path) > 1 else None

    @strawberry.field(description="The categories right below it, in the owner's order.")
    def children(self, info: Info) -> "list[Category]":
        below = info.context.site.categories.children.get(self.row.id, [])
        return [Category.of(row) for row in below]

    @strawberry.field(description="Visible questions in it and below it.")
    async def questions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: OrderBy = QuestionOrder.NEWEST,
        unanswered: WithoutAnswers = None,
    ) -> Connection[LazyQuestion]:
        options = info.context.options
        size = options.page_size_qs if unanswered is None else options.page_size_una_qs
        window = window_of(first, after, last, before, size)
        filters = Filters(unanswered=unanswered, category=self.row)
        return await questions_of(
            info.context, Listing(filters, order_by or QuestionOrder.NEWEST, window)
        )

    @strawberry.field(description="Whether the viewer follows it.")
    async def viewer_has_favorited(self, info: Info) -> bool:
        return await has_favorited(info, FavoriteKind.CATEGORY, self.row.id)


def category_at(context: Context, path: str | None) -> CategoryRow | None:
    """The category with this path, if one is named.

    :raises NotFound: if there is none
    """
    if path is None:
        return None
    row = context.site.categories.by_path.get(path)
    if row is None:
        raise NotFound("There is no such category.")
    return row
