"""A site with files for tests of moving them: what it has, and how the job is run on it."""

from collections.abc import Mapping
from random import Random
from typing import Any

from sqlalchemy import insert, select, update

from app.db import Database
from app.db.dialects import utc_now
from app.jobs import JOBS
from app.jobs.job import Outcome, Work
from app.jobs.logs import Log
from app.jobs.running import run
from app.models import Blob
from app.models.waggle import JobRun, StoredBlob

# q2a's numbers have 64 bits: half of them are negative to SQLite.
FIRST, LAST = 1_000_000_000_000, 18_446_743_999_999_999_999
Row = dict[str, Any]


async def move(db: Database, **options: Any) -> Outcome:
    """The job `blobs-to-storage`, run once to its end."""
    job = JOBS["blobs-to-storage"]
    said: list[str] = []
    work = Work(db, Log(job.name), options=job.complete(options), say=said.append)
    return await run(job, work)


async def expire_lease(db: Database) -> None:
    """As if a minute had passed since the job was killed."""
    async with db.begin() as connection:
        await connection.execute(update(JobRun).values({JobRun.lease_until: utc_now(-1)}))


async def add_files(db: Database, contents: Mapping[int, bytes | None], format: str) -> None:
    async with db.begin() as connection:
        for id, content in contents.items():
            row = {"id": id, "format": format, "content": content, "filename": "蜂.png"}
            await connection.execute(insert(Blob).values(row))


def some_files(count: int, *, largest: int) -> dict[int, bytes]:
    """Files of all sizes by random numbers, the same at every run."""
    random = Random(7)
    sizes = [0, 1, largest] + [random.randrange(1, 3000) for _ in range(count - 3)]
    return {random.randrange(FIRST, LAST): random.randbytes(size) for size in sizes}


async def rows(db: Database) -> list[Any]:
    """q2a's rows of files, as they are."""
    async with db.read() as connection:
        query = select(*Blob.__table__.columns).order_by(Blob.id)
        return list((await connection.execute(query)).all())


async def copies(db: Database) -> dict[int, str]:
    """The keys of the copies, by the numbers of the files."""
    async with db.read() as connection:
        query = select(StoredBlob.blob_id, StoredBlob.key)
        return dict((await connection.execute(query)).all())
