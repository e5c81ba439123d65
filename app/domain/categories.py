"""Categories: a tree at most four levels deep, small enough to be kept whole (FACTS 14)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import rows_of
from app.models import Category, Post

PATH_COLUMNS = (Post.category_1_id, Post.category_2_id, Post.category_3_id)
# What says where a post is: in the order of `PostRow.category_path`.
COLUMNS = (Post.category_id, *PATH_COLUMNS)


class CategoryRow(NamedTuple):
    id: int
    parent_id: int | None
    title: str
    slug: str
    description: str
    question_count: int
    position: int
    reversed_path: str


class CategoryTree:
    """All categories of a site, by id, by path and by parent; siblings in the owner's order."""

    def __init__(self, rows: Sequence[CategoryRow]) -> None:
        self.by_id = {row.id: row for row in rows}
        self.children: dict[int | None, list[CategoryRow]] = {}
        for row in sorted(rows, key=lambda row: (row.position, row.id)):
            # A parent that is gone must not take its children out of sight.
            parent = row.parent_id if row.parent_id in self.by_id else None
            self.children.setdefault(parent, []).append(row)
        self.by_path = {self.slug_path(row): row for row in rows}

    def path(self, row: CategoryRow) -> list[CategoryRow]:
        """The category and its ancestors, from the top; never longer than there are categories."""
        path = [row]
        while (parent := self.by_id.get(path[0].parent_id or 0)) and parent not in path:
            path.insert(0, parent)
        return path

    def depth(self, row: CategoryRow | None) -> int:
        """How long the category's path is; 0 for none."""
        return len(self.path(row)) if row else 0

    def stored_path(self, row: CategoryRow | None) -> tuple[int | None, ...]:
        """What a post in the category has in `COLUMNS`; the fourth level is in the first only."""
        path = [step.id for step in self.path(row)] if row else []
        return (row.id if row else None, *[*path, None, None, None][:3])

    def slug_path(self, row: CategoryRow) -> str:
        """Slugs from the top, joined by `/`: how the API names a category."""
        return "/".join(step.slug for step in self.path(row))


async def load(connection: AsyncConnection) -> CategoryTree:
    """Read the whole tree in one statement."""
    rows = await rows_of(connection, _all())
    return CategoryTree([CategoryRow._make(row) for row in rows])


@prepared
def _all() -> Select[Any]:
    columns: Sequence[Any] = (
        Category.id,
        Category.parent_id,
        Category.title,
        Category.slug,
        Category.description,
        Category.question_count,
        Category.position,
        Category.reversed_path,
    )
    return select(*columns)


def below(tree: CategoryTree, category: CategoryRow) -> ColumnElement[bool]:
    """The condition that a post is in `category` or below it (FACTS 14)."""
    return below_one_of(tree.depth(category), category.id)


def below_one_of(depth: int, id: Any) -> ColumnElement[bool]:
    """`below` for a category of which the depth is known, and the id when a statement is run.

    :param depth: that of the category, from 1 on
    """
    if depth <= len(PATH_COLUMNS):
        return and_(PATH_COLUMNS[depth - 1] == id)
    return and_(Post.category_id == id)
