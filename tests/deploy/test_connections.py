"""What RDS Proxy sees of a function: how many connections, and nothing that would pin them."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import make_url

from schema import nodes
from tests.auth.pool import Pool
from tests.deploy.conftest import Start
from tests.deploy.requests import TITLES, VOTE, asked, data, fill
from tests.mariadb import MariaDB

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.parametrize("site_url", ["mariadb"], indirect=True),
    pytest.mark.skipif(sys.platform != "linux", reason="Lambda's client is made for Linux"),
]

WIDE = """
    {
        site { title }
        questions(first: 5) { nodes { title author { handle } category { title } tags { name } } }
        tags(first: 5) { nodes { name } }
        users(first: 5) { nodes { handle points } }
    }
"""
ASK = """
    mutation ($title: String!, $content: String!, $tags: [String!]) {
        askQuestion(input: { title: $title, content: $content, tags: $tags }) {
            ... on AskQuestionSuccess { question { title tags { name } author { handle } } }
            ... on Error { message }
        }
    }
"""
# What AWS names as settings that a proxy keeps count of, so that it may share the connection.
TRACKED = re.compile(
    r"SET (AUTOCOMMIT = [01]|NAMES utf8mb4"
    r"|SESSION TRANSACTION ISOLATION LEVEL (READ COMMITTED|REPEATABLE READ))"
)
# And what it cannot share a connection after.
PINS = re.compile(
    r"\b(GET_LOCK|LOCK TABLES|TEMPORARY|LAST_INSERT_ID|ROW_COUNT|FOUND_ROWS|PREPARE)\b"
    r"|SHOW (WARNINGS|ERRORS)"
    r"|@\w+ ?:?=",
    re.IGNORECASE,
)
MOST_BYTES = 16 << 10


@contextmanager
def general_log(server: MariaDB) -> Iterator[None]:
    """A block whose statements the server writes down, from all connections."""
    server.execute("SET GLOBAL log_output = 'TABLE'")
    server.execute("TRUNCATE mysql.general_log")
    server.execute("SET GLOBAL general_log = 1")
    try:
        yield
    finally:
        server.execute("SET GLOBAL general_log = 0")


def logged(server: MariaDB, url: str) -> list[tuple[int, str, str]]:
    """Connection, kind and text of what reached a database, in order."""
    query = (
        "SELECT thread_id, command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log"
        " WHERE thread_id <> CONNECTION_ID() ORDER BY event_time"
    )
    rows = list(server.execute(query))
    name = make_url(url).database
    # Connections of other tests' sites are none of ours.
    others = {n for n, kind, text in rows if kind == "Connect" and f" on {name} " not in text}
    return [row for row in rows if row[0] not in others]


def test_a_function_opens_few_connections_and_has_none_of_them_pinned(
    site_url: str, mariadb: MariaDB, start: Start, pool: Pool
) -> None:
    """For reads, a vote, and a question of 600 words."""
    id = nodes.encode("Question", fill(site_url))
    settings = {"DATABASE_URL": site_url, "DATABASE_POOL_SIZE": "2", **pool.settings}
    words = " ".join(f"honey{number}" for number in range(600))
    question: dict[str, Any] = {
        "title": "What do bees dream of at night?",
        "content": words,
        "tags": ["bees"],
    }
    with start("api", "app.main.handler", **settings) as function:
        with general_log(mariadb):
            assert data(function.invoke(asked(TITLES)))["questions"]["nodes"]
        first = logged(mariadb, site_url)
        with general_log(mariadb):
            vote = function.invoke(asked(VOTE, token=pool.token(), id=id))
            made = function.invoke(asked(ASK, token=pool.token(), **question))
            assert data(function.invoke(asked(WIDE)))["questions"]["nodes"]
            guest = function.invoke(asked(ASK, **question | {"title": "Do bees sleep at all?"}))
        later = logged(mariadb, site_url)

    assert data(vote) == {"castVote": {"post": {"score": 1}}}
    assert data(made)["askQuestion"]["question"]["title"] == question["title"]
    assert data(guest)["askQuestion"]["question"]["author"] is None
    # API Gateway wants each cookie by itself.
    assert [cookie.partition("=")[0] for cookie in guest["cookies"]] == ["qa_id"]
    # Neither the start nor the first answer needs a second.
    assert [kind for _, kind, _ in first].count("Connect") == 1
    assert len({number for number, *_ in later}) <= 2
    assert {kind for _, kind, _ in first + later} <= {"Connect", "Query", "Ping", "Quit"}
    texts = [text for _, kind, text in first + later if kind == "Query"]
    settings_sent = [text for text in texts if text.upper().startswith("SET")]
    assert settings_sent
    assert [text for text in settings_sent if not TRACKED.fullmatch(text)] == []
    assert [text for text in texts if PINS.search(text)] == []
    assert max(len(text.encode()) for text in texts) < MOST_BYTES
