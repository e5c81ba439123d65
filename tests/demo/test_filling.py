"""The demo site: everything that was asked for is in it, and every figure is right."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.demo import NotEmpty, fill
from app.demo.people import BLOCKED, CONFIRMED, PASSWORD, PASSWORD_HASH
from app.domain import contents, hotness, indexing, points
from app.domain.options import Options, load
from app.models import (
    Base,
    ContentWord,
    Post,
    PostTag,
    TagWord,
    TitleWord,
    User,
    UserPoints,
    Word,
)
from tests.conftest import settings_for
from tests.demo import oracle

QUESTIONS = 250


@pytest.fixture
async def demo(site_url: str) -> AsyncIterator[Database]:
    """The demo site, on each kind of server."""
    db = Database(settings_for(site_url))
    await fill(db, questions=QUESTIONS)
    yield db
    await db.close()


async def rows_of(connection: AsyncConnection, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await connection.execute(text(sql))]


async def test_every_figure_equals_a_recount(demo: Database) -> None:
    async with demo.read() as connection:
        wrong = {name: await rows_of(connection, sql) for name, sql in oracle.FIGURES.items()}
        assert {name: rows for name, rows in wrong.items() if rows} == {}

        stored = (await load(connection)).texts
        for name, sql in oracle.COUNTERS.items():
            [(count,)] = await rows_of(connection, sql)
            assert (name, stored[name]) == (name, str(count))

        is_sqlite = connection.dialect.name == "sqlite"
        seconds = "CAST(strftime('%s', {}) AS INTEGER)" if is_sqlite else "UNIX_TIMESTAMP({})"
        assert await rows_of(connection, oracle.hotness(seconds)) == []


async def test_every_reference_leads_somewhere(demo: Database) -> None:
    async with demo.read() as connection:
        for reference in oracle.REFERENCES:
            found = await rows_of(connection, oracle.orphans(*reference))
            assert (reference, found) == (reference, [])


async def test_the_index_holds_the_words_of_what_is_visible(demo: Database) -> None:
    async with demo.read() as connection:
        posts = await posts_of(connection)
        words = dict((await connection.execute(select(Word.id, Word.text))).all())
        indexed = await connection.execute(
            select(ContentWord.post_id, ContentWord.word_id, ContentWord.count)
        )
        in_contents: dict[int, dict[str, int]] = {}
        for post_id, word_id, count in indexed:
            in_contents.setdefault(post_id, {})[words[word_id]] = count
        in_titles = await words_by_post(connection, TitleWord, words)
        in_tags = await words_by_post(connection, TagWord, words)
        tags = await words_by_post(connection, PostTag, words)

    visible = {number: post for number, post in posts.items() if is_visible(posts, number)}
    assert in_contents == {
        number: indexing.content_words(contents.to_text(post.content, post.format))
        for number, post in visible.items()
    }
    questions = {number: post for number, post in visible.items() if post.type == "Q"}
    assert in_titles == {n: set(indexing.title_words(q.title)) for n, q in questions.items()}
    assert in_tags == {n: set(indexing.tag_words(q.tags)) for n, q in questions.items()}
    assert tags == {n: set(q.tags.split(",")) for n, q in questions.items()}


async def test_everything_that_can_happen_has_happened(demo: Database) -> None:
    async with demo.read() as connection:
        posts = (await posts_of(connection)).values()
        people = (await connection.execute(select(User.level, User.flags))).all()
    types = {post.type for post in posts}
    assert types >= {"Q", "A", "C", "NOTE", "Q_HIDDEN", "Q_QUEUED", "A_HIDDEN", "C_HIDDEN"}
    closing = {post.closed_by_id for post in posts if post.closed_by_id}
    assert {post.type for post in posts if post.id in closing} == {"Q", "NOTE"}
    assert any(post.type == "Q" and post.parent_id for post in posts)
    assert any(post.author_id is None and post.cookie_id for post in posts)
    assert any(post.flag_count and post.type in ("Q", "A") for post in posts)
    assert any(post.type == "A_HIDDEN" and post.changed_by_id is None for post in posts)
    assert any("qa_blobid=" in post.content for post in posts)
    assert max(post.answer_count for post in posts) >= 10
    assert sum(post.type[0] == "Q" for post in posts) == QUESTIONS
    assert {level for level, _ in people} == {0, 10, 20, 50, 80, 100, 120}
    assert len(people) >= 40
    assert any(flags & BLOCKED for _, flags in people)
    assert any(not flags & CONFIRMED for _, flags in people)


async def test_the_recount_of_points_changes_nothing(demo: Database) -> None:
    query = select(UserPoints.__table__).order_by(UserPoints.user_id)
    async with demo.read() as connection:
        before = (await connection.execute(query)).all()
        options = await load(connection)
    ids = [row.userid for row in before]
    async with demo.begin() as connection:
        await connection.execute(update(UserPoints).values({UserPoints.answer_count: 7}))
        await points.recount(connection, options=options, user_ids=ids)
        assert (await connection.execute(query)).all() == before


async def test_hotness_in_sql_is_hotness_in_python(demo: Database) -> None:
    options = Options({"hot_weight_answers": "70", "hot_weight_views": "30"})
    query = select(
        Post.created_at, Post.score, Post.view_count, Post.answer_count,
        hotness.expression(options),
    ).where(Post.type == "Q")  # fmt: skip
    async with demo.read() as connection:
        rows = (await connection.execute(query.where(Post.answer_count == 0))).all()
    assert len(rows) > 10
    for created_at, score, views, answers, found in rows:
        created = int((created_at - hotness.BEGINNING).total_seconds())
        figures = {"created": created, "last_answer": created, "score": score, "views": views}
        assert found == hotness.of(options, answers=answers, **figures)


async def test_people_sign_in_with_the_password_that_is_told() -> None:
    assert bcrypt.checkpw(PASSWORD.encode(), PASSWORD_HASH.encode())


async def test_the_same_seed_makes_the_same_site(tmp_path: Path) -> None:
    sums = []
    for number, seed in enumerate((5, 5, 6)):
        db = Database(settings_for(f"sqlite+aiosqlite:///{tmp_path / str(number)}"))
        await fill(db, questions=30, seed=seed)
        async with db.read() as connection:
            digest = hashlib.sha256()
            for table in Base.metadata.sorted_tables:
                rows = await connection.execute(select(table))
                digest.update(repr([tuple(row) for row in rows]).encode())
        await db.close()
        sums.append(digest.hexdigest())
    assert sums[0] == sums[1]
    assert sums[0] != sums[2]


async def test_a_database_that_is_not_empty_is_refused(demo: Database) -> None:
    async with demo.read() as connection:
        before = len(await posts_of(connection))
    with pytest.raises(NotEmpty, match="has rows already"):
        await fill(demo, questions=5)
    async with demo.read() as connection:
        assert len(await posts_of(connection)) == before


async def test_what_was_interrupted_leaves_nothing_and_can_be_done_again(site_url: str) -> None:
    db = Database(settings_for(site_url))

    def interrupt(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await fill(db, questions=50, on_progress=interrupt)
    await fill(db, questions=50)
    async with db.read() as connection:
        posts = await posts_of(connection)
    await db.close()
    assert sum(post.type[0] == "Q" for post in posts.values()) == 50


async def posts_of(connection: AsyncConnection) -> dict[int, Any]:
    """Every post by its id, under the attributes' names."""
    names = (
        *("id", "type", "parent_id", "title", "content", "format", "tags", "author_id"),
        *("cookie_id", "closed_by_id", "flag_count", "changed_by_id", "answer_count"),
    )
    rows = await connection.execute(select(*[getattr(Post, n).label(n) for n in names]))
    return {row.id: row for row in rows}


def is_visible(posts: dict[int, Any], number: int) -> bool:
    post = posts[number]
    if post.type not in ("Q", "A", "C", "NOTE"):
        return False
    return post.type == "Q" or is_visible(posts, post.parent_id)


async def words_by_post(
    connection: AsyncConnection, index: Any, words: dict[int, str]
) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for post_id, word_id in await connection.execute(select(index.post_id, index.word_id)):
        found.setdefault(post_id, set()).add(words[word_id])
    return found
