"""The whole check of a site, and the short one before a start."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.config import Settings
from app.db import Database
from app.db.servers import server_of
from app.db.zones import zone_of
from app.domain import options
from app.domain.checks import contents, tables
from app.domain.checks.connecting import connection_problem
from app.domain.checks.contents import Check
from app.domain.checks.reports import Problem, Report

# What an owner sets in q2a and will look for here.
TEXTS = ("site_title", "site_url", "site_language", "neat_urls", "tags_or_categories")
SWITCHES = (
    "site_maintenance",
    "caching_enabled",
    "suspend_register_users",
    "confirm_user_emails",
    "moderate_users",
    "moderate_anon_post",
    "allow_no_category",
    "comment_on_qs",
    "comment_on_as",
    "voting_on_qs",
    "voting_on_as",
    "voting_on_cs",
    "do_close_on_select",
    "flagging_of_posts",
    "tag_separator_comma",
    "extra_field_active",
)
LISTS = ("enabled_plugins", "block_bad_words", "block_ips_write", "points_to_titles")


async def inspect(db: Database) -> Report:
    """Look at everything that can be wrong with the site of `db`; nothing is changed."""
    report = Report()
    unreachable = await connection_problem(db.engine, setting="DATABASE_URL")
    if unreachable:
        report.problems.append(unreachable)
        return report
    async with db.connect() as connection:
        await _examine(connection, db, report)
    if db.read_engine is not db.engine:
        replica = await connection_problem(db.read_engine, setting="DATABASE_READ_URL")
        report.facts.append(("Replica", "unreachable" if replica else "reachable"))
        report.problems += [replica] if replica else []
    return report


async def start_problems(db: Database) -> list[Problem]:
    """What keeps the site from being served at all; quick also on a large site."""
    for engine, setting in ((db.engine, "DATABASE_URL"), (db.read_engine, "DATABASE_READ_URL")):
        unreachable = await connection_problem(engine, setting=setting)
        if unreachable:
            return [unreachable]
    async with db.connect() as connection:
        rows, problems = await tables.read_all(connection, db.settings, count=False)
        problems += await _found(connection, db.settings, [contents.VERSION], rows)
    return problems


async def problem_of(db: Database) -> str | None:
    """The first thing that keeps the site from being served, as one line."""
    problems = await start_problems(db)
    return str(problems[0]) if problems else None


async def _examine(connection: AsyncConnection, db: Database, report: Report) -> None:
    settings = db.settings
    server = await server_of(connection)
    report.facts.append(("Server", f"{server.name} {server.version}"))
    if server.is_too_old:
        oldest = ".".join(map(str, server.oldest))
        report.problems.append(
            Problem(
                f"{server.name} {server.version} is too old.", f"Waggle needs {oldest} or newer."
            )
        )
    report.facts.append(("Database", connection.engine.url.database or ""))
    report.facts.append(("Prefix", settings.table_prefix))
    if settings.users_table_prefix:
        report.facts.append(("Prefix of users", settings.users_table_prefix))
    await tables.charset_facts(connection, settings, report)
    report.facts.append(("Time zone", await _zone(connection, settings)))
    report.rows, problems = await tables.read_all(connection, settings, count=True)
    report.problems += problems
    report.problems += await _found(connection, settings, contents.CHECKS, report.rows)
    if report.rows[f"{settings.table_prefix}options"] is not None:
        await _read_options(connection, report)


async def _found(
    connection: AsyncConnection,
    settings: Settings,
    checks: Iterable[Check],
    rows: dict[str, int | None],
) -> list[Problem]:
    """The problems that these checks find, as far as their tables can be read."""
    problems = []
    for check in checks:
        needed = [tables.real_name(model, settings) for model in check.models]
        if all(rows[name] is not None for name in needed):
            problem = await check.look(connection, settings)
            problems += [problem] if problem else []
    return problems


async def _zone(connection: AsyncConnection, settings: Settings) -> str:
    configured = settings.database_time_zone
    zone = await zone_of(connection, configured=configured)
    offset = datetime.now(zone.zone).strftime("%z")
    source = "DATABASE_TIME_ZONE" if configured else "the server's own"
    return f"{zone} ({source}), now UTC{offset[:3]}:{offset[3:]}"


async def _read_options(connection: AsyncConnection, report: Report) -> None:
    found = await options.load(connection)
    report.facts.append(("db_version", found.texts.get("db_version", "absent")))
    names = [*TEXTS, *SWITCHES, *LISTS]
    names += [name for name in vars(options.Options) if name.startswith("points_")]
    names += [name for name in sorted(found.texts) if name.startswith("permit_")]
    given = [name for name in dict.fromkeys(names) if name in found.texts]
    report.options += [(name, found.texts[name]) for name in given]
