"""The job `hotness`: reckons anew what q2a has left as it was."""

from app.domain import heating
from app.jobs.job import Job, Outcome, Stopped, Work
from app.jobs.schedules import daily


async def run(work: Work) -> Outcome:
    """Go through all questions; what is right already is only read."""

    def tell(part: str, done: int, total: int) -> None:
        if work.must_stop():
            raise Stopped
        work.progress(part, done, total)

    return Outcome({"stale": await heating.heat(work.db, tell=tell)})


JOB = Job(
    name="hotness",
    summary="Reckon anew how hot questions are, where that has changed unnoticed.",
    run=run,
    schedule=daily(hour=4, minute=20),
)
