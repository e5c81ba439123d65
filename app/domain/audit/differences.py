"""A figure that is not what it should be, and the chunks in which such are looked for."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 1_000


class Difference(NamedTuple):
    """One figure: in a column of a row, what is stored there, and what was counted.

    `keys` are the attributes that name the row, with their values; `column` is None where whole
    rows are too many or too few, which `stored` and `counted` then tell as texts.
    """

    model: type[Any]
    keys: Mapping[str, Any]
    column: str | None
    stored: Any
    counted: Any

    def __str__(self) -> str:
        table = self.model.__tablename__.lstrip("~")
        row = " ".join(str(value) for value in self.keys.values())
        column = getattr(self.model, self.column).property.columns[0].name if self.column else ""
        return f"{table} {row} {column}: {self.stored}, counted {self.counted}".replace(" :", ":")


async def store(connection: AsyncConnection, difference: Difference) -> None:
    """Put one figure right."""
    model, column = difference.model, difference.column
    if column is None:
        raise ValueError(f"{difference} is not a figure")
    named = [getattr(model, name) == value for name, value in difference.keys.items()]
    statement = update(model).where(*named)
    await connection.execute(statement.values({getattr(model, column): difference.counted}))


async def chunks(connection: AsyncConnection, key: Any) -> AsyncIterator[Any]:
    """Conditions that together hold for every row, each for some `CHUNK` ids in turn."""
    last = (await connection.execute(select(func.max(key)))).scalar_one()
    for start in range(0, (last or 0) + 1, CHUNK):
        yield key.between(start, start + CHUNK - 1)


def compared(
    model: type[Any], keys: Mapping[str, Any], stored: Mapping[str, Any], counted: Mapping[str, Any]
) -> list[Difference]:
    """The columns of one row that differ."""
    return [
        Difference(model, keys, name, stored[name], value)
        for name, value in counted.items()
        if stored[name] != value
    ]
