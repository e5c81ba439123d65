"""Plainness: whether attributes can be read, and read again, without running anybody's code."""

from collections.abc import Iterable
from keyword import iskeyword
from types import MemberDescriptorType
from typing import Any, NamedTuple

MOST_CLASSES = 100
# How a NamedTuple's attributes are stored in its class.
TUPLE_GETTER = type(NamedTuple("_Sample", [("field", int)]).__dict__["field"])


class PlainClasses:
    """Remembers of which classes the instances keep some attributes plainly."""

    __slots__ = ("_known", "_names")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._known: dict[type, bool] = {}

    def include(self, objects: list[Any]) -> bool:
        """Whether all of these objects are of such classes."""
        return all(map(self._is_plain, set(map(type, objects))))

    def _is_plain(self, class_: type) -> bool:
        known = self._known.get(class_)
        if known is None:
            known = is_plain(class_, self._names)
            if len(self._known) < MOST_CLASSES:
                self._known[class_] = known
        return known


def is_simple_name(name: str) -> bool:
    """Whether a name can stand in source text after a dot."""
    return name.isidentifier() and name.isascii() and not iskeyword(name)


def is_plain(class_: type, names: Iterable[str]) -> bool:
    """Whether reading these attributes of a class's instances runs nobody's code."""
    if hasattr(class_, "__getattr__"):
        return False
    owner = next(base for base in class_.__mro__ if "__getattribute__" in base.__dict__)
    if owner.__module__ != "builtins":
        return False
    return all(_is_stored(class_, name) for name in names)


def _is_stored(class_: type, name: str) -> bool:
    for base in class_.__mro__:
        if name in base.__dict__:
            found = type(base.__dict__[name])
            return found in (MemberDescriptorType, TUPLE_GETTER) or not hasattr(found, "__get__")
    return True
