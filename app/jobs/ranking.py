"""The job `ranking`: who has earned the most points, anywhere, in each category, by each tag."""

from datetime import UTC, datetime

from app.domain import ranking
from app.domain.sites import SiteCache
from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.schedules import hourly


async def run(work: Work) -> Outcome:
    """Make all rankings anew; until that is done, readers see the former ones."""

    def tell(part: str, done: int, total: int) -> None:
        if work.must_stop():
            raise Stopped
        work.progress(part, done, total)

    site = await SiteCache(work.db).get()
    places = await ranking.make(work.db, site=site, now=datetime.now(UTC), tell=tell)
    return Outcome({"places": places})


JOB = Job(
    name="ranking",
    summary="Rank people by their points: overall, of the month, of the week, by category and tag.",
    run=run,
    schedule=hourly(minute=10),
)
