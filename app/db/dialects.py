"""Everything in which MySQL, MariaDB and SQLite differ, in one place."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    DateTime,
    Double,
    Engine,
    Insert,
    LargeBinary,
    String,
    bindparam,
    event,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.util.concurrency import in_greenlet

WRITING = {"mysql": "READ COMMITTED", "sqlite": "SERIALIZABLE"}


def prepare_sqlite(engine: Engine) -> None:
    """Give every SQLite connection what MySQL has by itself: foreign keys, waiting, logarithms."""

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # The driver would begin only at the first change, on what was read before somebody else's.
        options = connection.get_execution_options()
        if options.get("isolation_level") == WRITING["sqlite"]:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "invalidate")
    def on_invalidate(connection: Any, _record: object, _error: object) -> None:
        # A closed connection keeps its lock for as long as a traceback holds on to its cursor.
        if in_greenlet():
            connection.rollback()

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.create_function("ln", 1, _logarithm, deterministic=True)
        connection.create_function("exp", 1, math.exp, deterministic=True)
        # SQLite's own LOWER knows ASCII only.
        connection.create_function("caseless", 1, _caseless, deterministic=True)
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _logarithm(value: float | None) -> float | None:
    return math.log(value) if value is not None and value > 0 else None


def _caseless(text: str | None) -> str | None:
    return None if text is None else text.strip(" ").lower()


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


class caseless(GenericFunction[str]):  # noqa: N801 - a SQL function
    """A text without its case and outer blanks, to be compared exactly: accents still count."""

    type = String()
    inherit_cache = True


@compiles(caseless, "mysql")
def _caseless_mysql(element: caseless, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"(LOWER(CONVERT(TRIM({text}) USING utf8mb4)) COLLATE utf8mb4_bin)"


def as_double(column: Any) -> ColumnElement[float]:
    """A single-precision column in full: MySQL sends it rounded to six digits otherwise."""
    exactly: ColumnElement[float] = column + literal_column("0e0", Double())
    return exactly


class declared_order(GenericFunction[str]):  # noqa: N801 - a SQL function
    """A column of an enumeration, to be ordered by: its values come as they were declared."""

    inherit_cache = True


@compiles(declared_order, "mysql")
def _declared_order_mysql(element: declared_order, compiler: SQLCompiler, **options: Any) -> str:
    # Nothing but the bare column lets an index give the order.
    return compiler.process(element.clauses, **options)


@compiles(declared_order)
def _declared_order(element: declared_order, compiler: SQLCompiler, **options: Any) -> str:
    column: Any = element.clauses.clauses[0]
    places = " ".join(f"WHEN '{value}' THEN {n}" for n, value in enumerate(column.type.enums))
    return f"CASE {compiler.process(column, **options)} {places} END"


class appended(GenericFunction[bytes]):  # noqa: N801 - a SQL function
    """Bytes with others behind them."""

    type = LargeBinary()
    inherit_cache = True


@compiles(appended, "mysql")
def _appended_mysql(element: appended, compiler: SQLCompiler, **options: Any) -> str:
    return f"CONCAT({compiler.process(element.clauses, **options)})"


@compiles(appended)
def _appended(element: appended, compiler: SQLCompiler, **options: Any) -> str:
    head, tail = (compiler.process(clause, **options) for clause in element.clauses)
    # SQLite takes what it joins for text, without touching a byte of it.
    return f"CAST({head} || {tail} AS BLOB)"


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


class as_number(GenericFunction[int]):  # noqa: N801 - a SQL function
    """A text that is a whole number, as a signed one."""

    type = BigInteger()
    inherit_cache = True


@compiles(as_number, "mysql")
def _as_number_mysql(element: as_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS SIGNED)"


@compiles(as_number)
def _as_number(element: as_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS INTEGER)"


class utc_now(GenericFunction[datetime]):  # noqa: N801 - a SQL function
    """The database's own time in UTC, so many whole seconds from now (or ago, if negative)."""

    type = DateTime()
    inherit_cache = True


@compiles(utc_now, "mysql")
def _utc_now_mysql(element: utc_now, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"TIMESTAMPADD(SECOND, {seconds}, UTC_TIMESTAMP())"


@compiles(utc_now)
def _utc_now(element: utc_now, compiler: SQLCompiler, **options: Any) -> str:
    return f"datetime('now', {compiler.process(element.clauses, **options)} || ' seconds')"


def assigns_in_order(dialect: str) -> bool:
    """Whether an expression of an UPDATE sees the new values of columns that are set before it."""
    return dialect == "mysql"


Row = Mapping[Any, Any]
AnyInsert = TypeVar("AnyInsert", bound=Insert)


def upsert(
    dialect: str,
    model: type[Any],
    rows: Sequence[Row],
    *,
    keys: Sequence[Any],
    changes: Sequence[tuple[Any, Any]] = (),
    only_if: ColumnElement[bool] | None = None,
) -> Insert:
    """Insert the rows, or change those that are there; by default they are left as they are.

    :param dialect: its name
    :param rows: values by attribute; all rows name the same ones
    :param keys: the attributes of a unique key
    :param changes: attributes and their new values, in an order in which an expression may use
        what stands further down
    :param only_if: what has to be so, for the one row there is then; else nothing is done, and
        the result's `rowcount` is 0
    """
    # MySQL assigns in order, and lets later expressions see the new values.
    changed = {attribute.key: value for attribute, value in changes}
    if dialect == "mysql":
        first = keys[0]
        statement = _filled(mysql.insert(model), rows, only_if)
        return statement.on_duplicate_key_update(list(changed.items()) or {first.key: first})
    insert = _filled(sqlite.insert(model), rows, only_if)
    if not changed:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)


def _filled(
    statement: AnyInsert, rows: Sequence[Row], only_if: ColumnElement[bool] | None
) -> AnyInsert:
    if only_if is None:
        return statement.values(rows)
    [row] = rows
    source = select(*(_typed(value, column) for column, value in row.items()))
    names = [column.key for column in row]
    statement = statement.from_select(names, source.where(only_if), include_defaults=False)
    return statement.execution_options(preserve_rowcount=True)


def _typed(value: Any, column: Any) -> ColumnElement[Any]:
    if isinstance(value, BindParameter):
        return bindparam(value.key, type_=column.type)
    return literal(value, column.type)
