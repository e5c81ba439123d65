"""Every metric there is, and which of them a request gives."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from app.monitoring.records import Record


class Kind(Enum):
    COUNT = "count"
    GAUGE = "gauge"
    DISTRIBUTION = "distribution"


class Metric(NamedTuple):
    """A metric by its name; `tags` are what its values are told apart by."""

    name: str
    kind: Kind
    unit: str
    text: str
    tags: tuple[str, ...] = ()


class Measure(NamedTuple):
    metric: Metric
    value: float
    tags: Mapping[str, str]


REQUEST_TAGS = ("route", "type", "viewer", "status")
REQUESTS = Metric("waggle.requests", Kind.COUNT, "request", "Requests answered.", REQUEST_TAGS)
REQUEST_TIME = Metric(
    "waggle.request.time",
    Kind.DISTRIBUTION,
    "second",
    "From a request to its answer's end.",
    ("route", "type", "viewer"),
)
COST = Metric("waggle.request.cost", Kind.DISTRIBUTION, "field", "Cost of operations.", ("type",))
ERRORS = Metric("waggle.errors", Kind.COUNT, "error", "Errors in answers.", ("code",))
COLD_STARTS = Metric(
    "waggle.cold_starts", Kind.COUNT, "process", "Processes that answered for the first time."
)
STATEMENTS = Metric(
    "waggle.statements", Kind.COUNT, "query", "SQL statements of requests.", ("type",)
)
SQL_TIME = Metric(
    "waggle.sql.time", Kind.DISTRIBUTION, "second", "A request's time in the database.", ("type",)
)
VOTES = Metric("waggle.votes", Kind.COUNT, "vote", "Votes cast, changed and taken back.")
JOBS = Metric("waggle.jobs", Kind.COUNT, "run", "Runs of jobs that ended.", ("job", "outcome"))
JOB_TIME = Metric("waggle.job.time", Kind.DISTRIBUTION, "second", "How long runs take.", ("job",))
OUTBOX_WAITING = Metric("waggle.outbox.waiting", Kind.GAUGE, "mail", "Mails that are due.")
OUTBOX_AGE = Metric(
    "waggle.outbox.age", Kind.GAUGE, "second", "For how long the oldest of these has been due."
)
METRICS = (
    REQUESTS,
    REQUEST_TIME,
    COST,
    ERRORS,
    COLD_STARTS,
    STATEMENTS,
    SQL_TIME,
    VOTES,
    JOBS,
    JOB_TIME,
    OUTBOX_WAITING,
    OUTBOX_AGE,
)


def measures_of(record: Record) -> Iterator[Measure]:
    """What a request that has ended adds to the metrics."""
    type_ = record.operation_type or "none"
    kind = {"type": type_}
    told = kind | {"route": record.route, "viewer": _kind_of_viewer(record)}
    yield Measure(REQUESTS, 1, told | {"status": str(record.status)})
    yield Measure(REQUEST_TIME, record.seconds, told)
    for code in record.codes:
        yield Measure(ERRORS, 1, {"code": code})
    if record.is_cold:
        yield Measure(COLD_STARTS, 1, {})
    if record.operation_type:
        yield Measure(COST, record.cost, kind)
    if record.statements:
        yield Measure(STATEMENTS, record.statements, kind)
        yield Measure(SQL_TIME, record.sql_seconds, kind)
    if record.votes:
        yield Measure(VOTES, record.votes, {})


def _kind_of_viewer(record: Record) -> str:
    # Metrics are kept for each value of a tag: an account's number has no place there.
    if record.viewer is None:
        return "unknown"
    return "guest" if record.viewer == "guest" else "member"
