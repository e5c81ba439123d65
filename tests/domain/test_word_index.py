"""Posts in the word index: exact words, exact counts, and few statements, also with two at once."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.transactions import transact
from app.domain import word_index
from app.models import ContentWord, Option, Post, Word
from tests.conftest import Api, statements_of
from tests.meadow import add_post, add_user, expect_no_differences, settle

WORDS = " ".join(f"word{number}" for number in range(300))


async def add_thread(db: Database, *contents: str) -> tuple[int, list[int]]:
    """A question that is in the index, and answers that are not yet."""
    async with db.begin() as connection:
        author = await add_user(connection)
        question = await add_post(connection, "Q", author_id=author, tags="varroa,swarm-time")
        await settle(connection)
        answers = [
            await add_post(connection, "A", content=content, parent_id=question)
            for content in contents
        ]
    return question, answers


async def index(db: Database, post_ids: Sequence[int]) -> None:
    async def work(connection: AsyncConnection) -> None:
        found = await word_index.findable(connection, Post.id.in_(post_ids))
        await word_index.add(connection, found=found)

    await transact(db, work)


async def words_of(db: Database, post_id: int) -> list[str]:
    query = (
        select(Word.text)
        .join(ContentWord, ContentWord.word_id == Word.id)
        .where(ContentWord.post_id == post_id)
    )
    async with db.read() as connection:
        return sorted((await connection.execute(query)).scalars())


async def test_an_answer_of_three_hundred_words_takes_few_statements(
    api: Api, db: Database
) -> None:
    _, [answer] = await add_thread(db, WORDS)
    sent = statements_of(api)

    await index(db, [answer])

    assert len(await words_of(db, answer)) == 300
    assert len(sent) <= 12


async def test_words_that_the_column_takes_for_the_same_are_told_apart(db: Database) -> None:
    _, [answer] = await add_thread(db, "cafe café CAFÉ straße strasse ёлка елка ハチ はち")

    await index(db, [answer])

    # Half of them are equal by utf8_general_ci.
    assert await words_of(db, answer) == sorted(
        ["cafe", "café", "straße", "strasse", "ёлка", "елка", "ハチ", "はち"]
    )


@pytest.mark.mariadb
async def test_a_word_that_two_add_at_once_is_added_once(db: Database) -> None:
    _, answers = await add_thread(db, *(6 * [f"{WORDS} more"]))

    await asyncio.gather(*(index(db, [answer]) for answer in answers))

    query = select(Word.text).group_by(Word.text).having(func.count() > 1)
    async with db.read() as connection:
        assert (await connection.execute(query)).all() == []
        uses = select(Word.content_count).where(Word.text == "word7")
        assert (await connection.execute(uses)).scalar_one() == 6


async def test_renewing_follows_what_a_post_says_now(db: Database) -> None:
    question, [answer] = await add_thread(db, "drones and queens and workers")
    await index(db, [answer])
    async with db.begin() as connection:
        statement = update(Post).where(Post.id == answer).values({Post.content: "only queens"})
        await connection.execute(statement)
        statement = update(Post).where(Post.id == question).values({Post.tags: "swarm-time,wax"})
        await connection.execute(statement)

        await word_index.renew(connection, post_ids=[question, answer])

    assert await words_of(db, answer) == ["only", "queens"]
    async with db.read() as connection:
        count = select(Option.value).where(Option.name == "cache_tagcount")
        assert (await connection.execute(count)).scalar_one() == "2"


async def test_what_nobody_sees_is_taken_out(db: Database) -> None:
    question, [answer] = await add_thread(db, "drones")
    await index(db, [answer])
    async with db.begin() as connection:
        statement = update(Post).where(Post.id == question).values({Post.type: "Q_HIDDEN"})
        await connection.execute(statement)

        await word_index.renew(connection, post_ids=[question, answer])
        await settle(connection)

    assert await words_of(db, answer) == []
    await expect_no_differences(db)


@pytest.mark.mariadb
async def test_php_which_locks_all_words_waits_for_who_reads_them(db: Database) -> None:
    if db.engine.dialect.name != "mysql":
        pytest.skip("PHP has no SQLite")
    _, [answer] = await add_thread(db, "nectar")
    steps: list[str] = []

    async def php() -> None:
        async with db.engine.connect() as connection:
            await connection.execute(text("LOCK TABLES qa_words WRITE"))
            query = text("SELECT COUNT(*) FROM qa_words WHERE word = 'nectar'")
            steps.append(f"PHP finds {(await connection.execute(query)).scalar_one()}")
            await connection.execute(text("UNLOCK TABLES"))

    async def work(connection: AsyncConnection) -> None:
        found = await word_index.findable(connection, Post.id == answer)
        await word_index.add(connection, found=found)
        steps.append("added")
        waiting = asyncio.create_task(php())
        await asyncio.sleep(0.2)
        steps.append("committing")
        tasks.append(waiting)

    tasks: list[asyncio.Task[None]] = []
    await transact(db, work)
    await asyncio.gather(*tasks)

    assert steps == ["added", "committing", "PHP finds 1"]
