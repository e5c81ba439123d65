"""What every command of `waggle` needs: settings, running to the end, and one line on failure."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from app.config import Settings

Result = TypeVar("Result")
FAILED, WRONG_SETTING = 1, 2


def fail(message: str, code: int = FAILED) -> NoReturn:
    """End the program with one line."""
    click.echo(message, err=True)
    sys.exit(code)


def settings(*, serving: bool = False) -> "Settings":
    """The settings of the environment; a wrong one ends the program with one line."""
    from app.config import SettingError, Settings

    try:
        loaded = Settings.load()
        loaded.ensure_monitored()
        if serving:
            loaded.ensure_servable()
        return loaded
    except SettingError as error:
        fail(str(error), WRONG_SETTING)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end. What the database or a person can cause ends in one line, not a traceback."""
    from sqlalchemy.exc import SQLAlchemyError

    from app.db.failures import Failure, failure_of

    try:
        return asyncio.run(work)
    except OSError as error:
        if error.filename is None:
            fail(f"The database failed: {error}")
        fail(f"{error.filename}: {error.strerror}")
    except SQLAlchemyError as error:
        if failure_of(error) is Failure.UNMIGRATED:
            fail(Failure.UNMIGRATED.value)
        reason = getattr(error, "orig", None) or error
        click.echo(f"The database failed: {str(reason).splitlines()[0]}", err=True)
    except KeyboardInterrupt:
        click.echo("Interrupted; what was not finished has changed nothing.", err=True)
    sys.exit(FAILED)
