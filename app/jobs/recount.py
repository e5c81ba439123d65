"""The job `recount`: every figure that the site keeps counted, against the rows it counts."""

from app.domain import audit
from app.jobs.job import Job, JobOption, Outcome, Stopped, Work
from app.jobs.schedules import weekly


async def run(work: Work) -> Outcome:
    """Say each difference; with `fix`, put it right. Others may use the site meanwhile."""
    found = 0

    def report(difference: audit.Difference) -> None:
        nonlocal found
        found += 1
        work.say(str(difference))

    def tell(part: str, done: int, total: int) -> None:
        if work.must_stop():
            raise Stopped
        work.progress(part, done, total)

    go_through = audit.fix if work.options["fix"] else audit.look
    left = await go_through(work.db, tell=tell, report=report)
    return Outcome({"differences": found, "left": left}, failed=left > 0)


JOB = Job(
    name="recount",
    summary="Count everything that the site keeps counted, and say each difference.",
    run=run,
    schedule=weekly("SUN", hour=3, minute=40),
    options=(JobOption("fix", "Put right what is wrong."),),
    scheduled_options={"fix": True},
)
