"""What is read of posts goes by what is asked for, and nobody can tell by the answers."""

import pytest
from sqlalchemy import update

from app.db import Database
from app.models import Post
from tests.conftest import Api, statements_of
from tests.meadow import add_post
from tests.thread import add_thread, id_of, perform, stored

FIELDS = (
    "databaseId title storedTitle slug score state version content contentHtml contentFormat "
    "markdownSource excerpt createdAt authorName isClosed viewerCanEdit viewerIsAuthor url "
    "author { handle points avatarUrl } lastChange { at by { handle } } tags { name } "
    "long: excerpt(length: 1000) short: excerpt(length: 1)"
)
EVERYTHING = f"query($id: Int!) {{ question(databaseId: $id) {{ {FIELDS} }} }}"
# A picture that takes as much room in the source as the longest excerpt is looked for in.
PICTURE = f'<p><img src="data:{"b" * 4000}"></p>'


def parts(fields: str) -> list[str]:
    """The fields of a selection, each with its arguments and what is asked for below it."""
    found, depth = [""], 0
    for letter in fields:
        depth += (letter in "({") - (letter in ")}")
        if letter == " " and not depth and not found[-1].endswith(":"):
            found.append("")
        else:
            found[-1] += letter
    joined: list[str] = []
    for part in found:
        if part.startswith("{"):
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return joined


@pytest.mark.parametrize("content", ["Bees hum.", f"{PICTURE}<p>Bees &amp; wasps hum.</p>" * 2])
async def test_a_field_says_the_same_whatever_else_is_asked_for(
    api: Api, db: Database, content: str
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        this = update(Post).where(Post.id == thread.question)
        await connection.execute(this.values({Post.content: content, Post.format: "html"}))
    everything = (await api.ask(EVERYTHING, id=thread.question))["question"]

    for part in parts(FIELDS):
        alone = await api.ask(
            f"query($id: Int!) {{ question(databaseId: $id) {{ {part} }} }}", id=thread.question
        )
        [(key, value)] = alone["question"].items()
        assert value == everything[key], part


async def test_lists_read_no_more_of_contents_than_they_show(api: Api, db: Database) -> None:
    await add_thread(db)
    await api.ask("{ __typename }")
    sent = statements_of(api)

    await api.ask("{ questions { nodes { title } } }")
    await api.ask("{ questions { nodes { excerpt } } }")
    await api.ask("{ questions { nodes { contentHtml } } }")

    none, beginnings, whole = (text.partition("FROM")[0] for text in sent)
    assert "content" not in none
    assert "substr(" in beginnings
    assert "content" in whole
    assert "substr(" not in whole


async def test_authors_are_read_with_their_posts(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        nobodys = await add_post(connection, "A", parent_id=thread.question)
    await api.ask("{ __typename }")
    sent = statements_of(api)

    page = await api.ask(
        """query($id: Int!) { question(databaseId: $id) {
            author { handle }
            answers { nodes {
                databaseId author { handle points } comments { nodes { author { handle } } }
            } }
        } }""",
        id=thread.question,
    )

    assert len(sent) == 3
    by_answer = {node["databaseId"]: node for node in page["question"]["answers"]["nodes"]}
    assert by_answer[nobodys]["author"] is None
    assert by_answer[thread.answer]["author"]["handle"] == f"bee{thread.answerer}"
    assert page["question"]["author"]["handle"] == f"bee{thread.asker}"


async def test_an_edit_that_shows_no_content_keeps_it(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    before = await stored(db, thread.question, "content")

    done = await perform(
        api,
        "editQuestion",
        "question { title author { databaseId } }",
        who=thread.asker,
        id=id_of("Question", thread.question),
        title="Why do bees hum so?",
    )

    asker = {"databaseId": thread.asker}
    assert done["question"] == {"title": "Why do bees hum so?", "author": asker}
    assert await stored(db, thread.question, "content") == before
