"""Which exceptions mean that the database, not the code, is at fault."""

from enum import Enum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Server errors: too many connections, host refused, shutting down, broken packets, killed.
SERVER_IS_AWAY = {1040, 1042, 1043, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 1927}
# What a client library says of a connection that was not made or did not last.
CONNECTION_LOST = range(2000, 2100)
USER_IS_REFUSED = {1044, 1045, 1142, 1143, 1698}
TABLES_ARE_MISSING = {1049, 1054, 1109, 1146}
OWN_TABLES = "waggle_"


class Failure(Enum):
    """What is wrong with the database; the value is fit to show a client."""

    UNREACHABLE = "The database cannot be reached."
    REFUSED = "The database refuses its user what the site needs."
    FOREIGN = "The database does not hold the tables of a q2a site."
    UNMIGRATED = (
        "Waggle's own tables are missing, or older than this version: run `waggle migrate`."
    )


def failure_of(error: BaseException) -> Failure | None:
    """What `error` says is wrong with the database; None if it says nothing of the kind."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | InterfaceError):
        return Failure.UNREACHABLE
    if not isinstance(error, DBAPIError):
        return None
    if error.connection_invalidated:
        return Failure.UNREACHABLE
    if isinstance(error, OperationalError | ProgrammingError):
        failure = _by_code(error) or _by_text(str(error.orig))
        is_own = failure is Failure.FOREIGN and OWN_TABLES in str(error.orig)
        return Failure.UNMIGRATED if is_own else failure
    return None


def _by_code(error: DBAPIError) -> Failure | None:
    code = error.orig.args[0] if error.orig and error.orig.args else None
    if code in SERVER_IS_AWAY or (isinstance(code, int) and code in CONNECTION_LOST):
        return Failure.UNREACHABLE
    if code in USER_IS_REFUSED:
        return Failure.REFUSED
    return Failure.FOREIGN if code in TABLES_ARE_MISSING else None


def _by_text(text: str) -> Failure | None:
    # SQLite's driver gives no codes before Python 3.12.
    if text.startswith(("no such table", "no such column", "file is not a database")):
        return Failure.FOREIGN
    return Failure.UNREACHABLE if text.startswith("unable to open database") else None
