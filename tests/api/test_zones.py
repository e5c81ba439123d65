"""A site whose database server is set to Japan's time: q2a stores what that server's clock says."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import DateTime, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app import migrations
from app.models import Base
from app.models.waggle import WaggleBase
from tests.conftest import Api, database_of
from tests.mariadb import MariaDB
from tests.meadow import expect_no_differences
from tests.thread import add_thread, id_of, perform

pytestmark = pytest.mark.mariadb

NINE_HOURS = timedelta(hours=9)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# A member of the real site who has written much.
WRITER = 26
EVERYTHING = """
query ($after: String, $handle: String!) {
    questions(first: 30, after: $after) {
        pageInfo { endCursor }
        nodes {
            databaseId createdAt lastChange { kind at } closing { at }
            answers(first: 5) {
                nodes { createdAt lastChange { at } comments { nodes { createdAt } } }
            }
            related { nodes { databaseId } }
        }
    }
    hot: questions(first: 30, orderBy: HOT) { nodes { databaseId } }
    activity(first: 50) { nodes { kind at post { databaseId } } }
    recentAnswers(first: 30) { nodes { databaseId createdAt } }
    users(first: 60) { nodes { handle createdAt } }
    user(handle: $handle) {
        createdAt wall { nodes { createdAt } } activity(first: 20) { nodes { at } }
    }
    viewer {
        user { createdAt } votes(first: 50) { nodes { castAt changedAt } }
        updates(first: 50) { nodes { at kind } } notices { createdAt }
        messages { inbox(first: 20) { nodes { createdAt } } outbox { nodes { createdAt } } }
    }
}
"""


@pytest.fixture
def japan(mariadb: MariaDB) -> Iterator[Callable[[], None]]:
    """Sets the server's clock to Japan's time, for connections that are made from then on."""

    def move() -> None:
        mariadb.execute("SET GLOBAL time_zone = '+09:00'")

    yield move
    mariadb.execute("SET GLOBAL time_zone = '+00:00'")


def earlier(value: Any) -> Any:
    """A time nine hours earlier; anything else as it is."""
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return value
    moment = datetime.fromisoformat(value) - NINE_HOURS
    return moment.isoformat().replace("+00:00", "Z")


async def pages(api: Api, viewer: int) -> list[tuple[str, Any]]:
    """What there is on two pages of questions and beside them, each with its path."""
    found: list[tuple[str, Any]] = []
    after = None
    for _ in range(2):
        data = await api.ask(EVERYTHING, viewer=viewer, after=after, handle="ed_taro")
        found += leaves(data, "")
        after = data["questions"]["pageInfo"]["endCursor"]
    return found


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Everything that an answer says but cursors, which are nobody's business."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key != "endCursor":
                yield from leaves(entry, f"{path}.{key}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from leaves(entry, f"{path}.{number}")
    else:
        yield path, value


async def test_every_time_that_is_read_is_the_moment_that_the_server_meant(
    mariadb: MariaDB,
    golden_url: Callable[[str], str],
    serve: Callable[..., Api],
    japan: Callable[[], None],
) -> None:
    url = golden_url("mariadb")
    in_utc = await pages(serve(url), WRITER)
    japan()

    in_japan = await pages(serve(url), WRITER)
    configured = await pages(serve(url, DATABASE_TIME_ZONE="UTC"), WRITER)

    assert len({path for path, value in in_utc if earlier(value) != value}) > 300
    for there, here in zip(in_utc, in_japan, strict=True):
        assert here == (there[0], earlier(there[1]))
    # Who says which zone the times are in knows better than the server.
    assert dict(configured) == dict(in_utc)


async def test_every_time_that_is_written_is_what_the_servers_clock_says(
    mariadb: MariaDB, serve: Callable[..., Api], site_url: str, japan: Callable[[], None]
) -> None:
    if not site_url.startswith("mysql"):
        pytest.skip("SQLite's tables are in UTC")
    japan()
    api = serve(site_url)
    db = database_of(api)
    await migrations.upgrade(db)
    thread = await add_thread(db, comment_on_qs=1, allow_no_category=1)

    created = await write_everything(api, thread)

    async with db.read() as connection:
        now = await connection.scalar(text("SELECT NOW()"))
        utc = await connection.scalar(text("SELECT UTC_TIMESTAMP()"))
        assert now - utc == NINE_HOURS
        written = await recent(connection, Base.metadata.sorted_tables, now)
        own = await recent(connection, WaggleBase.metadata.sorted_tables, utc)
    assert {"posts.created", "posts.updated", "uservotes.votecreated", "users.written"} <= written
    assert {"userevents.updated", "sharedevents.updated", "messages.created"} <= written
    assert {"cookies.created", "posttags.postcreated"} <= written
    assert {"waggle_requests.created_at", "waggle_revisions.replaced_at"} <= own
    moment = datetime.fromisoformat(created).replace(tzinfo=None)
    assert abs(moment - utc) < timedelta(minutes=2)
    await expect_no_differences(db)


async def write_everything(api: Api, thread: Any) -> str:
    """Write in many ways; returns when the API says that a question was asked."""
    asked = await perform(
        api,
        "askQuestion",
        "question { createdAt }",
        who=thread.asker,
        title="When do bees get up in Japan?",
        content="Is it nine hours before those of England?",
        tags=["morning"],
        idempotencyKey="morning-1",
    )
    question = id_of("Question", thread.question)
    comment = {"parentId": question, "content": "They get up with the sun, as always."}
    calls: list[tuple[str, int | None, dict[str, Any]]] = [
        (
            "answerQuestion",
            thread.expert,
            {"questionId": question, "content": "At sunrise, like all bees."},
        ),
        ("addComment", thread.asker, comment),
        ("castVote", thread.expert, {"id": question, "direction": "UP"}),
        ("editQuestion", thread.editor, {"id": question, "content": "At what time, and why?"}),
        ("favorite", thread.fan, {"id": question}),
        ("flagPost", thread.critic, {"id": id_of("Answer", thread.answer)}),
        ("recordView", thread.fan, {"questionId": question}),
        (
            "postOnWall",
            thread.fan,
            {"userId": id_of("User", thread.asker), "content": "Good morning."},
        ),
        (
            "askQuestion",
            None,
            {"title": "What is a guest to a bee?", "content": "A friend, is it not?"},
        ),
        ("closeQuestion", thread.moderator, {"id": question, "note": "It was answered."}),
    ]
    for name, who, input in calls:
        result = await perform(api, name, who=who, **input)
        assert result["__typename"].endswith("Success"), (name, result)
    created: str = asked["question"]["createdAt"]
    return created


async def recent(connection: AsyncConnection, tables: Any, now: datetime) -> set[str]:
    """The columns that have a time of the last minutes; none may have one that is hours off."""
    found = set()
    for table in tables:
        for column in table.columns:
            if not isinstance(column.type, DateTime):
                continue
            for (value,) in await connection.execute(select(column).where(column.is_not(None))):
                off = value - now
                # A lease, or a mail that has to wait, may be a little ahead.
                assert abs(off) < timedelta(minutes=5) or off < timedelta(days=-30), column
                if abs(off) < timedelta(minutes=5):
                    found.add(f"{table.name.lstrip('~')}.{column.name}")
    return found
