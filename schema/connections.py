"""Connections: how every list is given out, page by page (Relay)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, Self, TypeAlias, TypeVar

import strawberry

from app.domain.pages import Page, Window, window

NodeType = TypeVar("NodeType")
Count: TypeAlias = Callable[[], Awaitable[int]]

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many from the head of the list, 1 to 100; without `first` and `last`, "
        "as many as a page of the site shows."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description="How many from the tail of the list, 1 to 100.")
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what comes before this cursor.")
]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    page: strawberry.Private[Page[Any]]

    has_next_page: bool = strawberry.field(description="Whether more comes after this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before it.")

    @classmethod
    def of(cls, page: Page[Any]) -> Self:
        return cls(page=page, has_next_page=page.has_next, has_previous_page=page.has_previous)

    @strawberry.field(description="The cursor of the first item.")
    def start_cursor(self) -> str | None:
        return self.page.cursor(0) if self.page.rows else None

    @strawberry.field(description="The cursor of the last item.")
    def end_cursor(self) -> str | None:
        return self.page.cursor(-1) if self.page.rows else None


@strawberry.type(description="An item of a list, with its place in it.")
class Edge(Generic[NodeType]):
    page: strawberry.Private[Page[Any]]
    number: strawberry.Private[int]

    @strawberry.field(description="The item's place; give it as `after` or `before`.")
    def cursor(self) -> str:
        return self.page.cursor(self.number)

    node: NodeType = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeType]):
    page: strawberry.Private[Page[Any]]
    count: strawberry.Private[Count]

    @strawberry.field(description="The items with their cursors.")
    def edges(self) -> list[Edge[NodeType]]:
        nodes = enumerate(self.nodes)
        return [Edge(page=self.page, number=number, node=node) for number, node in nodes]

    nodes: list[NodeType] = strawberry.field(description="The items alone.")

    @strawberry.field(description="Where the page stands in the list.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page)

    @strawberry.field(description="How many items the whole list has; counted only when asked for.")
    async def total_count(self) -> int:
        return await self.count()

    @classmethod
    def of(cls, page: Page[Any], nodes: Sequence[Any], count: Count) -> Self:
        """A connection of the nodes that were made, one by one, of the page's items."""
        return cls(page=page, nodes=list(nodes), count=count)

    @classmethod
    def of_found(cls, page: Page[Any], nodes: Sequence[Any], count: Count) -> Self:
        """A connection without those items whose node is None: gone since the page was read."""
        kept = [n for n, node in enumerate(nodes) if node is not None]
        left = [nodes[n] for n in kept]
        return cls.of(page.only(kept, left), left, count)


def window_of(
    first: int | None, after: str | None, last: int | None, before: str | None, default: int
) -> Window:
    """:raises Invalid: if the arguments cannot be used together or are out of bounds"""
    return window(first=first, after=after, last=last, before=before, default=default)
