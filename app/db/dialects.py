"""Everything in which MySQL, MariaDB and SQLite differ, in one place."""

import math
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Engine, event, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


def prepare_sqlite(engine: Engine) -> None:
    """Give every SQLite connection what MySQL has by itself: foreign keys, waiting, logarithms."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.create_function("ln", 1, _logarithm, deterministic=True)
        connection.create_function("exp", 1, math.exp, deterministic=True)
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _logarithm(value: float | None) -> float | None:
    return math.log(value) if value is not None and value > 0 else None


class exact(GenericFunction[bool]):  # noqa: N801 - a SQL function
    """Whether two texts are the same byte by byte, whatever the columns' collation."""

    inherit_cache = True


@compiles(exact, "mysql")
def _exact_mysql(element: exact, compiler: SQLCompiler, **options: Any) -> str:
    # `BINARY x` is deprecated by MySQL 8; the plain comparison beside it lets an index serve.
    left, right = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({left} = {right} AND CAST({left} AS BINARY) = CAST({right} AS BINARY))"


@compiles(exact)
def _exact(element: exact, compiler: SQLCompiler, **options: Any) -> str:
    left, right = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({left} = {right} COLLATE BINARY)"


class beyond_three_bytes(GenericFunction[bool]):  # noqa: N801 - a SQL function
    """Whether a column is the same as a text with characters of four bytes in UTF-8."""

    inherit_cache = True


@compiles(beyond_three_bytes, "mysql")
def _beyond_mysql(element: beyond_three_bytes, compiler: SQLCompiler, **options: Any) -> str:
    # MariaDB refuses to compare a column of utf8mb3 with such a text, unless told how (FACTS 1).
    left, right = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({left} = {right} COLLATE utf8mb4_general_ci)"


@compiles(beyond_three_bytes)
def _beyond(element: beyond_three_bytes, compiler: SQLCompiler, **options: Any) -> str:
    left, right = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({left} = {right})"


def folded(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a column is the same as `text` by its collation, whatever characters `text` has."""
    if any(character > "\uffff" for character in text):
        return beyond_three_bytes(column, text)
    same: ColumnElement[bool] = column == text
    return same


def as_double(column: Any) -> ColumnElement[float]:
    """A single-precision column in full: MySQL sends it rounded to six digits otherwise."""
    exactly: ColumnElement[float] = column + literal_column("0e0", Double())
    return exactly


class epoch(GenericFunction[int]):  # noqa: N801 - a SQL function
    """A DATETIME of the tables as seconds since 1970, in the zone of the connection."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch, "mysql")
def _epoch_mysql(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"UNIX_TIMESTAMP({compiler.process(element.clauses, **options)})"


@compiles(epoch)
def _epoch(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"
