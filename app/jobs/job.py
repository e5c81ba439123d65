"""What a job is, what it is given to work with, and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.config import Settings
from app.db import Database
from app.jobs.logs import Log
from app.jobs.schedules import Schedule

# Told what is gone through, how far that is done, and how far it goes.
Progress = Callable[[str, int, int], None]


def _unheard(_part: str, _done: int, _all: int) -> None:
    pass


def _never() -> bool:
    return False


class Stopped(Exception):
    """A job ended before it was done because it was asked to; the next run does the rest."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a run of a job is given.

    :param options: a value for each of the job's options, by name, defaults included
    :param event: what has happened, for jobs that answer events; empty for others
    :param log: `work.log.info("removed", blobs=3)`: text on a terminal, JSON on Lambda
    :param progress: `work.progress("Questions", 20, 1000)`, drawn as a bar on a terminal
    :param say: a line of the job's own output, such as one of its findings
    :param must_stop: whether to end after what is at hand: the process is asked to end, or its
        time on Lambda is nearly over. What is left has to be found by the next run; a job that
        cannot give an outcome by then raises `Stopped`
    """

    db: Database
    log: Log
    options: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress = _unheard
    say: Callable[[str], None] = print
    must_stop: Callable[[], bool] = _never

    @property
    def settings(self) -> Settings:
        return self.db.settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: how much of what was done, and whether some of it failed."""

    counts: Mapping[str, int] = field(default_factory=dict)
    failed: bool = False

    def __str__(self) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in self.counts.items())


@dataclass(frozen=True, slots=True)
class JobOption:
    """An option of a job: `dry_run` is `--dry-run` on the command line, `dry_run` in an event.

    :param default: also says what it is: True or False a switch, a number, or a text
    """

    name: str
    help: str
    default: bool | int | str = False

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Job:
    """Work outside of any request. It may be killed at any point, and be run again for the rest.

    :param summary: one line for `waggle job`
    :param schedule: None for what is done once, or when something happens
    :param options: what may be said on the command line, or in the event on Lambda
    :param scheduled_options: those of them that scheduled runs have
    :param takes_event: whether it answers events; it may then run many times at once, and never
        takes the job's lease
    """

    name: str
    summary: str
    run: Callable[[Work], Awaitable[Outcome]]
    schedule: Schedule | None = None
    options: tuple[JobOption, ...] = ()
    scheduled_options: Mapping[str, Any] = field(default_factory=dict)
    takes_event: bool = False

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options with defaults for those that are not given.

        :raises ValueError: if one is unknown or not of its option's type
        """
        defaults = {option.name: option.default for option in self.options}
        for name, value in given.items():
            if name not in defaults:
                raise ValueError(f"{self.name} has no option {name}")
            if type(value) is not type(defaults[name]):
                kind = type(defaults[name]).__name__
                raise ValueError(f"the option {name} of {self.name} is of type {kind}")
        return {**defaults, **given}
