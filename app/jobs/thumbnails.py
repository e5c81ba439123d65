"""The job `thumbnails`: pictures at the sizes of the pages, made when one was uploaded."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from app.aws.events import UnreadableEvent, created_keys
from app.aws.storage import storage_of
from app.domain import thumbnails
from app.domain.errors import Invalid
from app.domain.storage import NotStored, Storage
from app.jobs.job import Job, JobOption, Outcome, Work

# Of the command line, or in an event of one's own: all pictures, as no event told of some.
ALL = "all"


async def run(work: Work) -> Outcome:
    """Make the thumbnails of the pictures that an event of S3 tells of, unless they are there."""
    storage = storage_of(work.settings)
    counts = {"pictures": 0, "made": 0, "refused": 0}
    try:
        told = created_keys(work.event, storage)
    except UnreadableEvent as error:
        work.log.error("unreadable", reason=str(error))
        return Outcome(counts, failed=True)
    async for key in _keys(work, storage, told):
        original = thumbnails.original_of(key)
        if original is None:
            continue
        if work.must_stop():
            break
        counts["pictures"] += 1
        try:
            counts["made"] += await thumbnails.make(
                work.db, storage, original=original, now=datetime.now(UTC)
            )
        except NotStored:
            # It was deleted since.
            work.log.info("gone", key=key)
        except Invalid as error:
            # Trying again would not help.
            counts["refused"] += 1
            work.log.warning("refused", key=key, reason=str(error))
    return Outcome(counts)


async def _keys(work: Work, storage: Storage, told: Sequence[str]) -> AsyncIterator[str]:
    if work.options[ALL] or work.event.get(ALL):
        async for entry in storage.list("blobs/"):
            yield entry.key
    for key in told:
        yield key


JOB = Job(
    name="thumbnails",
    summary="Scale the pictures that an event of S3 tells of.",
    run=run,
    options=(JobOption(ALL, "Make all that are missing, whatever an event told of."),),
    takes_event=True,
)
