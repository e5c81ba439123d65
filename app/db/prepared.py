"""Statements that are built once: SQLAlchemy writes their text, and later runs only fill it in."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ParamSpec, cast

from sqlalchemy import BindParameter, CompoundSelect, Dialect, Enum, Select, UpdateBase, bindparam
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

Parameters = ParamSpec("Parameters")
# What one builder makes is kept; beyond that, the oldest is built anew.
MOST_STATEMENTS = 200
MOST_SIZES = 100
# Where the compiler leaves room for a list.
LISTS = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
Convert = Callable[[Any], Any]


Query = Select[Any] | CompoundSelect[Any]
Statement = Query | UpdateBase


class Prepared:
    """A statement whose changing parts are bound parameters; a list is `many(...)`.

    `width` is how many columns its rows have, `names` are those of what has to be bound. None may
    be that of a column that the statement writes to: SQLAlchemy keeps these for itself. `is_flat`:
    it selects from tables, nothing in it is a query of its own, and nothing that it gives is made
    of parameters.
    """

    __slots__ = ("__weakref__", "is_flat", "is_select", "names", "statement", "width")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement.execution_options(preserve_rowcount=True)
        self.is_select = isinstance(statement, Query)
        columns = _columns(statement)
        self.width = len(columns)
        queries = sum(isinstance(part, Query) for part in iterate(statement))
        self.is_flat = self.is_select and queries == 1 and not any(map(_binds, columns))
        self.names = frozenset(bind.key for bind in _binds(statement) if bind.required)


def prepared(build: Callable[Parameters, Statement]) -> Callable[Parameters, Prepared]:
    """Make a function that builds a statement build each one only once.

    Its arguments must be hashable, and few: what differs from request to request is bound.
    """
    return prepared_up_to(MOST_STATEMENTS)(build)


def prepared_up_to(
    most: int,
) -> Callable[[Callable[Parameters, Statement]], Callable[Parameters, Prepared]]:
    """`prepared` where another number of statements is kept, since they are many, or long."""

    def prepare(build: Callable[Parameters, Statement]) -> Callable[Parameters, Prepared]:
        @lru_cache(maxsize=most)
        def made(*args: Hashable, **named: Hashable) -> Prepared:
            return Prepared(cast(Any, build)(*args, **named))

        return cast("Callable[Parameters, Prepared]", made)

    return prepare


def many(name: str) -> BindParameter[Any]:
    """A list that is given when the statement is run, for `column.in_(...)`."""
    return bindparam(name, expanding=True)


class Text:
    """A prepared statement in the words of one dialect, for drivers that take `%s`.

    :param is_kept: whether the server keeps its texts, which should be few then
    """

    def __init__(self, prepared: Prepared, dialect: Dialect, *, is_kept: bool = False) -> None:
        compiled: Any = prepared.statement.compile(dialect=dialect)
        self._pieces = LISTS.split(str(compiled))
        self._names: Sequence[str] = compiled.positiontup or ()
        self._lists = frozenset(self._pieces[1::2])
        self._is_kept = is_kept
        self._texts: dict[tuple[int, ...], str] = {}
        binds: Mapping[str, BindParameter[Any]] = compiled.binds
        self._converts = {name: _bound(binds[name].type, dialect) for name in self._names}
        self._constants = {
            name: self._converted(name, binds[name].effective_value)
            for name in self._names
            if not binds[name].required
        }
        columns = enumerate(_columns(prepared.statement))
        found = [(place, _result(column.type, dialect)) for place, column in columns]
        self._results = [(place, convert) for place, convert in found if convert]

    def filled(self, values: Mapping[str, Any]) -> tuple[str, list[Any]] | None:
        """The text and the parameters in order; None if a list is empty."""
        given: list[Any] = []
        sizes: list[int] = []
        for name in self._names:
            is_given = name in values
            value = self._converted(name, values[name]) if is_given else self._constants[name]
            if name not in self._lists:
                given.append(value)
            elif value:
                size = _rounded(len(value)) if self._is_kept else len(value)
                sizes.append(size)
                given += value
                given += value[-1:] * (size - len(value))
            else:
                return None
        return self._sized(tuple(sizes)), given

    def read(self, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Rows of the driver as SQLAlchemy would give them out."""
        if not self._results:
            return rows
        return [self._row(row) for row in rows]

    def _row(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, convert in self._results:
            values[place] = convert(values[place])
        return tuple(values)

    def _converted(self, name: str, value: Any) -> Any:
        convert = self._converts[name]
        if name in self._lists:
            return [convert(one) for one in value] if convert else list(value)
        return convert(value) if convert else value

    def _sized(self, sizes: tuple[int, ...]) -> str:
        text = self._texts.get(sizes)
        if text is None:
            pieces = list(self._pieces)
            for place, size in zip(range(1, len(pieces), 2), sizes, strict=True):
                pieces[place] = ", ".join(["%s"] * size)
            text = "".join(pieces)
            if len(self._texts) < MOST_SIZES:
                self._texts[sizes] = text
        return text


def _rounded(size: int) -> int:
    """The next power of two: lists are filled up to that with their last value."""
    return 1 << (size - 1).bit_length()


def _columns(statement: Statement) -> Sequence[Any]:
    return tuple(statement.selected_columns) if isinstance(statement, Query) else ()


def _binds(part: Any) -> list[BindParameter[Any]]:
    return [inner for inner in iterate(part) if isinstance(inner, BindParameter)]


def _bound(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _result(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(type_, Enum) and type_.enum_class is None:
        # Texts that stand for themselves; MySQL has checked them.
        return None
    return type_.dialect_impl(dialect).result_processor(dialect, None)
