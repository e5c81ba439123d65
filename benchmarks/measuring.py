"""Rounds: every server is asked everything in turn, so that a noisy minute spoils no comparison."""

import sys
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.cases import Case
from benchmarks.load import Call, Load, answer, drive
from benchmarks.mariadb import Server
from benchmarks.processes import cpu_seconds
from benchmarks.servers import Target

# What compiles while it runs has to have compiled.
ENOUGH, FEW, LONGEST_WARM_UP = 500, 5, 6
# What is still being answered at the end has cost something, and is not counted: on a machine that
# answers a hundred requests in the time given, sixteen such would be a sixth too much. People who
# write wait for each other's locks more than for the processor.
READERS, WRITERS = 4, 2
WRITING_TAKES = 3


class Measured(NamedTuple):
    """One case on one server, of one round or as the median of all: milliseconds a request."""

    server: float
    database: float
    per_second: float
    p50: float
    p99: float
    statements: float
    bytes: float

    @property
    def both(self) -> float:
        return self.server + self.database


Results = dict[tuple[str, str], Measured]


def measure(
    database: Server,
    targets: Sequence[Target],
    cases: Sequence[Case],
    *,
    rounds: int,
    seconds: int,
) -> Results:
    """The medians of all rounds, by names of case and server."""
    found: dict[tuple[str, str], list[Measured]] = {}
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}", file=sys.stderr)
        for case in cases:
            # Whoever comes second finds the database's pages warm.
            for target in targets if number % 2 == 0 else reversed(targets):
                if target.is_peer and not case.by_peers:
                    continue
                print(f"  {case.name}: {target.name}", file=sys.stderr, flush=True)
                one = _once(database, target, case, first=number == 0, seconds=seconds)
                found.setdefault((case.name, target.name), []).append(one)
    return {
        key: Measured(*(median(values) for values in zip(*rows, strict=True)))
        for key, rows in found.items()
    }


def _once(database: Server, target: Target, case: Case, *, first: bool, seconds: int) -> Measured:
    call = case.call(database, target.site)
    connections = WRITERS if case.writes else READERS
    size = len(answer(target.url, call))
    seconds *= WRITING_TAKES if case.writes else 1
    if first:
        _warm_up(target, call, connections=connections, enough=FEW if case.writes else ENOUGH)
    before = cpu_seconds(target.pid), cpu_seconds(database.pid), database.statements()
    load = _driven(target, call, seconds=seconds, connections=connections)
    after = cpu_seconds(target.pid), cpu_seconds(database.pid), database.statements()
    server, data, statements = (b - a for a, b in zip(before, after, strict=True))
    count = load.requests
    return Measured(
        server=1000 * server / count,
        database=1000 * data / count,
        per_second=load.per_second,
        p50=load.p50,
        p99=load.p99,
        # Less our own question for them.
        statements=(statements - 1) / count,
        bytes=size,
    )


def _driven(target: Target, call: Call, *, seconds: int, connections: int) -> Load:
    """As long as asked for, or longer where that is too short for a single answer."""
    while True:
        load = drive(target.url, call, seconds=seconds, connections=connections)
        if load.requests:
            return load
        seconds *= 2


def _warm_up(target: Target, call: Call, *, connections: int, enough: int) -> None:
    done = passed = 0
    while done < enough and passed < LONGEST_WARM_UP:
        done += drive(target.url, call, seconds=1, connections=connections).requests
        passed += 1
