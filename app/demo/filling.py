"""Fills an empty database with the demo site: one transaction, one pass over the questions."""

import asyncio
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.bulk import filling, insert_numbers, insert_rows
from app.db.zones import Zone
from app.demo import images, surroundings
from app.demo.clock import Calendar
from app.demo.favorites import Favorites
from app.demo.index import WordIndex
from app.demo.people import community
from app.demo.posts import DemoPost, Thread
from app.demo.rows import Portion, ThreadRows
from app.demo.streams import Streams
from app.demo.threads import Threads
from app.domain import counters, points
from app.domain.options import Options
from app.models import (
    Base,
    Blob,
    Category,
    CategoryLevel,
    Message,
    Notice,
    Option,
    Page,
    Post,
    ProfileField,
    ProfileValue,
    TagMeta,
    User,
    Widget,
    Word,
)

DEFAULT_SITE_URL = "http://127.0.0.1:8000/"
PEOPLE_AT_LEAST = 50
QUESTIONS_PER_PERSON = 5
PEOPLE_WITH_AVATARS = 16
ROWS_AT_ONCE = 1_000
THREADS_AT_ONCE = 500
BONUSES = {1: 500, 3: 200, 7: 1_000}
# `queenbreeder` moderates where queens are discussed, and `mizuki` the Japanese part.
CATEGORY_LEVELS = ((8, "bees/queens", 80), (9, "japanese", 50), (12, "japanese/ettou", 20))
TAG_DESCRIPTIONS = {
    "varroa": "The mite that every bee-keeper knows.",
    "分蜂": "春、群れの半分が新しい巣を探して旅立つこと。",
}
Progress = Callable[[int], None]


class NotEmpty(Exception):
    """There is something in the tables already; the text says where and what to do."""


async def fill(
    db: Database, *, questions: int, seed: int = 1, on_progress: Progress = lambda _: None
) -> None:
    """Make the tables where absent, and fill them with a site of that many questions.

    The same seed and number give the same rows everywhere. It is all or nothing: whatever
    interrupts it, the tables stay empty.

    :param on_progress: told the number of questions made so far
    :raises NotEmpty: if a table has rows; nothing is changed then
    """
    await _refuse_unless_empty(db)
    async with db.connect() as connection:
        await connection.run_sync(_make_missing_tables)
    zone = await db.zone()
    async with filling(db) as connection:
        site = _Site(db, zone, questions=questions, seed=seed)
        await site.write(connection, on_progress)


