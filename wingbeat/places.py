"""Places: where the values of a column stand in the answer, worked out only when asked for."""

from bisect import bisect_right
from typing import Any, TypeAlias

from graphql.pyutils import Path

Container: TypeAlias = "dict[str, Any] | list[Any]"


class Place:
    """The positions of a column's values, numbered as the values are."""

    __slots__ = ()

    nullable: bool

    def path(self, number: int) -> Path:
        """The response path of a position."""
        raise NotImplementedError

    def container(self, number: int) -> Container:
        """The object or list of the answer that holds a position."""
        raise NotImplementedError

    def put(self, number: int, value: Any) -> None:
        """Write a position's value into the answer."""
        raise NotImplementedError

    def above(self, number: int) -> "tuple[Place, int] | None":
        """The position of the container itself; None if that is the whole answer."""
        raise NotImplementedError

    def order(self, number: int) -> tuple[int, ...]:
        """What sorts positions as reading the document would come upon them."""
        raise NotImplementedError


class Batch:
    """Objects of one type that one selection is executed on together, and their rows."""

    __slots__ = ("objects", "place", "rows")

    def __init__(self, objects: list[Any], rows: list[dict[str, Any]], place: Place | None) -> None:
        self.objects = objects
        self.rows = rows
        self.place = place


class FieldPlace(Place):
    """A field of every object of a batch."""

    __slots__ = ("batch", "key", "nullable", "rank", "type_name")

    def __init__(self, batch: Batch, key: str, rank: int, type_name: str, nullable: bool) -> None:
        self.batch = batch
        self.key = key
        self.rank = rank
        self.type_name = type_name
        self.nullable = nullable

    def path(self, number: int) -> Path:
        above = self.batch.place
        return Path(above.path(number) if above else None, self.key, self.type_name)

    def container(self, number: int) -> Container:
        return self.batch.rows[number]

    def put(self, number: int, value: Any) -> None:
        self.batch.rows[number][self.key] = value

    def above(self, number: int) -> tuple[Place, int] | None:
        return (self.batch.place, number) if self.batch.place else None

    def order(self, number: int) -> tuple[int, ...]:
        above = self.batch.place
        return (*(above.order(number) if above else ()), self.rank)


class ItemPlace(Place):
    """The items of lists, end to end; `starts` says at which number each list begins."""

    __slots__ = ("lists", "nullable", "parent", "starts")

    def __init__(self, parent: Place, starts: list[int], nullable: bool) -> None:
        self.parent = parent
        self.starts = starts
        self.nullable = nullable
        self.lists: list[list[Any]] = []

    def _found(self, number: int) -> tuple[int, int]:
        which = bisect_right(self.starts, number) - 1
        return which, number - self.starts[which]

    def path(self, number: int) -> Path:
        which, index = self._found(number)
        return Path(self.parent.path(which), index, None)

    def container(self, number: int) -> Container:
        return self.lists[self._found(number)[0]]

    def put(self, number: int, value: Any) -> None:
        which, index = self._found(number)
        self.lists[which][index] = value

    def above(self, number: int) -> tuple[Place, int] | None:
        return self.parent, self._found(number)[0]

    def order(self, number: int) -> tuple[int, ...]:
        which, index = self._found(number)
        return (*self.parent.order(which), index)


class SomePlaces(Place):
    """Some of the positions of another place."""

    __slots__ = ("nullable", "parent", "picks")

    def __init__(self, parent: Place, picks: list[int]) -> None:
        self.parent = parent
        self.picks = picks
        self.nullable = parent.nullable

    def path(self, number: int) -> Path:
        return self.parent.path(self.picks[number])

    def container(self, number: int) -> Container:
        return self.parent.container(self.picks[number])

    def put(self, number: int, value: Any) -> None:
        self.parent.put(self.picks[number], value)

    def above(self, number: int) -> tuple[Place, int] | None:
        return self.parent.above(self.picks[number])

    def order(self, number: int) -> tuple[int, ...]:
        return self.parent.order(self.picks[number])
