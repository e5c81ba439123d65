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


def _anything(_settings: Settings, _options: Mapping[str, Any]) -> str:
    return ""


class WrongOptions(ValueError):
    """A job cannot be run with such options; the text says why."""


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
    :param least: the smallest number that is accepted; `most` the largest
    """

    name: str
    help: str
    default: bool | int | str = False
    least: int | None = None
    most: int | None = None

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    def ensure_fits(self, value: object) -> None:
        """:raises WrongOptions: if the value is not of the option's type, or out of its range"""
        if not isinstance(value, int | str) or type(value) is not type(self.default):
            kind = type(self.default).__name__
            raise WrongOptions(f"the option {self.name} is of type {kind}")
        if isinstance(value, str):
            return
        if self.least is not None and value < self.least:
            raise WrongOptions(f"the option {self.name} is {self.least} at the least")
        if self.most is not None and value > self.most:
            raise WrongOptions(f"the option {self.name} is {self.most} at the most")


@dataclass(frozen=True, slots=True)
class Job:
    """Work outside of any request. It may be killed at any point, and be run again for the rest.

    :param summary: one line for `waggle job`
    :param schedule: None for what is done once, or when something happens
    :param options: what may be said on the command line, or in the event on Lambda
    :param scheduled_options: those of them that scheduled runs have
    :param refusal: why the job cannot be run with all of its options as they are; empty: it can
    :param takes_event: whether it answers events; it may then run many times at once, and never
        takes the job's lease
    """

    name: str
    summary: str
    run: Callable[[Work], Awaitable[Outcome]]
    schedule: Schedule | None = None
    options: tuple[JobOption, ...] = ()
    scheduled_options: Mapping[str, Any] = field(default_factory=dict)
    refusal: Callable[[Settings, Mapping[str, Any]], str] = _anything
    takes_event: bool = False

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options with defaults for those that are not given.

        :raises WrongOptions: if one is unknown, or its value is not one of its option's
        """
        options = {option.name: option for option in self.options}
        for name, value in given.items():
            if name not in options:
                raise WrongOptions(f"{self.name} has no option {name}")
            options[name].ensure_fits(value)
        return {name: option.default for name, option in options.items()} | dict(given)
