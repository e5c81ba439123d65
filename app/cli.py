"""The command line `waggle`: serve a site, check it, print the schema, make a demo site, run jobs.

Modules are imported where they are used, so that `waggle --help` answers at once.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import job_commands, terminal

if TYPE_CHECKING:
    from app.auth.issuer import LocalIssuer
    from app.config import Settings
    from app.db import Database
    from app.domain.checks import Problem, Report

DEMO_QUESTIONS = 250
MAX_QUESTIONS = 100_000
TRY = r"""
  curl -s http://{address}/graphql -H 'content-type: application/json' \
    -d '{{"query": "{{ questions(first: 3) {{ nodes {{ title score answerCount }} }} }}"}}'
"""
ANOTHER_SITE = """To serve a q2a site instead:

  make run DATABASE_URL=mysql+aiomysql://USER:PASSWORD@HOST/DATABASE TABLE_PREFIX=qa_
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="waggle")
def main() -> None:
    """A GraphQL backend for Question2Answer sites.

    Settings come from the environment and from the file .env; docs/settings.md explains them.
    """


@main.command()
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, help="Listen here.")
@click.option(
    "--port", default=8000, envvar="PORT", show_default=True, type=click.IntRange(0, 65535)
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that share the port; one for each core is right.",
)
@click.option(
    "--prepare",
    is_flag=True,
    help="Make the demo site first if DATABASE_URL is the default and the file is not there.",
)
def serve(host: str, port: int, workers: int, prepare: bool) -> None:
    """Serve the site over HTTP."""
    settings = terminal.settings(serving=True)
    if prepare:
        _prepare(settings)
    problems = terminal.run(_start_problems(settings))
    if problems:
        _stop(problems)
    terminal.run(_note_if_not_migrated(settings))
    _say_what_to_open(settings, host, port)
    _serve(host, port, workers)


@main.command()
def check() -> None:
    """Look at the site's database, and name every problem with its remedy."""
    settings = terminal.settings()
    report = terminal.run(_inspect(settings))
    _print(report)
    if report.is_usable:
        terminal.run(_note_if_not_migrated(settings))
    if not report.is_usable:
        sys.exit(terminal.FAILED)


@main.command()
def schema() -> None:
    """Print the schema of the API in GraphQL's own language."""
    from app.api import schema as api_schema

    click.echo(api_schema.as_str())


@main.command()
@click.option(
    "--questions",
    default=DEMO_QUESTIONS,
    show_default=True,
    type=click.IntRange(1, MAX_QUESTIONS),
    help="How large the site is to be.",
)
@click.option("--seed", default=1, show_default=True, help="Another number, another community.")
def demo(questions: int, seed: int) -> None:
    """Fill an empty database with a demo site of bee-keepers.

    Tables are made where absent. It is all or nothing: if it is interrupted, they stay empty.
    """
    _make_demo(terminal.settings(), questions=questions, seed=seed)


@main.command()
def migrate() -> None:
    """Make Waggle's own tables, or bring them up to date; q2a's are not touched."""
    terminal.run(_migrate(terminal.settings()))


@main.command()
@click.option("--fix", is_flag=True, help="Put right what is wrong.")
def recount(fix: bool) -> None:
    """Count everything that the site keeps counted, and print each difference.

    With --fix it can be interrupted and run again, and the site may be in use meanwhile.
    """
    from app.jobs import JOBS

    job_commands.run_job(JOBS["recount"], {"fix": fix}, event={})


main.add_command(job_commands.job)
main.add_command(job_commands.worker)


@main.command()
@click.argument("handle")
def token(handle: str) -> None:
    """Print an access token for HANDLE, as if they had signed in. Never in production."""
    from app.auth.issuer import LocalIssuer
    from app.auth.passwords import WrongPassword

    settings = terminal.settings()
    if not settings.uses_local_issuer:
        terminal.fail("There is no local issuer here: see LOCAL_ISSUER in docs/settings.md.")
    try:
        click.echo(terminal.run(_token(settings, LocalIssuer(settings.local_issuer_key), handle)))
    except WrongPassword:
        terminal.fail(f"There is no account with the handle {handle}.")


