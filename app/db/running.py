"""Running prepared statements, on whatever connection there is."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.drivers import Done, Rows
from app.db.prepared import Prepared

Values = Mapping[str, Any]
NOTHING: Values = {}


class PreparingConnection(AsyncConnection):
    """A connection that may know a shorter way for prepared statements than SQLAlchemy's."""

    async def run(self, prepared: Prepared, values: Values) -> Done:
        """Run a prepared statement."""
        return await execute(self, prepared, values)


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


async def run(connection: AsyncConnection, prepared: Prepared, values: Values = NOTHING) -> Done:
    """Run a prepared statement, by the shortest way that the connection has.

    :param values: by the names of bound parameters; lists for `many`
    """
    if isinstance(connection, PreparingConnection):
        return await connection.run(prepared, values)
    return await execute(connection, prepared, values)
