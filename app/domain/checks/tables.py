"""Whether all of q2a's tables are there, under the right prefix, and can be read."""

from collections.abc import Sequence

from sqlalchemy import Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.config import Settings
from app.db import servers
from app.db.failures import Failure, failure_of
from app.domain.checks.reports import Problem, Report
from app.models import Base

# A prefix is q2a's if these follow it.
SIGNS = ("posts", "options", "uservotes", "contentwords")
SIGNS_OF_USERS = ("users", "userlogins", "userprofile")
USERS_MARK, SITE_MARK = "~~", "~"


def expected() -> Sequence[Table]:
    """q2a's tables; those that sites can share are named with two tildes."""
    return Base.metadata.sorted_tables


def real_name(table: Table | type[Base], settings: Settings) -> str:
    """The name of a table in the database."""
    name = table.name if isinstance(table, Table) else table.__tablename__
    if name.startswith(USERS_MARK):
        return (settings.users_table_prefix or settings.table_prefix) + name[2:]
    return settings.table_prefix + name.removeprefix(SITE_MARK)


async def read_all(
    connection: AsyncConnection, settings: Settings, *, count: bool
) -> tuple[dict[str, int | None], list[Problem]]:
    """Try to read every table: the rows of each by its real name, and what is wrong.

    :param count: count the rows, which takes seconds on a large site; otherwise look at one
    """
    rows: dict[str, int | None] = {}
    missing: list[Table] = []
    problems = []
    for table in expected():
        name = real_name(table, settings)
        rows[name] = None
        try:
            rows[name] = await _rows(connection, table, count=count)
        except DBAPIError as error:
            failure = failure_of(error)
            if failure is Failure.FOREIGN:
                missing.append(table)
            elif failure is Failure.REFUSED:
                problems.append(_unreadable(name, connection))
            else:
                raise
    if missing:
        problems += _missing(missing, settings, await servers.table_names(connection))
    return rows, problems


async def _rows(connection: AsyncConnection, table: Table, *, count: bool) -> int:
    if count:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()
    # One column only: a column that is missing is found where it is used.
    found = await connection.execute(select(next(iter(table.columns))).limit(1))
    return len(found.all())


def _unreadable(name: str, connection: AsyncConnection) -> Problem:
    url = connection.engine.url
    return Problem(
        f"The user {url.username!r} may not read the table {name}.",
        f"As an administrator: GRANT SELECT, INSERT, UPDATE, DELETE ON `{url.database}`.*"
        f" TO '{url.username}'.",
    )


def _missing(missing: list[Table], settings: Settings, names: list[str]) -> list[Problem]:
    if len(missing) == len(expected()):
        return [_nothing(settings, names)]
    problems = []
    users = [table for table in expected() if table.name.startswith(USERS_MARK)]
    if all(table in missing for table in users):
        missing = [table for table in missing if table not in users]
        problems.append(_no_users(settings, names))
    return problems + [
        Problem(
            f"The table {real_name(table, settings)} is missing.",
            "Let q2a repair it: its administration pages offer to when a table is missing.",
        )
        for table in missing
    ]


def _nothing(settings: Settings, names: list[str]) -> Problem:
    text = f"No table of the database begins with {settings.table_prefix!r}."
    others = prefixes_in(names, SIGNS)
    if others:
        remedy = " or ".join(f"TABLE_PREFIX={prefix}" for prefix in others)
        return Problem(text, f"It has tables of q2a under another prefix: set {remedy}.")
    if names:
        return Problem(text, "There is no q2a site in it: name another one in DATABASE_URL.")
    return Problem(
        text, "It is empty: make a demo site in it with `waggle demo`, or name another one."
    )


def _no_users(settings: Settings, names: list[str]) -> Problem:
    prefix = settings.users_table_prefix or settings.table_prefix
    text = f"The tables of the users are not there under the prefix {prefix!r}."
    others = prefixes_in(names, SIGNS_OF_USERS)
    if others:
        remedy = " or ".join(f"USERS_TABLE_PREFIX={other}" for other in others)
        return Problem(text, f"They are under another one: set {remedy}.")
    return Problem(
        text,
        "If q2a takes its users from WordPress, Joomla or another system, Waggle cannot serve"
        " the site.",
    )


def prefixes_in(names: list[str], signs: Sequence[str]) -> list[str]:
    """The prefixes under which all of these tables exist."""
    present = set(names)
    candidates = [name.removesuffix(signs[0]) for name in names if name.endswith(signs[0])]
    return [prefix for prefix in candidates if all(prefix + sign in present for sign in signs)]


async def charset_facts(connection: AsyncConnection, settings: Settings, report: Report) -> None:
    """Tell the charset of the text columns, and whether it is the same everywhere."""
    found = await servers.charsets(connection)
    ours = {real_name(table, settings) for table in expected()}
    by_charset: dict[str, list[str]] = {}
    for table, charsets in sorted(found.items()):
        for charset in charsets if table in ours else ():
            by_charset.setdefault(charset, []).append(table)
    if not by_charset:
        report.facts.append(("Charset", "Unicode"))
        return
    report.facts.append(("Charset", " and ".join(sorted(by_charset))))
    if len(by_charset) > 1:
        fewest = min(by_charset, key=lambda charset: len(by_charset[charset]))
        tables = ", ".join(by_charset[fewest][:5])
        report.problems.append(
            Problem(
                f"The tables have different charsets: {fewest} in {tables}.",
                "Convert them to one: ALTER TABLE ... CONVERT TO CHARACTER SET utf8mb4;"
                " until then 4-byte characters may be refused.",
                stops=False,
            )
        )
