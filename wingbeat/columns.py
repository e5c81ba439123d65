"""Columns: completing many values of one type together."""

import asyncio
from collections.abc import AsyncIterable
from itertools import accumulate, chain
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from graphql.pyutils import is_iterable

from wingbeat.errors import Failed
from wingbeat.kinds import PLAIN, Failure, Kind, kind_of, outcome
from wingbeat.leaves import Leaf
from wingbeat.places import ItemPlace, Place, SomePlaces
from wingbeat.waves import Run, Waiting

if TYPE_CHECKING:
    from wingbeat.fields import Field


NULL = {type(None)}


class Column:
    """Values of one output type of one field.

    `complete` takes whatever resolvers return; `known` values that are plain, of these types.
    """

    def __init__(self, field: "Field", *, nullable: bool) -> None:
        self.field = field
        self.nullable = nullable

    def complete(self, run: Run, values: list[Any], place: Place) -> list[Any]:
        """The values' forms in the answer; None for those that fail or come later."""
        types = set(map(type, values))
        if types <= PLAIN:
            return self.known(run, values, place, types) if values else []
        if self.nullable and types - NULL <= PLAIN:
            return self._some(run, values, place, types - NULL)
        return self._sorted_out(run, values, place)

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        raise NotImplementedError

    def _some(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        """Complete values that are plain where they are not null."""
        if not types:
            return values
        picks = [number for number, value in enumerate(values) if value is not None]
        kept = [values[number] for number in picks]
        results = [None] * len(values)
        done = self.known(run, kept, SomePlaces(place, picks), types)
        for number, result in zip(picks, done, strict=True):
            results[number] = result
        return results

    def fail(self, run: Run, place: Place, number: int, error: Exception) -> None:
        run.fail(Failed(place, number, error, self.field.nodes))

    def _sorted_out(self, run: Run, values: list[Any], place: Place) -> list[Any]:
        picks: list[int] = []
        kept: list[Any] = []
        waiting: Waiting | None = None
        for number, value in enumerate(values):
            if self._is_awaitable(run, value):
                waiting = waiting or Waiting(run, self, place)
                if isinstance(value, CoroutineType):
                    run.unstarted.append((waiting, number, value))
                    continue
                future = run.future_of(value)
                if not future.done():
                    waiting.add(number, future)
                    continue
                try:
                    value = outcome(future)
                except BaseException:
                    close(values[number + 1 :])
                    raise
            if self._is_plain(run, place, number, value):
                picks.append(number)
                kept.append(value)
        results = [None] * len(values)
        if kept:
            done = self.known(run, kept, SomePlaces(place, picks), set(map(type, kept)))
            for number, result in zip(picks, done, strict=True):
                results[number] = result
        return results

    def _is_awaitable(self, run: Run, value: Any) -> bool:
        kind = kind_of(type(value))
        if kind is Kind.ASK:
            return bool(run.executor.is_awaitable(value))
        return kind is Kind.AWAITABLE

    def _is_plain(self, run: Run, place: Place, number: int, value: Any) -> bool:
        kind = kind_of(type(value))
        if kind is Kind.NOTHING:
            if not self.nullable:
                self.fail(run, place, number, self.field.null_error())
            return False
        if kind is Kind.FAILED:
            self.fail(run, place, number, value.error)
            return False
        if kind is Kind.ERROR:
            self.fail(run, place, number, value)
            return False
        return True


class LeafColumn(Column):
    """Scalars or enums."""

    def __init__(self, field: "Field", leaf: Leaf, *, nullable: bool) -> None:
        super().__init__(field, nullable=nullable)
        self.leaf = leaf

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        whole = self.leaf.whole
        results = whole(types, values) if whole else None
        if results is not None:
            return results
        convert = self.leaf.convert
        results = []
        for number, value in enumerate(values):
            try:
                results.append(convert(value))
            except Exception as error:
                results.append(None)
                self.fail(run, place, number, error)
        return results


class ListColumn(Column):
    """Lists; `items` completes what is in them, end to end."""

    items: Column

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        if types <= LISTS:
            return self._completed(run, values, place)
        picks: list[int] = []
        lists: list[Any] = []
        coming: list[Any] = [None] * len(values)
        for number, value in enumerate(values):
            listed = self._listed(run, place, number, value)
            if isinstance(listed, list | tuple):
                picks.append(number)
                lists.append(listed)
            else:
                coming[number] = listed
        results = Column._sorted_out(Expected(self), run, coming, place)
        if picks:
            done = self._completed(run, lists, SomePlaces(place, picks))
            for number, result in zip(picks, done, strict=True):
                results[number] = result
        return results

    def _completed(self, run: Run, lists: list[Any], place: Place) -> list[Any]:
        flat = list(chain.from_iterable(lists))
        starts = list(accumulate(map(len, lists), initial=0))
        ends = starts[1:]
        starts.pop()
        items = ItemPlace(place, starts, self.items.nullable)
        done = self.items.complete(run, flat, items)
        items.lists = [done[start:end] for start, end in zip(starts, ends, strict=True)]
        return items.lists

    def _listed(self, run: Run, place: Place, number: int, value: Any) -> Any:
        """A list or tuple of the items, or a coroutine that collects them; None if it failed."""
        if isinstance(value, list | tuple):
            return value
        if hasattr(value, "__aiter__"):
            return _collected(value)
        items: list[Any] = []
        try:
            if not is_iterable(value):
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{self.field.parent_type}.{self.field.name}'."
                )
            for item in value:
                items.append(item)  # noqa: PERF402 - what was read before an error has to be closed
        except Exception as error:
            failed = error
        else:
            return items
        close(items)
        self.fail(run, place, number, failed)
        return None


LISTS = {list, tuple}


class Expected(Column):
    """Lists that are being collected; where nothing is coming, nothing is wrong."""

    def __init__(self, lists: ListColumn) -> None:
        super().__init__(lists.field, nullable=True)
        self._lists = lists

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        return self._lists.known(run, values, place, types)


async def _collected(source: AsyncIterable[Any]) -> list[Any]:
    items: list[Any] = []
    iterator = aiter(source)
    try:
        async for item in iterator:
            items.append(item)  # noqa: PERF401 - what was read before an error has to be closed
    except BaseException:
        close(items)
        aclose = getattr(iterator, "aclose", None)
        if aclose is not None:
            await _quietly(aclose())
        raise
    return items


async def _quietly(closing: Any) -> None:
    # The error that was met first is the one to tell.
    await asyncio.gather(closing, return_exceptions=True)


def close(values: list[Any]) -> None:
    """Close coroutines that nobody is going to await."""
    for value in values:
        if asyncio.iscoroutine(value):
            value.close()


__all__ = ["Column", "Failure", "LeafColumn", "ListColumn", "close"]
