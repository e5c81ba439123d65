"""What is read of posts goes by what is asked for, and nobody can tell by the answers."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument
from sqlalchemy import update

from app.api import schema
from app.db import Database
from app.domain import posts
from app.domain.posts import Detail
from app.models import Post
from tests.conftest import Api, statements_of
from tests.meadow import add_post
from tests.thread import add_thread, id_of, perform, stored

# Beside all fields that are leaves.
MORE = [
    "author { handle points avatarUrl }",
    "lastChange { at by { handle } }",
    "long: excerpt(length: 1000)",
    "short: excerpt(length: 1)",
]
# A picture that takes as much room in the source as the longest excerpt is looked for in.
PICTURE = f'<p><img src="data:{"b" * 4000}"></p>'


def fields_of(type_name: str) -> list[str]:
    """Selections of a type's fields, each by itself."""
    type_ = schema._schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    leaves = [
        name
        for name, field in type_.fields.items()
        if is_leaf_type(get_named_type(field.type))
        and not any(is_required_argument(argument) for argument in field.args.values())
    ]
    assert {"content", "excerpt", "version"} <= set(leaves)
    return [*leaves, *MORE]


@pytest.mark.parametrize("content", ["Bees hum.", f"{PICTURE}<p>Bees &amp; wasps hum.</p>" * 2])
async def test_a_field_says_the_same_whatever_else_is_asked_for(
    api: Api, db: Database, content: str
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        await connection.execute(update(Post).values({Post.content: content, Post.format: "html"}))
    posts = {"Question": thread.question, "Answer": thread.answer, "Comment": thread.comment}

    for type_name, id in posts.items():
        document = f"query($id: Int!) {{ post(databaseId: $id) {{ ... on {type_name} {{ %s }} }} }}"
        fields = fields_of(type_name)
        everything = (await api.ask(document % " ".join(fields), id=id))["post"]
        for field in fields:
            alone = await api.ask(document % field, id=id)
            [(key, value)] = alone["post"].items()
            assert value == everything[key], (type_name, field)


async def test_a_field_says_the_same_in_a_list_whatever_else_is_asked_for(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    document = """query($id: Int!) { question(databaseId: $id) {
        answers(first: 1, orderBy: VOTES) { nodes { %s comments { nodes { %s } } } }
    } }"""
    answers, comments = fields_of("Answer"), fields_of("Comment")

    everything = await api.ask(
        document % (" ".join(answers), " ".join(comments)), id=thread.question
    )
    [whole] = everything["question"]["answers"]["nodes"]

    for field in answers:
        alone = await api.ask(document % (field, "id"), id=thread.question)
        [(key, value), *_] = alone["question"]["answers"]["nodes"][0].items()
        assert value == whole[key], field
    for field in comments:
        alone = await api.ask(document % ("id", field), id=thread.question)
        [answer] = alone["question"]["answers"]["nodes"]
        [(key, value)] = answer["comments"]["nodes"][0].items()
        assert value == whole["comments"]["nodes"][0][key], field


async def test_pages_of_usual_fields_read_nothing_that_is_seldom_shown(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await api.ask("{ __typename }")
    sent = statements_of(api)
    page = """query($id: Int!) { question(databaseId: $id) {
        title answers { nodes { score comments { nodes { %s } } } }
    } }"""

    await api.ask(page % "createdAt", id=thread.question)
    await api.ask(page % "upvoteCount", id=thread.question)

    lean, whole = sent[:3], sent[3:]
    assert len(whole) == 3
    assert not any("upvotes" in text or "flagcount" in text for text in lean)
    assert ["title" in text.partition("FROM")[0] for text in lean] == [True, False, False]
    assert all("upvotes" in text and "flagcount" in text for text in whole)


async def test_what_was_not_read_cannot_be_taken_for_something() -> None:
    unread: Any = posts.selection(Detail(is_lean=True)).make([None] * 100).flag_count

    for use in (bool, len, lambda value: value == 0, lambda value: value > 0):
        with pytest.raises(TypeError):
            use(unread)


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
