"""Points that are recounted while others write what they are counted from."""

import asyncio

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.transactions import transact
from app.domain import options, points
from app.models import Post, UserPoints
from tests.meadow import add_post, add_user


@pytest.mark.mariadb
async def test_what_is_committed_while_a_row_is_waited_for_is_counted(db: Database) -> None:
    if db.engine.dialect.name != "mysql":
        pytest.skip("SQLite lets one write at a time")
    async with db.begin() as connection:
        voter, author = await add_user(connection), await add_user(connection)
        question = await add_post(connection, "Q", author_id=author)
        defaults = await options.load(connection)

    async def recount(connection: AsyncConnection) -> None:
        people, figures = [voter, author], points.RECEIVED
        await points.recount(connection, options=defaults, user_ids=people, figures=figures)

    async with db.begin() as holder:
        row = select(UserPoints.user_id).where(UserPoints.user_id == author)
        await holder.execute(row.with_for_update())
        recounting = asyncio.create_task(transact(db, recount))
        await until_somebody_waits(db)
        this = update(Post).where(Post.id == question)
        await holder.execute(this.values({Post.upvote_count: 3}))
    await recounting

    async with db.read() as connection:
        counted = select(UserPoints.upvotes_received).where(UserPoints.user_id == author)
        assert (await connection.execute(counted)).scalar_one() == 3


async def until_somebody_waits(db: Database) -> None:
    """Wait until a transaction waits for a lock, which the server tells a little late."""
    query = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    async with db.read() as connection:
        # Nothing else tells it; and it is not looked up anew for whoever asks ten times a second.
        while (await connection.execute(text(query))).scalar_one() == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.3)
