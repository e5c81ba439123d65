"""The commands `waggle job` and `waggle worker`."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

import click

from app import terminal

if TYPE_CHECKING:
    from app.jobs.job import Job, JobOption, Outcome

# Of `waggle job`, beside 0 for done; click itself ends with 2 on wrong usage.
PARTLY_FAILED, WRONG_USAGE, HELD = 1, 2, 3
# What a shell says of a program that a signal ended.
TERMINATED = 128 + signal.SIGTERM
# How long a job may go on after it was asked to end; container platforms kill after 30 seconds.
PATIENCE_SECONDS = 25.0


class _Jobs(click.Group):
    """Every job as a command with the job's options, made when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        from app.jobs import JOBS

        return list(JOBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        from app.jobs import JOBS

        return _command(JOBS[name]) if name in JOBS else None


@click.command(cls=_Jobs, invoke_without_command=True)
@click.pass_context
def job(context: click.Context) -> None:
    """Run a job once; without a name, list them.

    It ends with 0 if all is well, 1 if it is not, 2 on a wrong option, 3 if somebody else is at it.
    """
    if context.invoked_subcommand is None:
        _list()


@click.command()
def worker() -> None:
    """Run every scheduled job when it is due, until interrupted or terminated.

    Several workers share the work.
    """
    from app.jobs.logs import JsonFormatter, TextFormatter, write_to

    settings = terminal.settings()
    formatter = JsonFormatter() if settings.logs_json else TextFormatter(with_time=True)
    write_to(logging.StreamHandler(sys.stderr), formatter)
    terminal.run(_work(settings))


def _list() -> None:
    from app.jobs import JOBS

    width = max(map(len, JOBS))
    for entry in JOBS.values():
        when = str(entry.schedule) if entry.schedule else "on an event" * entry.takes_event
        click.echo(f"{entry.name:<{width}}  {entry.summary}{f' ({when})' if when else ''}")


def _command(job: "Job") -> click.Command:
    parameters: list[click.Parameter] = [
        click.Option(
            [option.flag, option.name],
            is_flag=isinstance(option.default, bool),
            type=_type(option),
            default=option.default,
            show_default=not isinstance(option.default, bool),
            help=option.help,
        )
        for option in job.options
    ]
    if job.takes_event:
        file = click.File("r", encoding="utf-8")
        parameters.append(click.Argument(["event"], type=file, required=not job.options))

    def callback(event: TextIO | None = None, **options: Any) -> None:
        if job.takes_event and event is None and not any(options.values()):
            raise click.UsageError("An event is missing: a file of JSON, or - for standard input.")
        run_job(job, options, event=_read(event) if event else {})

    return click.Command(job.name, callback=callback, params=parameters, help=job.summary)


def _type(option: "JobOption") -> click.IntRange | None:
    """What click takes for the option; None: it sees that by the default."""
    is_bounded = option.least is not None or option.most is not None
    return click.IntRange(option.least, option.most) if is_bounded else None


def _read(file: TextIO) -> Mapping[str, Any]:
    try:
        event = json.load(file)
    except ValueError as error:
        raise click.BadParameter(f"{file.name} is not JSON: {error}") from None
    if not isinstance(event, dict):
        raise click.BadParameter(f"{file.name} is not a JSON object")
    return event


def run_job(job: "Job", options: Mapping[str, Any], *, event: Mapping[str, Any]) -> None:
    """Run a job on the terminal, and end the program with what came of it."""
    from app.jobs.job import Stopped, WrongOptions
    from app.jobs.locks import Held, LeaseLost
    from app.jobs.logs import TextFormatter, write_to

    settings = terminal.settings()
    write_to(_Echo(), TextFormatter())
    try:
        outcome = terminal.run(_run_job(job, settings, options, event))
    except WrongOptions as error:
        terminal.fail(f"{job.name}: {error}", WRONG_USAGE)
    except Held:
        terminal.fail(f"{job.name} is being run by somebody else.", HELD)
    except LeaseLost as error:
        terminal.fail(str(error))
    except (Stopped, asyncio.CancelledError):
        terminal.fail(f"{job.name} was terminated; run it again for the rest.", TERMINATED)
    if outcome.failed:
        sys.exit(PARTLY_FAILED)


class _Echo(logging.Handler):
    """Writes lines where the terminal's bar lets them stand."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


async def _run_job(
    job: "Job", settings: Any, options: Mapping[str, Any], event: Mapping[str, Any]
) -> "Outcome":
    from rich.console import Console
    from rich.progress import Progress

    from app.jobs.job import Work
    from app.jobs.logs import Log
    from app.jobs.running import database_for_jobs, run

    db, stop = database_for_jobs(settings), _stop_on_signals()
    console = Console(stderr=True)
    try:
        with Progress(console=console, disable=not console.is_terminal) as bars:
            tasks: dict[str, Any] = {}

            def show(part: str, done: int, total: int) -> None:
                if part not in tasks:
                    tasks[part] = bars.add_task(part)
                bars.update(tasks[part], completed=done, total=total)

            work = Work(
                db,
                Log(job.name),
                options=options,
                event=event,
                progress=show,
                say=click.echo,
                must_stop=stop.is_set,
            )
            return await run(job, work)
    finally:
        await db.close()


def _stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM sets, and Ctrl-C. A second one, or some time, ends the program."""
    stop, loop, task = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def on_signal() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()
        loop.call_later(PATIENCE_SECONDS, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop


async def _work(settings: Any) -> None:
    from app import migrations
    from app.db.failures import Failure
    from app.jobs import JOBS, worker
    from app.jobs.running import database_for_jobs

    db = database_for_jobs(settings)
    try:
        if not await migrations.is_current(db):
            terminal.fail(Failure.UNMIGRATED.value)
        click.echo("Running the scheduled jobs; end with Ctrl-C.", err=True)
        await worker.work(db, JOBS.values(), stop=_stop_on_signals())
    finally:
        await db.close()
