"""The job `digests`: queues the digest of the last week to all who want it."""

from datetime import UTC, datetime

from app.domain import digesting
from app.domain.sites import SiteCache
from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.schedules import weekly


async def run(work: Work) -> Outcome:
    """Queue it to those who have not got it; the job `outbox` sends it."""
    site = await SiteCache(work.db).get()
    edition = await digesting.edition(work.db, site=site, now=datetime.now(UTC))
    queued, after = 0, 0
    while edition is not None:
        if work.must_stop():
            raise Stopped
        some = await digesting.queue_some(work.db, edition=edition, after=after)
        if some is None:
            break
        queued += some[0]
        after = some[1]
    return Outcome({"queued": queued})


JOB = Job(
    name="digests",
    summary="Queue a mail with the best questions of the last week to all who want it.",
    run=run,
    schedule=weekly("MON", hour=6, minute=30),
)
