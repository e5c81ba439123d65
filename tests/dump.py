"""Reads the rows of a dump of a q2a site, so that it can be put into another kind of database."""

import gzip
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from app.db import Database
from app.models import Base

INSERT = re.compile(r"^INSERT INTO `(\w+)` VALUES$\n(.*?);$", re.MULTILINE | re.DOTALL)
# One value of a row: a string with backslash escapes, bytes in hex, NULL or a number.
VALUE = re.compile(r"'((?:[^'\\]|\\.|'')*)'|0x([0-9A-F]+)|(NULL)|(-?[0-9][0-9.e+-]*)", re.DOTALL)
ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
ROWS_AT_ONCE = 200


def tables(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    """The name and the rows of each table of a dump (`.sql.gz`) made by mariadb-dump."""
    text = gzip.decompress(path.read_bytes()).decode()
    for match in INSERT.finditer(text):
        yield match[1], list(rows(match[2]))


def rows(text: str) -> Iterator[list[Any]]:
    position = 0
    while position < len(text):
        position = text.index("(", position) + 1
        row = []
        while text[position - 1] != ")":
            match = VALUE.match(text, position)
            assert match, text[position : position + 40]
            row.append(_value(match))
            position = match.end() + 1
        yield row
        position += 1


def _value(match: re.Match[str]) -> Any:
    string, hexadecimal, null, number = match.groups()
    if string is not None:
        return ESCAPE.sub(lambda m: ESCAPES.get(m[1], m[1]) if m[1] else "'", string)
    if hexadecimal is not None:
        return bytes.fromhex(hexadecimal)
    if null:
        return None
    return float(number) if re.search(r"[.e]", number) else int(number)


async def load(db: Database, path: Path, *, prefix: str = "qa_") -> None:
    """Make the tables in an empty database and fill them with a dump whose tables have `prefix`."""
    by_name = {table.name.lstrip("~"): table for table in Base.metadata.tables.values()}
    async with db.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with db.engine.connect() as connection:
        # Rows come table by table, in the order of their names: nothing refers to what is there.
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.rollback()
        await connection.execution_options(isolation_level="SERIALIZABLE")
        async with connection.begin():
            for name, found in tables(path):
                table = by_name[name.removeprefix(prefix)]
                converted = [_row(table, row) for row in found]
                for start in range(0, len(converted), ROWS_AT_ONCE):
                    chunk = converted[start : start + ROWS_AT_ONCE]
                    await connection.execute(table.insert(), chunk)


def _row(table: Table, values: list[Any]) -> dict[str, Any]:
    return {
        column.key: _converted(column.type.python_type, value)
        for column, value in zip(table.columns, values, strict=True)
    }


def _converted(type_: type, value: Any) -> Any:
    if value is None:
        return None
    if type_ is datetime:
        return datetime.fromisoformat(value)
    if type_ is bytes and isinstance(value, str):
        return value.encode()
    return value