async def _token(settings: "Settings", issuer: "LocalIssuer", handle: str) -> str:
    from app.auth.local import LocalSignIn
    from app.db import Database
    from app.domain.sites import SiteCache

    db = Database(settings)
    try:
        tokens = await LocalSignIn(db, SiteCache(db), issuer).by_handle(handle)
        return tokens.access_token
    finally:
        await db.close()


async def _migrate(settings: "Settings") -> None:
    from app import migrations
    from app.db import Database

    db = Database(settings)
    try:
        await migrations.upgrade(db)
    finally:
        await db.close()


async def _note_if_not_migrated(settings: "Settings") -> None:
    from app import migrations
    from app.db import Database
    from app.db.failures import Failure

    db = Database(settings)
    try:
        if not await migrations.is_current(db):
            click.echo(f"Note: it can be read, not written to. {Failure.UNMIGRATED.value}")
    finally:
        await db.close()


def _stop(problems: "list[Problem]") -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    sys.exit(terminal.FAILED)


async def _start_problems(settings: "Settings") -> "list[Problem]":
    from app.db import Database
    from app.domain import checks

    db = Database(settings)
    try:
        return await checks.start_problems(db)
    finally:
        await db.close()


async def _inspect(settings: "Settings") -> "Report":
    from app.db import Database
    from app.domain import checks

    db = Database(settings)
    try:
        return await checks.inspect(db)
    finally:
        await db.close()


def _print(report: "Report") -> None:
    names = [name for name, _ in report.options]
    width = max(len(name) for name in [*report.rows, *names, "Prefix of users"])
    for name, value in report.facts:
        click.echo(f"{name:<{width}}  {value}")
    for name, count in report.rows.items():
        click.echo(f"{name:<{width}}  {'unreadable' if count is None else f'{count:,} rows'}")
    for name, value in report.options:
        click.echo(f"{name:<{width}}  {value}")
    click.echo("")
    for problem in report.problems:
        mark = "PROBLEM" if problem.stops else "Note"
        click.echo(f"{mark}: {problem.text}\n  {problem.remedy}")
    if not report.problems:
        click.echo("No problem found.")


def _prepare(settings: "Settings") -> None:
    from app.config import Settings

    if settings.database_url != Settings().database_url:
        return
    file = Path(settings.database_url.partition("///")[2])
    if not file.exists():
        click.echo(f"Making a demo site in {file} ...")
        _make_demo(settings, questions=DEMO_QUESTIONS, seed=1)
    # It may have been made by an older version.
    terminal.run(_migrate(settings))


def _make_demo(settings: "Settings", *, questions: int, seed: int) -> None:
    from app.db import Database
    from app.demo import NotEmpty

    _make_directory(settings.database_url)
    try:
        terminal.run(_fill(Database(settings), questions=questions, seed=seed))
    except NotEmpty as error:
        click.echo(str(error), err=True)
        sys.exit(terminal.FAILED)


def _make_directory(url: str) -> None:
    """SQLite makes the file, but not the directory that it is in."""
    scheme, _, file = url.partition("///")
    if scheme.startswith("sqlite") and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)


async def _fill(db: "Database", *, questions: int, seed: int) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from app import migrations
    from app.demo import ADMINISTRATOR, PASSWORD, fill

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("Questions", total=questions)
            await fill(
                db,
                questions=questions,
                seed=seed,
                on_progress=lambda made: progress.update(task, completed=made),
            )
        await migrations.upgrade(db)
    finally:
        await db.close()
    click.echo(
        f"Everybody on the demo site has the password {PASSWORD}; its administrator is "
        f"{ADMINISTRATOR}."
    )


def _say_what_to_open(settings: "Settings", host: str, port: int) -> None:
    from sqlalchemy import make_url

    address = f"{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    click.echo(f"Serving {make_url(settings.database_url).render_as_string()}\n")
    if settings.graphiql:
        click.echo(f"Open http://{address}/graphql in a browser, or try")
    click.echo(TRY.format(address=address))
    if settings.database_url.startswith("sqlite"):
        click.echo(ANOTHER_SITE)


def _serve(host: str, port: int, workers: int) -> None:
    import uvicorn

    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop" if sys.platform != "win32" else "auto",
        http="httptools",
        access_log=False,
        log_level="info",
        # TRUSTED_PROXIES says whom to believe; Uvicorn would believe all of this machine.
        proxy_headers=False,
    )
