"""Many people on the same posts, through real processes: nothing lost, doubled or miscounted.

`python -m benchmarks.storm` is the same with more of everything.
"""

from pathlib import Path

import pytest

from app.db import Database
from app.domain import audit
from tests.conftest import settings_for
from tests.mariadb import MariaDB
from tests.storm.running import Report, Weather, make_site, run

pytestmark = pytest.mark.mariadb


def expect_nothing_lost(report: Report) -> None:
    """Whatever the clients were told is so, and they were told nothing that they cannot act on."""
    assert report.told.unexpected == []
    assert report.lost_votes == []
    assert report.wrong_posts == []
    assert len(report.told.answers) > 5


async def test_while_workers_are_killed_every_figure_is_right_and_nothing_is_done_twice(
    mariadb: MariaDB, tmp_path: Path
) -> None:
    await make_site(mariadb, "storm")

    report = await run(mariadb, "storm", Weather(actions=100, kill_every=2.0), tmp_path)

    expect_nothing_lost(report)
    assert report.killed > 0
    assert [str(difference) for difference in report.differences] == []


async def test_beside_q2a_nothing_but_its_own_drift_is_wrong(
    mariadb: MariaDB, tmp_path: Path
) -> None:
    await make_site(mariadb, "beside")

    report = await run(mariadb, "beside", Weather(actions=100, beside_q2a=True), tmp_path)

    expect_nothing_lost(report)
    assert report.acts_of_q2a > 0
    assert [str(found) for found in report.differences] == []
    db = Database(settings_for(mariadb.url("beside")))
    left = await audit.fix(db, tell=lambda *_: None, report=lambda _: None)
    await db.close()
    assert left == 0
