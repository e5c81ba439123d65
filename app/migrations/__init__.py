"""Migrations of Waggle's own tables; q2a's are never touched.

Alembic's scripts are in `versions`. Tables begin with `~` there as in the models, so that every
site has its own under its prefix, with its own note of the version it is at.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.db import Database

HERE = Path(__file__).parent


async def upgrade(db: Database) -> None:
    """Make Waggle's tables, or bring them up to date; it can be repeated and interrupted."""
    async with db.connect() as connection:
        await connection.run_sync(_upgrade, version_table(db))


async def is_current(db: Database) -> bool:
    """Whether Waggle's tables are as this version of Waggle wants them."""
    async with db.connect() as connection:
        return await connection.run_sync(_is_current, version_table(db))


def version_table(db: Database) -> str:
    """The table that says which migrations a site has had."""
    return f"{db.settings.table_prefix}waggle_alembic_version"


def _upgrade(connection: Connection, version_table: str) -> None:
    config = _config()
    config.attributes |= {"connection": connection, "version_table": version_table}
    command.upgrade(config, "head")


def _is_current(connection: Connection, version_table: str) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table": version_table})
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return context.get_current_revision() == head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config
