"""What kind of server a connection leads to, and what it says about its tables."""

import re
from typing import NamedTuple

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

LEADING_NUMBERS = re.compile(r"(\d+)\.(\d+)")


class Server(NamedTuple):
    """A database server; `oldest` is the first version on which everything works."""

    name: str
    version: str
    oldest: tuple[int, int]

    @property
    def is_too_old(self) -> bool:
        match = LEADING_NUMBERS.match(self.version)
        return match is not None and (int(match[1]), int(match[2])) < self.oldest


async def server_of(connection: AsyncConnection) -> Server:
    """Name and version of the server."""
    if connection.dialect.name == "sqlite":
        version = (await connection.execute(text("SELECT sqlite_version()"))).scalar_one()
        return Server("SQLite", version, (3, 35))
    version = str((await connection.execute(text("SELECT VERSION()"))).scalar_one())
    if "mariadb" in version.lower():
        # Before MariaDB 11 some servers put this in front for the sake of old replicas.
        return Server("MariaDB", version.removeprefix("5.5.5-"), (10, 6))
    return Server("MySQL", version, (8, 0))


async def table_names(connection: AsyncConnection) -> list[str]:
    """The tables of the database that the account may see."""
    return await connection.run_sync(lambda sync: sorted(inspect(sync).get_table_names()))


async def charsets(connection: AsyncConnection) -> dict[str, set[str]]:
    """The charsets of each table's text columns, but for ASCII; SQLite has only one."""
    found: dict[str, set[str]] = {}
    if connection.dialect.name == "sqlite":
        return found
    rows = await connection.execute(
        text(
            "SELECT table_name, character_set_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND character_set_name <> 'ascii'"
        )
    )
    for table, charset in rows:
        # MariaDB before 10.6 and MySQL before 8.0.28 call it so.
        found.setdefault(table, set()).add("utf8mb3" if charset == "utf8" else charset)
    return found
