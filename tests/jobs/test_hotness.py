"""The job `hotness`, on a site whose owner has changed what counts for it."""

import pytest
from sqlalchemy import update

from app.db import Database
from app.domain import heating
from app.jobs import JOBS
from app.jobs.job import Outcome, Stopped, Work
from app.jobs.logs import Log
from app.jobs.running import run
from app.models import Post
from tests.meadow import add_post, expect_no_differences, set_option
from tests.thread import add_thread


async def test_stale_hotness_is_reckoned_anew(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heating, "AT_ONCE", 2)
    await add_thread(db)
    async with db.begin() as connection:
        await add_post(connection, "Q_HIDDEN", title="Do wasps fly?", hotness=None)
        await set_option(connection, "hot_weight_votes", 70)
        await set_option(connection, "hot_weight_views", 30)
        seen = update(Post).where(Post.type == "Q")
        await connection.execute(seen.values({Post.view_count: 11}))
    asked = iter([False, True])
    with pytest.raises(Stopped):
        await run(JOBS["hotness"], Work(db, Log("hotness"), must_stop=lambda: next(asked)))

    first, second = [await run(JOBS["hotness"], Work(db, Log("hotness"))) for _ in range(2)]

    # All of them are of one chunk: whoever was stopped after it left nothing.
    assert first == second == Outcome({"stale": 0})
    await expect_no_differences(db)
