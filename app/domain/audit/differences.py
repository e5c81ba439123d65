"""A figure that is not what it should be, and the chunks in which such are looked for."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 1_000
# Told what is looked through, how far that is done, and how far it goes.
Progress = Callable[[str, int, int], None]


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
        column = getattr(self.model, self.column).name if self.column else ""
        return f"{table} {row} {column}: {self.stored}, counted {self.counted}".replace(" :", ":")


def unheard(_part: str, _done: int, _all: int) -> None:
    """Progress that nobody is told of."""


async def chunks(
    connection: AsyncConnection, key: Any, *, part: str, tell: Progress
) -> AsyncIterator[Any]:
    """Conditions that together hold for every row, each for some `CHUNK` ids in turn.

    :param part: what is looked through, for those who are told of the progress
    """
    last = (await connection.execute(select(func.max(key)))).scalar_one() or 0
    for start in range(0, last + 1, CHUNK):
        tell(part, start, last)
        yield key.between(start, start + CHUNK - 1)
    tell(part, last, last)


def compared(
    model: type[Any], keys: Mapping[str, Any], stored: Mapping[str, Any], counted: Mapping[str, Any]
) -> list[Difference]:
    """The columns of one row that differ."""
    return [
        Difference(model, keys, name, stored[name], value)
        for name, value in counted.items()
        if stored[name] != value
    ]
