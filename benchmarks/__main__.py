"""`python -m benchmarks`: measures the site, alone or beside others; see README.md here."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from benchmarks import mariadb, report
from benchmarks.cases import PAGES, SHAPES, Case
from benchmarks.mariadb import Server
from benchmarks.measuring import Results, measure
from benchmarks.servers import ROOT, Target, peers, waggle

RESULTS = ROOT / "benchmarks" / "results"
QUESTIONS = 100_000
SIZES = (1_000, 10_000, 100_000)
DRIVERS = ("asyncmy", "aiomysql")
PAGES_OF_ALL_SIZES = ("home", "question", "users", "tag", "search", "user")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--peers", "with_peers", is_flag=True, help="Measure the Node servers as well.")
@click.option("--scale", is_flag=True, help="Measure sites of several sizes.")
@click.option("--million", is_flag=True, help="With --scale: a million questions, too.")
@click.option("--shapes", is_flag=True, help="Documents of other shapes, compiled and not.")
@click.option("--against", type=click.Path(path_type=Path), help="A work tree to compare with.")
@click.option("--only", multiple=True, help="The name of a case; may be given several times.")
@click.option("--driver", "drivers", multiple=True, help="asyncmy or aiomysql; both by default.")
@click.option("--questions", default=QUESTIONS, show_default=True, help="The size of the site.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=4, show_default=True, help="How long each case is driven.")
@click.option("--save", help="The name under which to keep the results.")
def main(
    with_peers: bool,
    scale: bool,
    million: bool,
    shapes: bool,
    against: Path | None,
    only: tuple[str, ...],
    drivers: tuple[str, ...],
    questions: int,
    rounds: int,
    seconds: int,
    save: str | None,
) -> None:
    """Measure CPU a request on a site of the benchmarks' own."""
    cases = [case for case in (SHAPES if shapes else PAGES) if not only or case.name in only]
    with mariadb.server() as database, ExitStack() as stack:
        if scale:
            cases = [case for case in cases if case.name in PAGES_OF_ALL_SIZES]
            sizes = (*SIZES, 1_000_000) if million else SIZES
            targets = stack.enter_context(_sizes(database, sizes, (drivers or DRIVERS)[0]))
        else:
            site = database.site(questions)
            targets = stack.enter_context(_drivers(site, drivers or DRIVERS, against))
            if shapes:
                stock = waggle(site, name="not compiled", driver=DRIVERS[0], compiled=False)
                targets.append(stack.enter_context(stock))
            if with_peers:
                targets += stack.enter_context(peers(site))
        results = measure(database, targets, cases, rounds=rounds, seconds=seconds)
    _show(results, targets, cases, save)


@contextmanager
def _drivers(site: str, drivers: tuple[str, ...], against: Path | None) -> Iterator[list[Target]]:
    with ExitStack() as stack:
        started = []
        for driver in drivers:
            here = waggle(site, name=f"Waggle, {driver}", driver=driver)
            started.append(stack.enter_context(here))
            if against is not None:
                there = waggle(site, name=f"other, {driver}", driver=driver, code=against)
                started.append(stack.enter_context(there))
        yield started


@contextmanager
def _sizes(database: Server, sizes: tuple[int, ...], driver: str) -> Iterator[list[Target]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                waggle(database.site(size), name=f"{size:,} questions", driver=driver)
            )
            for size in sizes
        ]


def _show(
    results: Results,
    targets: list[Target],
    cases: list[Case],
    save: str | None,
) -> None:
    names = [target.name for target in targets]
    base = names[-1] if targets[-1].is_peer else names[0]
    text = f"Ratios are to {base}.\n\n{report.table(results, names, base)}"
    print(text)
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{save}.md").write_text(f"# {save}\n\n{text}")
        (RESULTS / f"{save}.svg").write_text(report.plot(results, names, save))


if __name__ == "__main__":
    main()