class _Site:
    """The site while it is being made."""

    def __init__(self, db: Database, zone: Zone, *, questions: int, seed: int) -> None:
        self.questions = questions
        self.seed = seed
        self.calendar = Calendar(questions)
        self.site_url = db.settings.site_url or DEFAULT_SITE_URL
        self.options = Options(surroundings.OPTIONS)
        size = max(PEOPLE_AT_LEAST, questions // QUESTIONS_PER_PERSON)
        self.community = community(self.random("people"), size=size, span=self.calendar.span)
        self.index = WordIndex()
        self.streams = Streams(self.index.id_of)
        self.favorites = Favorites(self.random("favorites"), self.community)
        self.rows = ThreadRows(self.calendar, zone, self.options, self.index)

    def random(self, purpose: str) -> Random:
        """Chance of its own for each purpose, so that one does not disturb the other."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311 - nothing secret

    async def write(self, connection: AsyncConnection, on_progress: Progress) -> None:
        blobs = self._blobs()
        await insert_rows(connection, Blob, surroundings.blob_rows(blobs, self.calendar))
        await self._write_threads(connection, blobs, on_progress)
        await self._write_words(connection)
        await self._write_people(connection)
        await self._write_pages(connection)
        await self._write_streams(connection)
        await points.insert_all(
            connection,
            options=self.options,
            user_ids=[person.id for person in self.community.people],
            bonuses=BONUSES,
        )
        await counters.recount_options(connection)
        await counters.recount_categories(connection)
        version = [{"name": name, "value": v} for name, v in surroundings.DB_VERSION.items()]
        await insert_rows(connection, Option, version)

    def _blobs(self) -> list[images.DemoImage]:
        rng, people = self.random("images"), self.community.people
        blobs = images.pictures(rng, owner_ids=[person.id for person in people[9:17]])
        for person in people[:PEOPLE_WITH_AVATARS]:
            drawn = images.avatar(rng, person)
            person.avatar = drawn.id
            blobs.append(drawn)
        return blobs

    async def _write_threads(
        self, connection: AsyncConnection, blobs: list[images.DemoImage], on_progress: Progress
    ) -> None:
        pictures = [blob for blob in blobs if blob.filename]
        threads = Threads(
            self.random("threads"),
            self.community,
            count=self.questions,
            span=self.calendar.span,
            images=[images.tag(picture, site_url=self.site_url) for picture in pictures],
        )
        coming = self._in_order(threads)
        portion = self._portion(coming)
        written = 0
        while portion.rows[Post]:
            # The database stores one portion while the next is invented.
            portion, _ = await asyncio.gather(
                asyncio.to_thread(self._portion, coming), portion.write(connection)
            )
            written = min(written + THREADS_AT_ONCE, self.questions)
            on_progress(written)

    def _portion(self, threads: Iterator[Thread]) -> Portion:
        for thread in islice(threads, THREADS_AT_ONCE):
            self.rows.add(thread)
        return self.rows.take()

    def _in_order(self, threads: Threads) -> Iterator[Thread]:
        """Let everything happen in the order of time; a thread comes out after its last post.

        Ids are given as posts are created, so that they ascend with the time as on a real site.
        """
        happenings: list[tuple[int, int, DemoPost, bool]] = []
        order = 0
        last_id = 0
        for number in range(1, self.questions + 2):
            is_over = number > self.questions
            until = self.calendar.span if is_over else threads.time_of(number)
            while happenings and (is_over or happenings[0][0] < until):
                _, _, post, is_new = heappop(happenings)
                if not is_new:
                    self.streams.changed(post)
                    continue
                last_id += 1
                if self._create(post, last_id, threads):
                    yield post.thread
            if is_over:
                return
            for post in threads.make(number).posts:
                order += 2
                heappush(happenings, (post.created, order, post, True))
                if post.changed is not None:
                    heappush(happenings, (post.changed, order + 1, post, False))

    def _create(self, post: DemoPost, number: int, threads: Threads) -> bool:
        """Give the post its id, and tell whether it is the last of its thread."""
        post.id = number
        if post.author:
            post.author.last_written = post.created
        self.streams.created(post)
        if post.type == "Q":
            threads.remember_question(post)
            self.favorites.add_question(number)
        if post.type == "A" and post.thread.question.type == "Q":
            threads.remember_answer(post)
        post.thread.without_id -= 1
        return post.thread.without_id == 0

    async def _write_words(self, connection: AsyncConnection) -> None:
        await _insert_in_portions(connection, Word, list(self.index.word_rows()))
        descriptions = [
            {"tag": tag, "title": "description", "content": text}
            for tag, text in TAG_DESCRIPTIONS.items()
        ]
        await insert_rows(connection, TagMeta, descriptions)

    async def _write_people(self, connection: AsyncConnection) -> None:
        messages = surroundings.message_rows(self.random("messages"), self.community, self.calendar)
        wall_counts: dict[int, int] = {}
        for message in messages:
            if message["type"] == "PUBLIC":
                owner = message["recipient_id"]
                wall_counts[owner] = wall_counts.get(owner, 0) + 1
        people = surroundings.user_rows(self.community, self.calendar, wall_counts)
        await _insert_in_portions(connection, User, list(people))
        await _insert_in_portions(connection, Message, messages)
        await insert_rows(connection, ProfileField, surroundings.field_rows())
        await insert_rows(connection, ProfileValue, surroundings.profile_rows(self.community))
        notices = surroundings.notice_rows(self.community, self.calendar)
        await insert_rows(connection, Notice, notices)

    async def _write_pages(self, connection: AsyncConnection) -> None:
        categories = surroundings.category_values()
        await insert_rows(connection, Category, categories)
        await insert_rows(connection, Option, surroundings.option_rows(self.site_url))
        await insert_rows(connection, Page, surroundings.page_rows())
        await insert_rows(connection, Widget, surroundings.widget_rows())
        levels = surroundings.category_level_rows(CATEGORY_LEVELS)
        await insert_rows(connection, CategoryLevel, levels)

    async def _write_streams(self, connection: AsyncConnection) -> None:
        self.favorites.choose(self.index.tag_counts)
        for columns, rows in self.favorites.rows(self.streams, self.calendar):
            await insert_numbers(connection, columns, rows)


async def _refuse_unless_empty(db: Database) -> None:
    async with db.connect() as connection:
        present = await connection.run_sync(_present_tables)
        for table in present:
            if (await connection.execute(select(1).select_from(table).limit(1))).first():
                name = connection.dialect.identifier_preparer.format_table(table).strip('`"')
                raise NotEmpty(
                    f"The table {name} has rows already. The demo site goes into an empty database"
                    " only: name another one in DATABASE_URL, or another TABLE_PREFIX."
                )


def _present_tables(connection: Connection) -> list[Table]:
    names = set(inspect(connection).get_table_names())
    preparer = connection.dialect.identifier_preparer
    return [
        table
        for table in Base.metadata.sorted_tables
        if preparer.format_table(table).strip('`"') in names
    ]


def _make_missing_tables(connection: Connection) -> None:
    present = _present_tables(connection)
    missing = [table for table in Base.metadata.sorted_tables if table not in present]
    # SQLAlchemy cannot look for itself: it does not know the prefixes.
    Base.metadata.create_all(connection, tables=missing, checkfirst=False)
    connection.commit()


async def _insert_in_portions(
    connection: AsyncConnection, model: type[Any], rows: list[dict[str, Any]]
) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await insert_rows(connection, model, rows[start : start + ROWS_AT_ONCE])
