"""Rows that Waggle writes look like those that q2a wrote for the same acts.

q2a's pages show what its tables say, in conventions of its own: NULL or an empty text, a letter for
a kind of change, bytes for an address. So everything is done once through the API, on a copy of the
real site; then what each new row says in columns that belong together has to be what a row of the
same kind says that q2a has left there.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app import migrations
from schema import nodes
from tests.conftest import Api, database_of
from tests.mariadb import MariaDB
from tests.stateful.client import Client, Who

# The columns of each table that belong together; all others of a row are looked at one by one.
TABLES: dict[str, list[set[str]]] = {
    "posts": [
        {"userid", "cookieid", "name", "createip"},
        {"userid", "cookieid", "notify"},
        {"updatetype", "lastuserid", "lastip", "updated"},
        {"categoryid", "catidpath1", "catidpath2", "catidpath3"},
        {"title", "content", "tags"},
    ],
    "sharedevents": [{"entitytype", "entityid", "lastuserid"}, {"updatetype", "lastuserid"}],
    "userevents": [{"entitytype", "entityid", "lastuserid"}, {"updatetype", "lastuserid"}],
    "uservotes": [{"vote", "flag", "votecreated", "voteupdated"}],
    "userfavorites": [{"entitytype", "nouserevents"}],
    "userlimits": [{"action", "period", "count"}],
    "iplimits": [{"action", "period", "count"}],
    "cookies": [{"cookieid", "created", "createip", "written", "writeip"}],
    "postmetas": [{"title", "content"}],
    "messages": [{"type", "fromuserid", "touserid", "fromhidden", "tohidden", "format"}],
    "contentwords": [{"type", "count"}],
    "titlewords": [],
    "tagwords": [],
    "posttags": [],
    "userprofile": [{"title"}],
}
# What the real site happens not to have any more; the sections of FACTS say what q2a writes.
LOST = {
    ("contentwords", "NOTE"): "reindexing drops closing notes (22.10)",
    ("userevents", "- E Q"): "an edited post is in its author's own stream (7)",
    ("userevents", "- E A"): "the same of an answer (7)",
    ("userevents", "- None C"): "an answer that has become a comment since it was told of (2)",
}
# Columns whose values are codes; of the others only the shape is compared.
CODES = {
    "type", "updatetype", "format", "entitytype", "vote", "flag", "nouserevents",
    "fromhidden", "tohidden", "action",
}  # fmt: skip
# Somebody of each kind, by their numbers on the real site.
PEOPLE = {
    "admin": 3,
    "moderator": 4,
    "editor": 6,
    "expert": 10,
    "approved": 14,
    "member": 16,
    "other": 18,
    "third": 20,
}
MEADOW = {"content": "<p>They fly over the meadow.</p>", "contentFormat": "HTML"}
HIVE = {"content": "There are more in the hive by the lime tree."}
WINGS = {"content": "With their wings, as far as I can see."}
WAX = {"content": "Nobody knows that; some say it is the wax."}
ANY = {"hotness", "views", "lastviewip"}
Pattern = tuple[Any, ...]


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def golden_copy(
    request: pytest.FixtureRequest,
    golden_url: Callable[[str], str],
    tmp_path: Path,
    serve: Callable[..., Api],
) -> Api:
    """The API of a copy of the real site, to be written to."""
    golden_url(request.param)
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("golden_file"), tmp_path / "golden.sqlite")
        return serve(f"sqlite+aiosqlite:///{file}")
    server: MariaDB = request.getfixturevalue("mariadb")
    return serve(server.url(server.clone("golden")))


class Scene:
    """What is done, each act by somebody who may; new posts are kept under names."""

    def __init__(self, api: Api) -> None:
        self.client = Client(api)
        self.posts: dict[str, str] = {}
        self.guest: int | None = None

    async def make(self, post: str, mutation: str, who: str, **input: Any) -> None:
        made = await self.do(mutation, who, **input)
        [self.posts[post]] = [v["id"] for v in made.values() if isinstance(v, dict)]
        self.guest = made["cookie"] or self.guest

    async def do(self, mutation: str, who: str, **input: Any) -> dict[str, Any]:
        """Inputs that are names of posts stand for their ids."""
        input = {key: self.posts.get(str(value), value) for key, value in input.items()}
        person = Who(viewer=PEOPLE.get(who), guest=self.guest)
        done = await self.client.perform(mutation, person, may=True, **input)
        assert done, (mutation, who, input)
        return done


async def write_everything(scene: Scene) -> None:
    """Every kind of act whose rows q2a has left on the real site, too."""
    await scene.make(
        "question", "askQuestion", "member", title="How do bees fly over the lime?", **MEADOW,
        category="keeping", tags=["分蜂", "越冬"], extra="Tsushima", notify=True,
    )  # fmt: skip
    await scene.make(
        "plain question", "askQuestion", "other", title="Why do bees sting at all?", **HIVE,
        category="keeping", tags=[],
    )  # fmt: skip
    await scene.make(
        "guest's question", "askQuestion", "guest", title="What do the bees hum about?", **HIVE,
        category="keeping", tags=["分蜂"], authorName="Passer-by",
    )  # fmt: skip
    await scene.do("approvePost", "expert", id="guest's question")
    await scene.make("answer", "answerQuestion", "other", questionId="question", **MEADOW)
    await scene.make(
        "second", "answerQuestion", "third", questionId="question", **HIVE, notify=True
    )
    await scene.make("fourth", "answerQuestion", "approved", questionId="question", **WAX)
    await scene.make("guest's", "answerQuestion", "guest", questionId="question", **WINGS)
    await scene.make("comment", "addComment", "member", parentId="answer", **HIVE)
    await scene.make("reply", "addComment", "third", parentId="answer", **MEADOW, notify=True)
    await scene.make("note", "addComment", "approved", parentId="question", **HIVE)
    await scene.make(
        "follow-on", "askQuestion", "third", title="And how do they fly home?", **MEADOW,
        category="keeping", tags=["越冬"], followsAnswerId="answer",
    )  # fmt: skip
    await _judge(scene)
    await _change(scene)
    await _tell(scene)


async def _judge(scene: Scene) -> None:
    await scene.do("castVote", "third", id="question", direction="UP")
    await scene.do("castVote", "admin", id="question", direction="DOWN")
    await scene.do("castVote", "member", id="answer", direction="UP")
    await scene.do("castVote", "member", id="answer", direction="NONE")
    await scene.do("castVote", "other", id="comment", direction="UP")
    await scene.do("flagPost", "member", id="second")
    await scene.do("flagPost", "other", id="reply")
    await scene.do("unflagPost", "other", id="reply")
    await scene.do("acceptAnswer", "member", answerId="answer")
    await scene.do("acceptAnswer", "member", answerId="second")
    await scene.do("closeQuestion", "editor", id="plain question", duplicateOf="question")
    await scene.do("reopenQuestion", "editor", id="plain question")
    await scene.do("closeQuestion", "moderator", id="plain question", note="Ask your neighbour.")
    for thing in ("question", nodes.encode("User", 16), nodes.encode("Category", 1)):
        await scene.do("favorite", "approved", id=thing)


async def _change(scene: Scene) -> None:
    await scene.do("editQuestion", "editor", id="question", title="How do bees fly over limes?")
    await scene.do("editQuestion", "moderator", id="guest's question", tags=["越冬"])
    await scene.do("editAnswer", "editor", id="answer", content="They fly with their wings, I say.")
    await scene.do("editComment", "member", id="comment", content="There are none in the hive.")
    await scene.do("hidePost", "moderator", id="follow-on")
    await scene.do("hidePost", "moderator", id="reply")
    await scene.do("hidePost", "editor", id="note")
    await scene.do("reshowPost", "editor", id="note")
    await scene.do("convertAnswerToComment", "editor", answerId="fourth")


async def _tell(scene: Scene) -> None:
    await scene.do("postOnWall", "member", userId=nodes.encode("User", 20), content="Well flown!")
    await scene.do("sendMessage", "member", userId=nodes.encode("User", 20), content="Come!")
    await scene.do("updateProfile", "member", fields=[{"name": "about", "value": "I fly."}])
    await scene.do("recordView", "expert", questionId="question")


async def rows(connection: AsyncConnection, table: str) -> dict[Any, tuple[str, dict[str, str]]]:
    """Each row of a table, with its kind and the shapes of its columns."""
    query = text("SELECT postid, type FROM qa_posts")
    types = {post_id: str(type) for post_id, type in (await connection.execute(query)).all()}
    found = (await connection.execute(text(f"SELECT * FROM qa_{table}"))).mappings().all()
    return {
        tuple(str(value) for value in row.values()): (
            _kind(table, row, types),
            {
                name: _shape(name, value)
                for name, value in row.items()
                # A follower's stream is a copy of the streams followed, but for whose it is.
                if table != "userevents" or name != "userid"
            },
        )
        for row in found
    }


def patterns(table: str, kind: str, row: dict[str, str]) -> set[Pattern]:
    """What the row says in each group of columns."""
    together = TABLES[table]
    alone = [{name} for name in row.keys() - set().union(*together)]
    return {
        (kind, *((name, row[name]) for name in row if name in group)) for group in together + alone
    }


def _kind(table: str, row: Any, types: dict[int, str]) -> str:
    """What tells rows of a table apart: patterns are compared among rows of one kind."""
    if table == "posts":
        author = "member" if row["userid"] else "guest" if row["cookieid"] else "nobody"
        return f"{row['type']} of a {author}"
    if table in ("sharedevents", "userevents"):
        about = types.get(row["lastpostid"], "?")[0]
        return f"{row['entitytype']} {row['updatetype']} {about}"
    return str(row.get("entitytype") or row.get("type") or row.get("title") or "")


def _shape(name: str, value: Any) -> str:
    # All posts there have a hotness, as they were recalculated together; who looked at a question,
    # and who has spoken to it, is chance.
    if name in ANY:
        return "any"
    if value is None or value == "":
        return "NULL" if value is None else "empty"
    if name in CODES:
        return str(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, str):
        return "@" if value == "@" else "text"
    return "number" if isinstance(value, int | float) else "time"


async def test_what_every_act_writes_is_of_the_patterns_that_q2a_writes(golden_copy: Api) -> None:
    db = database_of(golden_copy)
    await migrations.upgrade(db)
    async with db.read() as connection:
        before = {table: await rows(connection, table) for table in TABLES}

    await write_everything(Scene(golden_copy))

    strange: set[tuple[str, Pattern]] = set()
    async with db.read() as connection:
        for table in TABLES:
            old = list(before[table].values())
            if table == "userevents":
                old += before["sharedevents"].values()
            kinds = {kind for kind, _ in old} | {kind for lost, kind in LOST if lost == table}
            known = set().union(*(patterns(table, kind, row) for kind, row in old))
            after = await rows(connection, table)
            new = [after[key] for key in after.keys() - before[table].keys()]
            assert new, f"nothing was written to {table}"
            assert {kind for kind, _ in new} <= kinds
            for kind, row in new:
                if (table, kind) not in LOST:
                    strange |= {(table, one) for one in patterns(table, kind, row) - known}
    assert not strange, "\n".join(map(str, sorted(strange)))
