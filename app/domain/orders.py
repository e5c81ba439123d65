"""Orders of lists, and cursors: a row is named by the values that its list is ordered by."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, false, or_, true

from app.domain.errors import Invalid

KeyValues = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Key:
    """One value that a list is ordered by; `type` is that of its values.

    `read_as` is what is selected for cursors where that is not the column itself. Rows without
    a value stand below all others, if there may be such rows (`nullable`).
    """

    column: Any
    type: type
    descending: bool = False
    read_as: Any = None
    nullable: bool = False

    @property
    def selected(self) -> Any:
        return self.column if self.read_as is None else self.read_as

    def beyond(self, value: Any, *, less: bool, strictly: bool) -> ColumnElement[bool]:
        """The condition that a row's value is less than this one, or greater."""
        column: ColumnElement[Any] = self.column
        if value is None:
            if strictly:
                return false() if less else column.is_not(None)
            return column.is_(None) if less else true()
        if not less:
            above: ColumnElement[bool] = column > value if strictly else column >= value
            return above
        below: ColumnElement[bool] = column < value if strictly else column <= value
        return or_(below, column.is_(None)) if self.nullable else below


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, eq=False)
class Order:
    """A total order of a list: the last key tells any two rows apart.

    `name` is in every cursor, so that a cursor of another list is refused.
    """

    name: str
    keys: tuple[Key, ...]

    def clauses(self, *, backwards: bool) -> list[ColumnElement[Any]]:
        return [
            key.column.desc() if key.descending != backwards else key.column.asc()
            for key in self.keys
        ]

    def beyond(self, values: KeyValues, *, backwards: bool) -> ColumnElement[bool]:
        """The condition that a row comes after these values, or before them if `backwards`.

        Written out instead of comparing tuples: MySQL uses no index for those. The outer
        comparison of the first key is what it finds its way by.
        """
        condition: ColumnElement[bool] | None = None
        for key, value in reversed(list(zip(self.keys, values, strict=True))):
            less = key.descending != backwards
            strictly = key.beyond(value, less=less, strictly=True)
            if condition is None:
                condition = strictly
                continue
            at_most = key.beyond(value, less=less, strictly=False)
            condition = and_(at_most, or_(strictly, condition))
        if condition is None:
            raise ValueError("an order needs a key")
        return condition

    def cursor(self, values: Sequence[Any]) -> str:
        """The opaque name of the row with these values in this list."""
        text = orjson.dumps((self.name, *values))
        encoded = binascii.b2a_base64(text, newline=False)
        return encoded.rstrip(b"=").translate(_URL_SAFE).decode()

    def values(self, cursor: str, *, field: str) -> KeyValues:
        """The values in a cursor that came from a client in the argument `field`.

        :raises Invalid: if it is not a cursor of this list
        """
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            name, *values = json.loads(raw)
            if name != self.name:
                raise ValueError(name)
            return tuple(_typed(v, key) for v, key in zip(values, self.keys, strict=True))
        except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
            raise Invalid(field, f"`{field}` is not a cursor of this list.") from None


def _typed(value: Any, key: Key) -> Any:
    type_ = key.type
    if value is None and key.nullable:
        return None
    if type_ is datetime:
        return datetime.fromisoformat(value)
    if type_ is float and type(value) in (int, float) and isfinite(value):
        return float(value)
    if type_ is int and type(value) is int and abs(value) < 2**63:
        return value
    if type_ is not str or type(value) is not str:
        raise ValueError(value)
    value.encode()  # half a surrogate pair reaches no database
    return value
