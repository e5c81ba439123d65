"""Work outside of requests: every job there is, by its name (docs/jobs.md).

A job is one module with a function and a `JOB`, and one row here. The modules load nothing heavy:
what only a run needs (Pillow, boto3) is imported in functions.
"""

from typing import Any

from app.jobs.job import Job

JOBS: dict[str, Job]


def __getattr__(name: str) -> Any:
    """Make `JOBS` when it is first asked for: the application runs single jobs without the rest."""
    if name != "JOBS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from app.jobs import (
        blobs_to_storage,
        bounces,
        cleanup,
        digests,
        hotness,
        link_users,
        outbox,
        ranking,
        recount,
        thumbnails,
    )

    jobs = (
        blobs_to_storage.JOB,
        bounces.JOB,
        cleanup.JOB,
        digests.JOB,
        hotness.JOB,
        link_users.JOB,
        outbox.JOB,
        ranking.JOB,
        recount.JOB,
        thumbnails.JOB,
    )
    return globals().setdefault("JOBS", {job.name: job for job in jobs})
