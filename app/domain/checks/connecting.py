"""Why a database cannot be reached, in words that say what to change."""

from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.domain.checks.reports import Problem

CANNOT_CONNECT = {2002, 2003, 2005, 2013}
ACCESS_DENIED = {1045, 1698}
NO_RIGHT_ON_DATABASE = 1044
UNKNOWN_DATABASE = 1049


async def connection_problem(engine: AsyncEngine, *, setting: str) -> Problem | None:
    """What keeps `engine` from connecting, if anything does.

    :param setting: the setting that names the database
    """
    url = engine.url
    if url.get_backend_name() == "sqlite":
        problem = _file_problem(url, setting)
        if problem:
            return problem
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        return _explained(error, url, setting)
    return None


def code_of(error: BaseException) -> int | None:
    """The server's number of an error, if it has one."""
    original = error.orig if isinstance(error, DBAPIError) else error
    first = original.args[0] if original and original.args else None
    return first if isinstance(first, int) else None


def _file_problem(url: URL, setting: str) -> Problem | None:
    file = url.database
    if not file or file == ":memory:" or Path(file).is_file():
        return None
    return Problem(
        f"The file {file} does not exist.",
        f"Make a demo site in it with `waggle demo`, or name another database in {setting}.",
    )


def _explained(error: Exception, url: URL, setting: str) -> Problem:
    code = code_of(error)
    if code in ACCESS_DENIED:
        return Problem(
            f"The server refuses the user {url.username or ''!r} (access denied).",
            f"Correct the user or the password in {setting}; write special characters of a"
            " password as %XX.",
        )
    if code == NO_RIGHT_ON_DATABASE:
        return Problem(
            f"The user {url.username!r} may not use the database {url.database!r}.",
            f"As an administrator: GRANT SELECT, INSERT, UPDATE, DELETE ON `{url.database}`.*"
            f" TO '{url.username}'.",
        )
    if code == UNKNOWN_DATABASE:
        return Problem(
            f"The server has no database {url.database!r}.",
            f"Correct the name at the end of {setting}.",
        )
    if code in CANNOT_CONNECT or isinstance(error, OSError):
        return Problem(
            f"Nothing answers at {_address(url)}: {_reason(error)}.",
            f"Start the server, or correct host and port in {setting}.",
        )
    return Problem(
        f"The database cannot be opened: {_reason(error)}.", f"See what {setting} names."
    )


def _address(url: URL) -> str:
    socket = url.query.get("unix_socket")
    return str(socket) if socket else f"{url.host}:{url.port or 3306}"


def _reason(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    cause = original.__cause__ or original
    return str(cause.args[-1] if cause.args else cause).splitlines()[0].rstrip(".")
