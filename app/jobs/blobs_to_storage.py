"""The job `blobs-to-storage`: q2a's files into the storage, and back, byte for byte."""

from collections.abc import Mapping
from typing import Any

from app.aws.storage import storage_of
from app.config import Settings
from app.domain import relocating
from app.domain.relocating import COPY, FORGET, GIVE_BACK, RELEASE, Step, Task
from app.domain.storage import StorageError
from app.jobs.job import Job, JobOption, Outcome, Stopped, Work

# More would only repeat what is wrong with all of them.
MOST_WARNINGS = 20
FAILURES = ("damaged", "changed", "failed")


async def run(work: Work) -> Outcome:
    """Copy, and release or give back, as the options say."""
    task = _task(work)
    try:
        if work.options["dry_run"]:
            return await _look(work, task)
        for step in _steps(work):
            await _go_through(work, task, step)
    except StorageError as error:
        work.log.error(str(error))
        return Outcome(+task.counts, failed=True)
    if work.must_stop():
        work.log.info("so far", **+task.counts)
        raise Stopped
    return Outcome(+task.counts, failed=any(task.counts[name] for name in FAILURES))


def _refusal(settings: Settings, options: Mapping[str, Any]) -> str:
    if options["release"] and options["back"]:
        return "--release and --back are opposites: give one of them"
    if options["release"] and settings.users_table_prefix not in ("", settings.table_prefix):
        # The other sites have no note of where the bytes went.
        return "--release would take the files from the other sites that USERS_TABLE_PREFIX shares"
    return ""


def _task(work: Work) -> Task:
    warned = 0

    def warn(text: str, blob_id: int) -> None:
        nonlocal warned
        warned += 1
        if warned <= MOST_WARNINGS:
            work.log.warning(text, blob=str(blob_id))

    return Task(
        work.db,
        storage_of(work.settings),
        directory=work.settings.blobs_directory,
        at_once=int(work.options["at_once"]),
        warn=warn,
        must_stop=work.must_stop,
    )


def _steps(work: Work) -> list[Step]:
    if work.options["back"]:
        return [FORGET, GIVE_BACK]
    return [FORGET, COPY, RELEASE] if work.options["release"] else [FORGET, COPY]


async def _go_through(work: Work, task: Task, step: Step) -> None:
    done, total = 0, await task.count(step.rows)

    def tell(more: int) -> None:
        nonlocal done
        done += more
        work.progress(step.name, done, max(done, total))

    task.tell = tell
    await step.run(task)


async def _look(work: Work, task: Task) -> Outcome:
    """Say what would be done, and do nothing."""
    place = task.storage.location("blobs")
    if work.options["back"]:
        total = await relocating.unreturned(task)
        work.say(f"{total} would go back to where q2a had them, and be removed from {place}")
        return Outcome({"files": total.files, "bytes": total.size})
    total = await relocating.uncopied(task)
    work.say(f"{total} would be copied to {place}")
    if work.options["release"]:
        before = await relocating.unreleased(task)
        others = f", and of {before} copied before" if before.files else ""
        work.say(f"then q2a would lose its bytes of those{others}")
    return Outcome({"files": total.files, "bytes": total.size})


JOB = Job(
    name="blobs-to-storage",
    summary="Copy q2a's files to the storage; remove them from q2a, or give them back.",
    run=run,
    options=(
        JobOption("dry_run", "Say how many files and bytes it is about, and do nothing."),
        JobOption(
            "release",
            "Then remove from q2a's table and directory what the storage certainly has."
            " Only when PHP is switched off for good.",
        ),
        JobOption("back", "Put every byte back where q2a had it, and remove the copies."),
        JobOption(
            "at_once", "How many files are on their way at the same time.", 4, least=1, most=32
        ),
    ),
    refusal=_refusal,
)
