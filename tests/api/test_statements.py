"""What each mutation costs: the SQL statements of its transaction, and those that follow it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import event, insert

from app.db import Database
from app.db.dialects import WRITING
from app.models import Category
from tests.conftest import Api, database_of
from tests.meadow import add_post, expect_no_differences, settle
from tests.thread import Thread, add_thread, id_of, perform

OPTIONS = {
    "comment_on_qs": 1,
    "flagging_hide_after": 2,
    "moderate_anon_post": 1,
    "notify_admin_q_post": 1,
    "feedback_email": "owner@example.org",
    "voting_on_cs": 1,
}
WORDS = " ".join(f"word{number}" for number in range(300))


class Step(NamedTuple):
    """A mutation, who does it (None: a guest), with what, and how many statements it may take."""

    mutation: str
    who: str | None
    input: Callable[[Thread], dict[str, Any]]
    most: int


def on(kind: str, name: str, key: str = "id", **others: Any) -> Callable[[Thread], dict[str, Any]]:
    """The input that names a post of the thread."""
    return lambda thread: {key: id_of(kind, getattr(thread, name)), **others}


def made(kind: str, number: int) -> Callable[[Thread], dict[str, Any]]:
    """The input that names the post that was made as the first, second ... in this test."""
    return lambda thread: {"id": id_of(kind, thread.follow_up + number)}


ASKED = {"title": "Why do bees dance?", "content": WORDS, "tags": ["dance", "varroa"]}
STEPS = [
    Step("castVote", "expert", on("Question", "question", direction="UP"), 10),
    Step("castVote", "expert", on("Answer", "answer", direction="DOWN"), 11),
    Step("castVote", "expert", on("Comment", "comment", direction="UP"), 11),
    Step("castVote", "expert", on("Comment", "comment", direction="UP"), 3),
    Step("flagPost", "fan", on("Comment", "comment"), 13),
    Step("unflagPost", "fan", on("Comment", "comment"), 8),
    Step("flagPost", "asker", on("Comment", "comment"), 13),
    Step("clearFlags", "moderator", on("Comment", "comment"), 8),
    Step("askQuestion", "asker", lambda _: {**ASKED, "category": "hives"}, 33),
    Step("answerQuestion", "fan", on("Question", "question", "questionId", content=WORDS), 20),
    Step("addComment", "critic", on("Answer", "answer", "parentId", content=WORDS), 22),
    Step("addComment", None, on("Answer", "answer", "parentId", content="Is it so?" * 3), 13),
    Step("approvePost", "moderator", made("Comment", 4), 25),
    Step("editQuestion", "asker", on("Question", "question", title="How do bees dance?"), 17),
    Step("editQuestion", "asker", on("Question", "question", tags=["varroa", "honey"]), 24),
    Step("editQuestion", "asker", on("Question", "question", category="wasps"), 14),
    Step("editAnswer", "answerer", on("Answer", "answer", content="By trembling wings."), 22),
    Step("editComment", "commenter", on("Comment", "comment", content="I doubt that much."), 22),
    Step("acceptAnswer", "asker", on("Answer", "answer", "answerId"), 15),
    Step("unacceptAnswer", "asker", on("Question", "question", "questionId"), 10),
    Step("closeQuestion", "moderator", on("Question", "question", note="Asked too often."), 20),
    Step("reopenQuestion", "moderator", on("Question", "question"), 15),
    Step("hidePost", "moderator", on("Question", "question"), 21),
    Step("reshowPost", "moderator", on("Question", "question"), 25),
    Step("hidePost", "moderator", on("Comment", "other_comment"), 15),
    Step("deletePost", "moderator", on("Comment", "other_comment"), 14),
    Step("convertAnswerToComment", "moderator", on("Answer", "other_answer", "answerId"), 26),
    Step("favorite", "critic", on("Question", "question"), 10),
    Step("unfavorite", "critic", on("Question", "question"), 6),
    Step("favorite", "critic", on("User", "asker"), 10),
    Step("recordView", "critic", on("Question", "question", "questionId"), 2),
    Step("postOnWall", "critic", on("User", "asker", "userId", content="Well asked!"), 13),
    Step("sendMessage", "critic", on("User", "asker", "userId", content="May I call?"), 12),
    Step("updateProfile", "critic", lambda _: {"handle": "hornet"}, 7),
]


async def add_category(db: Database) -> None:
    """Another category for the question to be moved to."""
    row = {"id": 2, "title": "Wasps", "slug": "wasps", "reversed_path": "wasps", "position": 2}
    async with db.begin() as connection:
        values = {getattr(Category, name): value for name, value in row.items()}
        await connection.execute(insert(Category).values(values))


def statements_of_writes(api: Api) -> list[str]:
    """The SQL statements of transactions from here on, and what is noted of them later.

    Streams are trimmed later, too; what that takes depends on what is in them.
    """
    sent: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        level = connection.get_execution_options().get("isolation_level")
        of_transaction = level == WRITING[connection.dialect.name]
        if not statement.startswith("BEGIN") and (of_transaction or statement.startswith("UPDATE")):
            sent.append(statement)

    event.listen(database_of(api).engine.sync_engine, "before_cursor_execute", note)
    return sent


async def test_a_vote_that_moves_a_counter_of_the_site_costs_no_more_than_twelve_statements(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db, **OPTIONS)
    async with db.begin() as connection:
        unvoted = {"author_id": thread.answerer, "parent_id": thread.follow_up}
        answer = await add_post(connection, "A", **unvoted)
        await settle(connection)
    sent = statements_of_writes(api)

    # The first upvote on an answer of the question; then there is none again.
    for direction in ("UP", "NONE"):
        sent.clear()
        input = {"id": id_of("Answer", answer), "direction": direction}
        result = await perform(api, "castVote", who=thread.expert, **input)

        assert result["__typename"] == "CastVoteSuccess"
        assert [statement[:6] for statement in sent if "qa_options" in statement] == ["UPDATE"]
        assert len(sent) <= 12
    await expect_no_differences(db)


async def test_no_mutation_costs_more_statements_than_it_has_to(api: Api, db: Database) -> None:
    thread = await add_thread(db, **OPTIONS)
    await add_category(db)
    sent = statements_of_writes(api)
    found = []
    for step in STEPS:
        sent.clear()
        who = getattr(thread, step.who) if step.who else None
        result = await perform(api, step.mutation, who=who, **step.input(thread))
        found.append((step.mutation, result["__typename"], len(sent), step.most))

    assert [step for step in found if not step[1].endswith("Success")] == []
    assert [step for step in found if step[2] > step[3]] == []
    await expect_no_differences(db)
