"""Kinds: what has to be done with a value before it is completed, told by its type alone."""

import asyncio
from enum import Enum
from types import CoroutineType, GeneratorType
from typing import Any

from graphql.pyutils import Undefined

# Programs that make classes as they run shall not fill the memory.
MOST_TYPES = 10_000


class Failure:
    """Stands for an error in the place of a value, and is never given out."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


class Unsettled:
    """Keeps in a row, until the whole batch is read, a value that is not plain."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Kind(Enum):
    PLAIN = "a value"
    NOTHING = "null"
    FAILED = "a marker of ours"
    ERROR = "an exception that was returned"
    AWAITABLE = "a value to come"
    ASK = "only the value itself can say whether it can be awaited"


# Where types are made that read their attributes in ways of their own, but always the same ones.
STEADY = {"builtins", "datetime"}


def _builtin_getattribute(type_: type) -> bool:
    owner = next(base for base in type_.__mro__ if "__getattribute__" in base.__dict__)
    return owner.__module__ in STEADY


def _kind(type_: type) -> Kind:
    if issubclass(type_, Exception):
        return Kind.ERROR
    if issubclass(type_, CoroutineType) or hasattr(type_, "__await__"):
        return Kind.AWAITABLE
    if issubclass(type_, GeneratorType) or hasattr(type_, "__getattr__"):
        return Kind.ASK
    return Kind.PLAIN if _builtin_getattribute(type_) else Kind.ASK


FIXED = {type(None): Kind.NOTHING, type(Undefined): Kind.NOTHING, Failure: Kind.FAILED}
_kinds: dict[type, Kind] = dict(FIXED)
# The types of which all values are plain: a set, so that many values are checked at once.
PLAIN: set[type] = set()


def kind_of(type_: type) -> Kind:
    """The kind of a type's values."""
    kind = _kinds.get(type_)
    if kind is None:
        if len(_kinds) >= MOST_TYPES:
            forget()
        kind = _kinds[type_] = _kind(type_)
        if kind is Kind.PLAIN:
            PLAIN.add(type_)
    return kind


def forget() -> None:
    """Begin anew with the types that have been met."""
    _kinds.clear()
    _kinds.update(FIXED)
    PLAIN.clear()


def outcome(future: "asyncio.Future[Any]") -> Any:
    """What a future that is done came to, an error as a marker.

    :raises BaseException: what is not an Exception, such as that the future was cancelled
    """
    if future.cancelled():
        raise asyncio.CancelledError
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, Exception):
        return Failure(error)
    raise error
