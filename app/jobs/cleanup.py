"""The job `cleanup`: removes what nobody will ask for again."""

from datetime import UTC, datetime

from app.aws.storage import storage_of
from app.domain import cleaning, generations, orphans
from app.domain.storage import StorageError
from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.schedules import daily


async def run(work: Work) -> Outcome:
    """Remove old rows table by table, former rankings, and uploads that nobody uses."""
    now = datetime.now(UTC)
    counts: dict[str, int] = {}
    kinds = cleaning.refuse(now=now, zone=await work.db.zone())
    for done, what in enumerate(kinds):
        work.progress("Tables", done, len(kinds))
        counts[what.name] = await cleaning.remove(work.db, what=what, must_stop=work.must_stop)
        if work.must_stop():
            raise Stopped
    counts["places in rankings"] = await generations.remove_old(work.db)
    return await _remove_orphans(work, now, counts)


async def _remove_orphans(work: Work, now: datetime, counts: dict[str, int]) -> Outcome:
    storage = storage_of(work.settings)
    try:
        removed = await orphans.remove(work.db, storage, now=now, must_stop=work.must_stop)
    except StorageError as error:
        work.log.error("uploads cannot be removed", reason=str(error))
        return Outcome(counts, failed=True)
    if work.must_stop():
        raise Stopped
    return Outcome({**counts, "uploads": sum(removed)})


JOB = Job(
    name="cleanup",
    summary="Remove old rows, former rankings, and uploads that nobody uses.",
    run=run,
    schedule=daily(hour=3, minute=10),
)
