"""The job `link-users`: tells which accounts would trip over a move to Cognito. Reads only."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.domain import obstacles
from app.domain.obstacles import Finding, Obstacle, Weight
from app.domain.options import load
from app.jobs.job import Job, JobOption, Outcome, Stopped, Work

# So many accounts of each kind are named; a file names all.
EXAMPLES = 10
HEAD = ("user_id", "handle", "email", "obstacle", "weight", "detail")
# Spreadsheets take what begins so for a formula, and people choose their handles.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
Sink = Callable[[Finding], None]


class Report:
    """What was found, counted, with some examples of each kind."""

    def __init__(self) -> None:
        self.counts: Counter[Obstacle] = Counter()
        self.examples: defaultdict[Obstacle, list[Finding]] = defaultdict(list)

    def add(self, finding: Finding) -> None:
        self.counts[finding.obstacle] += 1
        if len(self.examples[finding.obstacle]) < EXAMPLES:
            self.examples[finding.obstacle].append(finding)

    @property
    def has_work_for_the_owner(self) -> bool:
        """Whether there is more than what is merely worth knowing."""
        return any(obstacle.weight is not Weight.NOTE for obstacle in self.counts)

    def lines(self) -> Iterator[str]:
        """The report for people."""
        found = [obstacle for obstacle in Obstacle if self.counts[obstacle]]
        for obstacle in found:
            count = self.counts[obstacle]
            yield f"{obstacle.value}: {count:,} ({obstacle.weight.value})"
            yield f"  {obstacle.about} {obstacle.remedy}"
            yield from map(_line, self.examples[obstacle])
            if count > EXAMPLES:
                yield f"  ... and {count - EXAMPLES:,} more; --csv FILE names all."
        if not found:
            yield "No account would trip over anything."


async def run(work: Work) -> Outcome:
    """Look at every account, and report."""
    report = Report()
    with ExitStack() as files:
        sinks: list[Sink] = [report.add]
        for option, open_sink in (("csv", _csv_sink), ("json", _json_sink)):
            if work.options[option]:
                path = Path(str(work.options[option]))
                sinks.append(files.enter_context(open_sink(path)))
        await _look(work, sinks)
    for line in report.lines():
        work.say(line)
    counts = {obstacle.value: count for obstacle, count in report.counts.items()}
    return Outcome(counts, failed=report.has_work_for_the_owner)


async def _look(work: Work, sinks: list[Sink]) -> None:
    def tell(done: int, total: int) -> None:
        if work.must_stop():
            raise Stopped
        work.progress("Accounts", done, total)

    async with work.db.read() as connection:
        options = await load(connection)
        async for finding in obstacles.findings(connection, options=options, tell=tell):
            for sink in sinks:
                sink(finding)


def _line(finding: Finding) -> str:
    parts = (finding.handle, finding.email, finding.detail)
    return f"  {finding.user_id:>9}  " + "  ".join(map(_printable, filter(None, parts)))


def _printable(text: str) -> str:
    """The text without what could play tricks on a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _values(finding: Finding) -> tuple[int, str, str, str, str, str]:
    obstacle = finding.obstacle
    names = (finding.handle, finding.email, obstacle.value, obstacle.weight.value)
    return (finding.user_id, *names, finding.detail)


@contextmanager
def _csv_sink(path: Path) -> Iterator[Sink]:
    """Writes a line for each finding; the mark at its head lets Excel know that it is UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        yield lambda finding: writer.writerow([_cell(value) for value in _values(finding)])


def _cell(value: int | str) -> int | str:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


@contextmanager
def _json_sink(path: Path) -> Iterator[Sink]:
    """Writes an array with an object for each finding, one on a line."""
    with path.open("w", encoding="utf-8") as file:
        separator = "[\n"

        def write(finding: Finding) -> None:
            nonlocal separator
            row = dict(zip(HEAD, _values(finding), strict=True))
            file.write(separator + json.dumps(row, ensure_ascii=False))
            separator = ",\n"

        yield write
        file.write("[]\n" if separator == "[\n" else "\n]\n")


JOB = Job(
    name="link-users",
    summary="Report accounts that a move to Cognito would trip over.",
    run=run,
    options=(
        JobOption("csv", "Write every finding to this file, for a spreadsheet.", ""),
        JobOption("json", "Write every finding to this file, as JSON.", ""),
    ),
)
