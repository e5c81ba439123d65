"""What `waggle check` finds: each thing that can be wrong, with its remedy."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from app.db import Database
from app.demo import fill
from app.domain import checks
from app.models import Blob, Option, Post, UserPoints
from tests.conftest import DATA, settings_for
from tests.mariadb import MariaDB


@pytest.fixture
async def demo(site_url: str) -> AsyncIterator[Database]:
    """A small sound site, on each kind of server."""
    db = Database(settings_for(site_url))
    await fill(db, questions=10)
    yield db
    await db.close()


async def problems_of(db: Database) -> list[str]:
    return [str(problem) for problem in (await checks.inspect(db)).problems]


async def only_problem_of(db: Database) -> str:
    [problem] = await problems_of(db)
    return problem


async def set_option(db: Database, name: str, value: str) -> None:
    async with db.begin() as connection:
        await connection.execute(delete(Option).where(Option.name == name))
        await connection.execute(insert(Option).values({Option.name: name, Option.value: value}))


async def test_a_sound_site_has_no_problem(demo: Database) -> None:
    report = await checks.inspect(demo)
    assert report.problems == []
    assert report.is_usable
    assert len(report.rows) == 31
    assert None not in report.rows.values()
    assert await checks.problem_of(demo) is None


async def test_another_version_of_the_tables_is_named(demo: Database) -> None:
    await set_option(demo, "db_version", "61")
    report = await checks.inspect(demo)
    assert not report.is_usable
    assert "61" in report.problems[0].text
    assert "61" in (await checks.problem_of(demo) or "")


async def test_a_missing_table_is_named(demo: Database) -> None:
    async with demo.begin() as connection:
        await connection.execute(text("DROP TABLE qa_widgets"))
    assert "qa_widgets is missing" in await only_problem_of(demo)
    assert "qa_widgets is missing" in (await checks.problem_of(demo) or "")


async def test_the_right_prefix_is_told(demo: Database, site_url: str) -> None:
    db = Database(settings_for(site_url, TABLE_PREFIX="forum_"))
    problem = await only_problem_of(db)
    await db.close()
    assert "begins with 'forum_'" in problem
    assert "TABLE_PREFIX=qa_" in problem


async def test_the_right_prefix_of_the_users_is_told(demo: Database, site_url: str) -> None:
    db = Database(settings_for(site_url, USERS_TABLE_PREFIX="shared_"))
    problem = await only_problem_of(db)
    await db.close()
    assert "USERS_TABLE_PREFIX=qa_" in problem


@pytest.mark.parametrize("value", ["-3", "1.8446744073709552e19", ""])
async def test_a_broken_counter_is_named(demo: Database, value: str) -> None:
    await set_option(demo, "cache_flaggedcount", value)
    problem = await only_problem_of(demo)
    assert f"cache_flaggedcount={value!r}" in problem
    assert await checks.problem_of(demo) is None


async def test_the_file_cache_is_warned_of(demo: Database) -> None:
    await set_option(demo, "caching_enabled", "1")
    assert "file cache is on" in await only_problem_of(demo)
    assert (await checks.inspect(demo)).is_usable


async def test_people_without_points_are_counted(demo: Database) -> None:
    async with demo.begin() as connection:
        await connection.execute(delete(UserPoints).where(UserPoints.user_id.in_([3, 4])))
    assert "2 users have no row of points" in await only_problem_of(demo)


async def test_a_format_of_a_plugin_is_named(demo: Database) -> None:
    async with demo.begin() as connection:
        statement = update(Post).where(Post.id == 1).values({Post.format: "bbcode"})
        await connection.execute(statement)
    assert "'bbcode' (1 posts)" in await only_problem_of(demo)


async def test_files_on_disk_are_looked_for(demo: Database, site_url: str, tmp_path: Path) -> None:
    async with demo.begin() as connection:
        await connection.execute(update(Blob).values({Blob.content: None}))
    assert "BLOBS_DIRECTORY" in await only_problem_of(demo)
    db = Database(settings_for(site_url, BLOBS_DIRECTORY=str(tmp_path)))
    problem = await only_problem_of(db)
    await db.close()
    assert f"are not in {tmp_path}" in problem


@pytest.mark.mariadb
async def test_the_real_site_is_described(mariadb: MariaDB) -> None:
    mariadb.load("checked", DATA / "q2a-site.sql.gz")
    db = Database(settings_for(mariadb.url("checked")))
    report = await checks.inspect(db)
    await db.close()
    facts = dict(report.facts)
    assert facts["Server"].startswith("MariaDB ")
    assert facts["Charset"] == "utf8mb3"
    assert facts["db_version"] == "67"
    assert report.is_usable


@pytest.mark.mariadb
async def test_what_the_server_refuses_is_explained(mariadb: MariaDB) -> None:
    mariadb.create_database("refused")
    mariadb.execute("CREATE USER checker@localhost IDENTIFIED BY 'right'")
    url = mariadb.url("refused").replace("root@", "checker:wrong@")
    cases = {
        url: "access denied",
        url.replace("wrong", "right"): "may not use the database 'refused'",
        mariadb.url("nowhere"): "no database 'nowhere'",
        mariadb.url("refused"): "It is empty",
    }
    for tried, expected in cases.items():
        db = Database(settings_for(tried))
        problem = await only_problem_of(db)
        await db.close()
        assert expected in problem


@pytest.mark.mariadb
async def test_tables_that_may_not_be_read_are_named(mariadb: MariaDB) -> None:
    mariadb.load("guarded", DATA / "q2a-site.sql.gz")
    mariadb.execute(
        "CREATE USER half@localhost; GRANT SELECT ON guarded.qa_options TO half@localhost"
    )
    db = Database(settings_for(mariadb.url("guarded").replace("root@", "half@")))
    report = await checks.inspect(db)
    await db.close()
    assert not report.is_usable
    assert any("may not read the table qa_posts" in str(problem) for problem in report.problems)
    assert report.rows["qa_options"]


@pytest.mark.mariadb
async def test_a_replica_that_is_away_is_a_problem(mariadb: MariaDB) -> None:
    mariadb.load("primary", DATA / "q2a-site.sql.gz")
    away = "mysql+aiomysql://root@localhost/primary?unix_socket=/nowhere"
    db = Database(settings_for(mariadb.url("primary"), DATABASE_READ_URL=away))
    report = await checks.inspect(db)
    await db.close()
    assert dict(report.facts)["Replica"] == "unreachable"
    assert "/nowhere" in str(report.problems[-1])
