"""The audit finds what is wrong on a site, and nothing else; its repairs leave nothing to find."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from app import migrations
from app.db import Database
from app.domain import audit
from app.models import ContentWord, Post, User, UserPoints, Word
from tests.conftest import Api, database_of
from tests.meadow import add_post, add_user, expect_no_differences, settle


async def found(db: Database) -> list[str]:
    async with db.read() as connection:
        return [str(difference) async for difference in audit.differences(connection)]


async def test_of_the_real_site_only_what_q2a_itself_gets_wrong_is_found(golden: Api) -> None:
    lines = await found(database_of(golden))

    # Its reindexing forgets closing notes, and it counts flags where posts are meant.
    notes = [line for line in lines if line.startswith("contentwords") and " NOTE " in line]
    assert len(notes) == 7
    assert [line for line in lines if line not in notes] == [
        "options cache_flaggedcount content: 17, counted 16"
    ]


async def test_what_is_found_can_be_repaired(
    golden_file: Path, tmp_path: Path, serve: Callable[..., Api]
) -> None:
    file = shutil.copy(golden_file, tmp_path / "site.sqlite")
    db = database_of(serve(f"sqlite+aiosqlite:///{file}"))
    await migrations.upgrade(db)
    wrong = (
        update(Post).where(Post.id == 257).values({Post.upvote_count: 99, Post.hotness: 1}),
        update(Word).where(Word.id == 5).values({Word.content_count: 99}),
        update(UserPoints).where(UserPoints.user_id == 3).values({UserPoints.points: 1}),
        update(User).where(User.id == 3).values({User.wall_post_count: 99}),
        delete(UserPoints).where(UserPoints.user_id == 4),
        delete(ContentWord).where(ContentWord.post_id == 257),
    )
    async with db.begin() as connection:
        for statement in wrong:
            await connection.execute(statement)
    assert len(await found(db)) >= 8 + len(wrong)

    reported: list[audit.Difference] = []
    left = await audit.fix(db, tell=lambda *_: None, report=reported.append)

    assert left == 0
    assert len(reported) >= 8 + len(wrong)
    assert await found(db) == []


@pytest.mark.parametrize(
    ("column", "line"),
    [
        (Post.score, "posts 1 netvotes: 7, counted 0"),
        (Post.flag_count, "posts 1 flagcount: 7, counted 0"),
        (Post.answer_count, "posts 1 acount: 7, counted 1"),
        (Post.best_answer_score, "posts 1 amaxvote: 7, counted 0"),
    ],
)
async def test_a_wrong_figure_is_named(api: Api, db: Database, column: object, line: str) -> None:
    async with db.begin() as connection:
        author = await add_user(connection)
        question = await add_post(connection, "Q", author_id=author)
        await add_post(connection, "A", author_id=author, parent_id=question)
        await settle(connection)
    await expect_no_differences(db)

    async with db.begin() as connection:
        await connection.execute(update(Post).where(Post.id == question).values({column: 7}))

    assert line in await found(db)
