"""A table of bounded size that keeps what was used last."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Entry(NamedTuple, Generic[Value]):
    value: Value
    weight: int


class Latest(Generic[Key, Value]):
    """Forgets what was not used for longest when there is too much.

    :param entries: how many it keeps at the most
    :param weight: how much they may weigh together, in whatever unit `put` is told
    """

    def __init__(self, *, entries: int, weight: int) -> None:
        self.entries = entries
        self.weight = weight
        self._kept: OrderedDict[Key, _Entry[Value]] = OrderedDict()
        self._weight = 0

    def get(self, key: Key) -> Value | None:
        """What was put there, unless it was forgotten."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found.value

    def put(self, key: Key, value: Value, *, weight: int) -> None:
        """Keep `value`, in the place of what the key had before."""
        self.drop(key)
        self._kept[key] = _Entry(value, weight)
        self._weight += weight
        while len(self._kept) > self.entries or self._weight > self.weight:
            _, oldest = self._kept.popitem(last=False)
            self._weight -= oldest.weight

    def drop(self, key: Key) -> None:
        """Forget one entry, if it is there."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._weight -= found.weight

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._weight = 0
