"""Connections: how every list is given out, page by page (Relay)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
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
    has_next_page: bool = strawberry.field(description="Whether more comes after this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before it.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item.")


@strawberry.type(description="An item of a list, with its place in it.")
class Edge(Generic[NodeType]):
    cursor: str = strawberry.field(description="The item's place; give it as `after` or `before`.")
    node: NodeType = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeType]):
    count: strawberry.Private[Count]

    edges: list[Edge[NodeType]] = strawberry.field(description="The items with their cursors.")
    nodes: list[NodeType] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")

    @strawberry.field(description="How many items the whole list has; counted only when asked for.")
    async def total_count(self) -> int:
        return await self.count()

    @classmethod
    def of(cls, page: Page[Any], nodes: Sequence[Any], count: Count) -> Self:
        """A connection of the nodes that were made, one by one, of the page's items."""
        cursors = page.cursors
        return cls(
            count=count,
            edges=[Edge(cursor=c, node=n) for c, n in zip(cursors, nodes, strict=True)],
            nodes=list(nodes),
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=page.has_previous,
                start_cursor=cursors[0] if cursors else None,
                end_cursor=cursors[-1] if cursors else None,
            ),
        )

    @classmethod
    def of_found(cls, page: Page[Any], nodes: Sequence[Any], count: Count) -> Self:
        """A connection without those items whose node is None: gone since the page was read."""
        kept = [n for n, node in enumerate(nodes) if node is not None]
        left = replace(
            page, items=[page.items[n] for n in kept], cursors=[page.cursors[n] for n in kept]
        )
        return cls.of(left, [nodes[n] for n in kept], count)


def window_of(
    first: int | None, after: str | None, last: int | None, before: str | None, default: int
) -> Window:
    """:raises Invalid: if the arguments cannot be used together or are out of bounds"""
    return window(first=first, after=after, last=last, before=before, default=default)
