"""Leaves: how scalars and enums are written, as source text and as functions, side by side."""

from collections.abc import Callable
from contextlib import suppress
from enum import EnumMeta
from math import isfinite
from typing import Any, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from graphql.pyutils import Undefined, inspect
from graphql.type import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

from wingbeat.kinds import Failure, Kind, Unsettled, kind_of

Column = list[Any]
Convert = Callable[[Any], Any]
# A value and a list to note it in if the row needs another look.
Finish = Callable[[Any, list[Any]], Any]


class Leaf(NamedTuple):
    """One scalar or enum.

    :ivar convert: what the reference does to one value; raises if it cannot be written
    :ivar test: an expression of `{v}`, true if `result` may be used instead of `convert`
    :ivar result: an expression of `{v}`; `{e}` is `enum`, `{n}` is `names`
    :ivar whole: given the types of many values and the values, all results, or None
    """

    convert: Convert
    test: str | None = None
    result: str = "{v}"
    whole: Callable[[set[type], Column], Column | None] | None = None
    enum: type | None = None
    names: dict[str, str] | None = None


def leaf_of(type_: GraphQLLeafType) -> Leaf:
    """How values of a type are written."""
    convert = _converter(type_)
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_, convert)
    for scalar, (test, whole) in INLINE.items():
        # Also true of a scalar that borrows a standard one's conversion.
        if type_.coerce_output_value is scalar.coerce_output_value:
            return Leaf(convert, test, whole=whole)
    return Leaf(convert)


def finisher(leaf: Leaf, *, nullable: bool) -> Finish:
    """What writes a value that did not pass the test; it never raises an Exception."""
    convert = leaf.convert

    def finish(value: Any, odd: list[Any]) -> Any:
        kind = kind_of(type(value))
        if kind is Kind.PLAIN:
            try:
                return convert(value)
            except Exception as error:
                failure = Failure(error)
            odd.append(failure)
            return failure
        if kind is Kind.NOTHING and nullable:
            return None
        odd.append(value)
        return Unsettled(value)

    return finish


def _converter(type_: GraphQLLeafType) -> Convert:
    coerce = type_.coerce_output_value

    def convert(value: Any) -> Any:
        coerced = coerce(value)
        if coerced is Undefined or coerced is None:
            raise TypeError(
                f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(coerced)}"
            )
        return coerced

    return convert


def _texts(types: set[type], values: Column) -> Column | None:
    return values if types == {str} else None


def _switches(types: set[type], values: Column) -> Column | None:
    return values if types == {bool} else None


def _integers(types: set[type], values: Column) -> Column | None:
    if types != {int}:
        return None
    return values if min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT else None


def _floats(types: set[type], values: Column) -> Column | None:
    return values if types == {float} and isfinite(sum(values)) else None


INLINE: dict[Any, tuple[str, Callable[[set[type], Column], Column | None]]] = {
    GraphQLString: ("type({v}) is str", _texts),
    GraphQLID: ("type({v}) is str", _texts),
    GraphQLInt: (
        f"type({{v}}) is int and {GRAPHQL_MIN_INT} <= {{v}} <= {GRAPHQL_MAX_INT}",
        _integers,
    ),
    GraphQLFloat: ("type({v}) is float and {v} - {v} == 0.0", _floats),
    GraphQLBoolean: ("type({v}) is bool", _switches),
}


def _enum(type_: GraphQLEnumType, convert: Convert) -> Leaf:
    enum = getattr(type_, "wrapped_cls", None)
    if not isinstance(enum, EnumMeta):
        return Leaf(convert)
    # A member that has no name fails when it is given out, as it does without us.
    names: dict[str, str] = {}
    members: dict[str, Any] = dict(enum.__members__)
    for name, member in members.items():
        with suppress(Exception):
            names[name] = convert(member)

    def whole(types: set[type], values: Column) -> Column | None:
        if types != {enum}:
            return None
        found = [names.get(value._name_) for value in values]
        return None if None in found else found

    test = "type({v}) is {e} and {v}._name_ in {n}"
    return Leaf(convert, test, "{n}[{v}._name_]", whole, enum, names)
