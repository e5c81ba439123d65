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
