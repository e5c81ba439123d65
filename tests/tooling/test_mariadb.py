"""The private MariaDB server keeps what it promises to the tests that use it."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.mariadb import MariaDB

pytestmark = pytest.mark.mariadb
DUMP = Path(__file__).parents[1] / "data" / "q2a-site.sql.gz"


def count(server: MariaDB, database: str, table: str) -> int:
    [(number,)] = server.execute(f"SELECT COUNT(*) FROM `{database}`.`{table}`")
    assert isinstance(number, int)
    return number


@pytest.fixture(scope="module")
def site(mariadb: MariaDB) -> str:
    mariadb.load("tooling_site", DUMP)
    return "tooling_site"


def test_a_clone_has_the_templates_rows_and_foreign_keys(mariadb: MariaDB, site: str) -> None:
    clone = mariadb.clone(site)

    for table in ("qa_posts", "qa_contentwords", "qa_options", "qa_blobs"):
        assert count(mariadb, clone, table) == count(mariadb, site, table) > 0
    keys = (
        "SELECT COUNT(*) FROM information_schema.referential_constraints"
        " WHERE constraint_schema = '{}' AND unique_constraint_schema = '{}'"
    )
    assert mariadb.execute(keys.format(clone, clone)) == mariadb.execute(keys.format(site, site))


def test_writing_to_a_clone_leaves_the_template_alone(mariadb: MariaDB, site: str) -> None:
    before = count(mariadb, site, "qa_words")
    clone = mariadb.clone(site)

    mariadb.execute(f"INSERT INTO `{clone}`.qa_words (word) VALUES ('newword')")

    assert count(mariadb, clone, "qa_words") == before + 1
    assert count(mariadb, site, "qa_words") == before


async def test_the_url_opens_the_database_in_mysqls_strict_mode(
    mariadb: MariaDB, site: str
) -> None:
    engine = create_async_engine(mariadb.url(site))
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT DATABASE(), @@sql_mode"))).one()
    await engine.dispose()

    assert row[0] == site
    assert {"STRICT_TRANS_TABLES", "ONLY_FULL_GROUP_BY"} <= set(row[1].split(","))


def test_a_new_database_has_the_charset_asked_for(mariadb: MariaDB) -> None:
    mariadb.create_database("tooling_wide", charset="utf8mb4")

    rows = mariadb.execute(
        "SELECT default_character_set_name FROM information_schema.schemata"
        " WHERE schema_name = 'tooling_wide'"
    )

    assert rows == [("utf8mb4",)]
