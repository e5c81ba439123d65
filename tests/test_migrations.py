"""Waggle's own tables: made by migrations, as the models declare them, beside q2a's."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect

from app import migrations
from app.db import Database
from app.models.waggle import WaggleBase
from tests.conftest import Api, database_of


async def names(db: Database) -> set[str]:
    async with db.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


def with_prefix(metadata: MetaData, prefix: str) -> MetaData:
    """The models' tables under their names in the database."""
    real = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(real, name=prefix + table.name.lstrip("~"))
    return real


async def test_migrations_make_what_the_models_declare(db: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        ours = {table.name.replace("~", "qa_") for table in WaggleBase.metadata.sorted_tables}
        options = {
            "include_object": lambda object, name, kind, *_: kind != "table" or name in ours,
            "compare_type": True,
        }
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, with_prefix(WaggleBase.metadata, "qa_"))
        # SQLite's indexes are named after their tables, too.
        return [change for change in found if "index" not in str(change[0])]

    async with db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(db: Database) -> None:
    before = await names(db)

    await migrations.upgrade(db)

    assert await names(db) == before
    assert await migrations.is_current(db)


async def test_an_interrupted_migration_is_taken_up_again(db: Database) -> None:
    async with db.engine.connect() as connection:
        for table in ("qa_waggle_alembic_version", "qa_waggle_sources"):
            await connection.exec_driver_sql(f"DROP TABLE {table}")
        await connection.commit()
    assert not await migrations.is_current(db)

    await migrations.upgrade(db)

    assert await migrations.is_current(db)
    assert "qa_waggle_sources" in await names(db)


async def test_every_site_has_its_own_under_its_prefix(
    site_url: str, serve: Callable[..., Api]
) -> None:
    db = database_of(serve(site_url, TABLE_PREFIX="other_"))
    before = await names(db)

    await migrations.upgrade(db)

    made = await names(db) - before
    ours = {table.name.replace("~", "other_") for table in WaggleBase.metadata.sorted_tables}
    assert made == ours | {"other_waggle_alembic_version"}


@pytest.mark.parametrize("table", [table.name for table in WaggleBase.metadata.sorted_tables])
def test_nothing_of_ours_points_into_q2as_tables(table: str) -> None:
    assert table.startswith("~waggle_")
    assert not WaggleBase.metadata.tables[table].foreign_keys
