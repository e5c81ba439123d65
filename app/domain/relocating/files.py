"""What moving a file needs to know of it, and how many are moved at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.domain.storage import Storage
from app.models import Blob

Item = TypeVar("Item")
Result = TypeVar("Result")

TABLE, DIRECTORY = "table", "directory"
# Rows looked at in one statement, and bytes of small files held in memory at once.
ROWS_AT_ONCE = 200
BYTES_AT_ONCE = 4 << 20
# Larger files are read, written and compared piece by piece.
LARGEST_SMALL = 256 << 10


class Total(NamedTuple):
    """How many files, and how many bytes they have."""

    files: int
    size: int

    def __str__(self) -> str:
        return f"{self.files:,} {'file' if self.files == 1 else 'files'} ({self.size:,} bytes)"


class QFile(NamedTuple):
    """A file of q2a's. `size` is that of its bytes in the table; None: they are not there."""

    id: int
    format: str
    size: int | None


class CopiedFile(NamedTuple):
    """A file that has a copy in the storage.

    :param held: how many bytes q2a's table has of it; None: none, they are elsewhere or gone
    """

    id: int
    format: str
    held: int | None
    key: str
    sha256: bytes
    size: int
    origin: str | None


@dataclass
class Task:
    """One run: what it works with, whom it tells, and what came of it so far.

    :param directory: q2a's directory of files, if it has one
    :param at_once: how many files are on their way at the same time
    :param tell: told how many more files are done
    :param warn: told what is wrong with a file, by its number
    :param must_stop: whether to end after what is at hand
    """

    db: Database
    storage: Storage
    directory: Path | None = None
    at_once: int = 4
    tell: Callable[[int], None] = lambda _: None
    warn: Callable[[str, int], None] = lambda *_: None
    must_stop: Callable[[], bool] = lambda: False
    counts: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Reads what is there now: a replica may be behind."""
        async with self.db.connect() as connection:
            yield connection

    async def each(
        self, items: Iterable[Item], work: Callable[[Item], Awaitable[Result]]
    ) -> list[Result]:
        """The results of `work` for all items, `at_once` of them at the same time.

        The first that fails ends all; the others are cancelled before it raises.
        """
        free = asyncio.Semaphore(self.at_once)

        async def limited(item: Item) -> Result:
            async with free:
                return await work(item)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(limited(item)) for item in items]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [task.result() for task in tasks]

    async def count(self, query: Select[Any]) -> int:
        """How many rows a query over q2a's table of files has."""
        counting = query.with_only_columns(func.count(), maintain_column_froms=True)
        async with self.connection() as connection:
            return (await connection.execute(counting)).scalar_one()

    async def batches(
        self, query: Select[Any], make: Callable[[Any], Item], key: Callable[[Item], int]
    ) -> AsyncIterator[list[Item]]:
        """The rows of a query, by ascending number of the file, until the run must stop.

        :param query: over q2a's table of files
        """
        last: int | None = None
        while not self.must_stop():
            page = query if last is None else query.where(Blob.id > last)
            async with self.connection() as connection:
                rows = await connection.execute(page.order_by(Blob.id).limit(ROWS_AT_ONCE))
                items = [make(row) for row in rows]
            if not items:
                return
            yield items
            last = key(items[-1])


class Step(NamedTuple):
    """A part of the way: what it is called, the rows that it is about, and what does it."""

    name: str
    rows: Select[Any]
    run: Callable[[Task], Awaitable[None]]


def grouped(items: Sequence[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items in groups of `BYTES_AT_ONCE` together, or of one that is larger."""
    group: list[Item] = []
    held = 0
    for item in items:
        if group and held + size(item) > BYTES_AT_ONCE:
            yield group
            group, held = [], 0
        group.append(item)
        held += size(item)
    if group:
        yield group
