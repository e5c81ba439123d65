"""Running prepared statements, on whatever connection there is."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Update, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.drivers import Done
from app.db.kept import Rows
from app.db.prepared import Prepared, prepared

Values = Mapping[str, Any]
NOTHING: Values = {}


class PreparingConnection(AsyncConnection):
    """A connection that may know a shorter way for prepared statements than SQLAlchemy's."""

    async def run(self, prepared: Prepared, values: Values) -> Done:
        """Run a prepared statement."""
        return await execute(self, prepared, values)

    async def insert(self, prepared: Prepared, rows: Sequence[Values]) -> None:
        """Run a prepared INSERT of one row for all of the rows, in one statement."""
        await self.execute(prepared.statement, rows)


async def execute(connection: AsyncConnection, prepared: Prepared, values: Values) -> Done:
    """Run a prepared statement by SQLAlchemy's own way."""
    result = await connection.execute(prepared.statement, values)
    if result.returns_rows:
        return Done(result.all(), 0, 0)
    return Done((), result.rowcount, result.lastrowid)


async def rows_of(
    connection: AsyncConnection, prepared: Prepared, values: Values = NOTHING
) -> Rows:
    """The rows of a prepared SELECT, by the shortest way that the connection has.

    :param values: by the names of bound parameters; lists for `many`
    """
    return (await run(connection, prepared, values)).rows


async def value_of(
    connection: AsyncConnection, prepared: Prepared, values: Values = NOTHING
) -> Any:
    """The first value of the only row of a prepared SELECT, such as a count.

    :param values: by the names of bound parameters; lists for `many`
    """
    [row] = await rows_of(connection, prepared, values)
    return row[0]


async def run(connection: AsyncConnection, prepared: Prepared, values: Values = NOTHING) -> Done:
    """Run a prepared statement, by the shortest way that the connection has.

    :param values: by the names of bound parameters; lists for `many`
    """
    if isinstance(connection, PreparingConnection):
        return await connection.run(prepared, values)
    return await execute(connection, prepared, values)


async def insert_row(connection: AsyncConnection, model: type[Any], row: Mapping[Any, Any]) -> int:
    """Insert a row, given by attributes; returns its number, if the server gives it one."""
    values = _named(row)
    return (await run(connection, _inserting(model, tuple(values)), values)).inserted_id


async def insert_rows(
    connection: AsyncConnection, model: type[Any], rows: Sequence[Mapping[Any, Any]]
) -> None:
    """Insert some rows in one statement.

    :param rows: values by attribute; all rows name the same ones in the same order
    """
    values = [_named(row) for row in rows]
    statement = _inserting(model, tuple(values[0]))
    if isinstance(connection, PreparingConnection):
        await connection.insert(statement, values)
    else:
        await connection.execute(statement.statement, values)


async def update_row(
    connection: AsyncConnection, model: type[Any], id: int, changes: Mapping[Any, Any]
) -> None:
    """Change the row with this `id`.

    :param changes: plain values by attribute
    """
    values = _named(changes)
    await run(connection, _updating(model, tuple(values)), {"of_this": id, **values})


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    # A parameter must not be called like a column.
    return {f"new_{attribute.key}": value for attribute, value in row.items()}


@prepared
def _inserting(model: type[Any], names: tuple[str, ...]) -> Insert:
    return insert(model).values(_places(model, names))


@prepared
def _updating(model: Any, names: tuple[str, ...]) -> Update:
    return update(model).where(model.id == bindparam("of_this")).values(_places(model, names))


def _places(model: Any, names: tuple[str, ...]) -> dict[Any, Any]:
    return {getattr(model, name.removeprefix("new_")): bindparam(name) for name in names}
