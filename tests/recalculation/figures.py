"""A table's worth of recalculated figures: compared with what stands there, or written over it."""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Key = tuple[Any, ...]
Row = tuple[Any, ...]


class Expected(Protocol):
    """What a recalculation would write."""

    async def differences(self, connection: AsyncConnection) -> list[str]: ...

    async def write(self, connection: AsyncConnection) -> None: ...


class Figures(NamedTuple):
    """What the columns of a table should be.

    `rows` has a row of `columns` for each key. Rows that are in the table but not in `rows` are
    wrong where the figures are `complete`; where they are not, the table has other rows, too.
    """

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Mapping[Key, Row]
    complete: bool = True

    async def differences(self, connection: AsyncConnection) -> list[str]:
        names = ", ".join(
            name if name != "hotness" else "hotness + 0e0" for name in self.keys + self.columns
        )
        found = await read(connection, f"SELECT {names} FROM qa_{self.table}")
        standing = {row[: len(self.keys)]: row[len(self.keys) :] for row in found}
        keys = self.rows.keys() | standing.keys() if self.complete else self.rows.keys()
        return [
            f"{self.table} {key} {name}: {there}, recalculated {expected}"
            for key in sorted(keys)
            for name, there, expected in self._unlike(standing.get(key), self.rows.get(key))
        ]

    def _unlike(self, there: Row | None, expected: Row | None) -> list[tuple[str, Any, Any]]:
        if there is None or expected is None:
            return [("row", there, expected)]
        triples = zip(self.columns, there, expected, strict=True)
        return [triple for triple in triples if not _same(*triple)]

    async def write(self, connection: AsyncConnection) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in self.columns)
        condition = " AND ".join(f"{name} = :{name}" for name in self.keys)
        statement = text(f"UPDATE qa_{self.table} SET {assignments} WHERE {condition}")
        names = self.keys + self.columns
        rows = [dict(zip(names, key + row, strict=True)) for key, row in self.rows.items()]
        if rows:
            await connection.execute(statement, rows)


class Lines(NamedTuple):
    """The rows that a table of the word index should have, with words as text."""

    table: str
    rows: Counter[Row]

    async def differences(self, connection: AsyncConnection) -> list[str]:
        columns = LINES[self.table]
        query = f"SELECT {columns} FROM qa_{self.table} x JOIN qa_words w ON w.wordid = x.wordid"
        standing = Counter(await read(connection, query))
        more, fewer = standing - self.rows, self.rows - standing
        return [f"{self.table} {row}: only there" for row in sorted(more, key=str)] + [
            f"{self.table} {row}: only recalculated" for row in sorted(fewer, key=str)
        ]

    async def write(self, connection: AsyncConnection) -> None:
        ids = await word_ids(connection)
        columns = LINES[self.table].replace("w.word", "x.wordid").replace("x.", "")
        places = ", ".join(f":{name}" for name in columns.split(", "))
        await connection.execute(text(f"DELETE FROM qa_{self.table}"))
        insertion = text(f"INSERT INTO qa_{self.table} ({columns}) VALUES ({places})")
        names = columns.split(", ")
        rows = [dict(zip(names, row, strict=True)) for row in self.rows.elements()]
        if rows:
            ided = [row | {"wordid": ids[row["wordid"]]} for row in rows]
            await connection.execute(insertion, ided)


LINES = {
    "titlewords": "x.postid, w.word",
    "contentwords": "x.postid, w.word, x.count, x.type, x.questionid",
    "tagwords": "x.postid, w.word",
    "posttags": "x.postid, w.word, x.postcreated",
}


async def read(connection: AsyncConnection, query: str) -> list[Any]:
    """The rows of a query, as tuples; sums are whole numbers, whatever the server makes of them."""
    rows = (await connection.execute(text(query))).all()
    return [tuple(_plain(value) for value in row) for row in rows]


async def word_ids(connection: AsyncConnection) -> dict[str, int]:
    """The id of each word, compared exactly, which the column's collation does not."""
    return dict(await read(connection, "SELECT word, wordid FROM qa_words"))


async def options(connection: AsyncConnection, defaults: Mapping[str, int]) -> dict[str, int]:
    """Options as whole numbers; those that are absent have their default (FACTS 1 and 18)."""
    rows = await read(connection, "SELECT title, content FROM qa_options")
    stored: dict[str, str] = dict(rows)
    return {
        name: int(stored[name] or 0) if name in stored else default
        for name, default in defaults.items()
    }


def by_key(rows: Iterable[Row], keys: int = 1) -> dict[Key, Row]:
    return {row[:keys]: row[keys:] for row in rows}


def _plain(value: Any) -> Any:
    return int(value) if type(value).__name__ == "Decimal" else value


def _same(name: str, there: Any, expected: Any) -> bool:
    if name != "hotness" or there is None or expected is None:
        return bool(there == expected)
    # A dump has six digits of these numbers, the column itself some more.
    wanted = single(expected)
    return single(there) in (wanted, single(float(f"{wanted:.6g}")))


def single(number: float) -> float:
    """The number as a column of type FLOAT keeps it."""
    kept: float = struct.unpack("f", struct.pack("f", number))[0]
    return kept
