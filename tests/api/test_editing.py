"""Editing as a client does it: what changes with a post, and what it said before."""

import asyncio
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert, select, update

from app.db import Database
from app.models import Category, Post
from schema import nodes
from tests.conftest import Api
from tests.meadow import BEGINNING, add_post, add_user, expect_no_differences, set_option, settle

FIELDS = """
    title content contentFormat state extra version markdownSource
    tags { name questionCount }
    category { slug }
    lastChange { kind by { databaseId } }
    revisions {
        totalCount
        nodes { id title content tags markdownSource replacedBy { databaseId } }
    }
"""
REFUSAL = """
    __typename
    ... on Error { message }
    ... on NotAllowed { reason }
    ... on Invalid { field }
"""
EDITS = f"""
    mutation Question($input: EditQuestionInput!) {{
        result: editQuestion(input: $input) {{
            {REFUSAL} ... on EditQuestionSuccess {{ post: question {{ {FIELDS} }} }}
        }}
    }}
    mutation Answer($input: EditAnswerInput!) {{
        result: editAnswer(input: $input) {{
            {REFUSAL}
            ... on EditAnswerSuccess {{ post: answer {{ content state lastChange {{ kind }} }} }}
        }}
    }}
    mutation Comment($input: EditCommentInput!) {{
        result: editComment(input: $input) {{
            {REFUSAL}
            ... on EditCommentSuccess {{ post: comment {{ content state lastChange {{ kind }} }} }}
        }}
    }}
    mutation Rollback($input: RollbackToInput!) {{
        result: rollbackTo(input: $input) {{
            {REFUSAL} ... on RollbackToSuccess {{ post {{ ... on Question {{ {FIELDS} }} }} }}
        }}
    }}
"""
TITLE = "How do wasps fly?"
OTHER_TITLE = "Do wasps fly at all?"
CONTENT = "Their wings are even smaller."


class Thread(NamedTuple):
    """A question, an answer and a comment by one author in a category, and others who may edit."""

    author: int
    editor: int
    moderator: int
    question: int
    answer: int
    comment: int


async def add_thread(db: Database, *, states: str = "", **options: Any) -> Thread:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        for id, slug in ((1, "hives"), (2, "wasps")):
            values: dict[Any, Any] = {
                Category.id: id,
                Category.title: slug,
                Category.slug: slug,
                Category.position: id,
            }
            await connection.execute(insert(Category).values(values))
        author, editor, moderator = [
            await add_user(connection, level=level) for level in (0, 50, 80)
        ]
        own: dict[str, Any] = {"author_id": author, "category_id": 1, "category_1_id": 1}
        question = await add_post(connection, f"Q{states}", tags="wings,bees", **own)
        answer = await add_post(connection, f"A{states}", parent_id=question, **own)
        comment = await add_post(connection, f"C{states}", parent_id=answer, **own)
        await settle(connection)
    return Thread(author, editor, moderator, question, answer, comment)


async def send(api: Api, name: str, input: dict[str, Any], **who: Any) -> Any:
    headers = {f"x-{kind}": str(id) for kind, id in who.items()}
    body = {"query": EDITS, "operationName": name, "variables": {"input": input}}
    answer = (await api.http.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]["result"]


async def edit(api: Api, type: str, id: int, viewer: int, **input: Any) -> Any:
    return await send(api, type, {"id": nodes.encode(type, id), **input}, viewer=viewer)


async def test_an_edit_changes_the_question_and_keeps_what_it_said(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    result = await edit(
        api,
        "Question",
        thread.question,
        thread.author,
        title=TITLE,
        content=CONTENT,
        tags=["wasps", "wings"],
    )

    post = result["post"]
    assert (post["title"], post["content"]) == (TITLE, CONTENT)
    assert post["tags"] == [
        {"name": "wasps", "questionCount": 1},
        {"name": "wings", "questionCount": 1},
    ]
    assert post["lastChange"] == {"kind": "EDITED", "by": {"databaseId": thread.author}}
    assert post["revisions"]["totalCount"] == 1
    [revision] = post["revisions"]["nodes"]
    assert revision.pop("id")
    assert revision == {
        "title": "How do bees fly?",
        "content": "How do bees fly, and why do 1 of them?",
        "tags": ["wings", "bees"],
        "markdownSource": None,
        "replacedBy": {"databaseId": thread.author},
    }
    await expect_no_differences(db)


@pytest.mark.parametrize("type", ["Answer", "Comment"])
async def test_answers_and_comments_are_edited_too(api: Api, db: Database, type: str) -> None:
    thread = await add_thread(db)
    id = getattr(thread, type.lower())

    result = await edit(
        api, type, id, thread.author, content="<b>Wings</b> and legs", contentFormat="HTML"
    )

    assert result["post"] == {
        "content": "<b>Wings</b> and legs",
        "state": "VISIBLE",
        "lastChange": {"kind": "EDITED"},
    }
    await expect_no_differences(db)


async def test_the_same_again_changes_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    result = await edit(
        api, "Question", thread.question, thread.author, title="How do bees fly?", category="hives"
    )

    assert result["post"]["lastChange"] is None
    assert result["post"]["revisions"]["totalCount"] == 0


async def test_only_tags_are_another_kind_of_change(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    result = await edit(api, "Question", thread.question, thread.author, tags=[])

    assert result["post"]["tags"] == []
    assert result["post"]["lastChange"]["kind"] == "RETAGGED"
    await expect_no_differences(db)


async def test_the_whole_thread_moves_into_another_category(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        place = {"category_id": 1, "category_1_id": 1}
        note = await add_post(connection, "NOTE", parent_id=thread.question, **place)
        await add_post(connection, "C_HIDDEN", parent_id=thread.question, **place)
        followed = await add_post(connection, "Q", parent_id=thread.answer, **place)
        closed = update(Post).where(Post.id == thread.question)
        await connection.execute(closed.values({Post.closed_by_id: note}))
        await settle(connection)

    result = await edit(api, "Question", thread.question, thread.editor, category="wasps")

    assert result["post"]["category"] == {"slug": "wasps"}
    assert result["post"]["lastChange"]["kind"] == "CATEGORY"
    async with db.read() as connection:
        query = select(Post.category_id, Post.category_1_id, Post.category_2_id)
        query = query.where(Post.id != followed)
        assert (await connection.execute(query)).all() == 5 * [(2, 2, None)]
    await expect_no_differences(db)


async def test_a_silent_edit_leaves_no_trace_but_a_revision(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    refused = await edit(api, "Question", thread.question, thread.editor, title=TITLE, silent=True)
    result = await edit(
        api, "Question", thread.question, thread.moderator, title=TITLE, silent=True
    )

    assert refused["reason"] == "LEVEL"
    assert (result["post"]["title"], result["post"]["lastChange"]) == (TITLE, None)
    assert result["post"]["revisions"]["totalCount"] == 1
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("who", "input", "options", "reason"),
    [
        ("author", {"title": TITLE}, {}, None),
        ("author", {"title": TITLE, "tags": ["wasps"]}, {"permit_edit_q": 0}, None),
        ("editor", {"title": TITLE}, {}, None),
        ("editor", {"title": TITLE}, {"permit_edit_q": 40}, "LEVEL"),
        ("editor", {"tags": ["wasps"]}, {"permit_edit_q": 40, "permit_retag_cat": 70}, None),
        ("editor", {"title": TITLE, "tags": []}, {"permit_retag_cat": 40}, "LEVEL"),
        ("editor", {"title": TITLE}, {"permit_retag_cat": 40}, None),
        ("editor", {"category": "wasps"}, {"permit_retag_cat": 40}, "LEVEL"),
        ("editor", {"notify": True}, {}, "OTHERS_POST"),
        ("stranger", {"title": TITLE}, {}, "LEVEL"),
        ("stranger", {}, {}, "LEVEL"),
        ("guest", {"title": TITLE}, {}, "SIGNED_OUT"),
    ],
)
async def test_who_may_edit_what(
    api: Api,
    db: Database,
    who: str,
    input: dict[str, Any],
    options: dict[str, Any],
    reason: str | None,
) -> None:
    thread = await add_thread(db, **options)
    async with db.begin() as connection:
        stranger = await add_user(connection)
        await settle(connection)
    people: dict[str, dict[str, Any]] = {
        "author": {"viewer": thread.author},
        "editor": {"viewer": thread.editor},
        "stranger": {"viewer": stranger},
        "guest": {"guest": 7},
    }

    id = nodes.encode("Question", thread.question)
    result = await send(api, "Question", {"id": id, **input}, **people[who])

    assert result.get("reason") == reason
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"title": "Wasps?"}, "title"),
        ({"content": "w" * 12_001}, "content"),
        ({"contentFormat": "HTML"}, "contentFormat"),
        ({"tags": list("abcdef")}, "tags"),
        ({"category": "bumblebees"}, "category"),
        ({"category": ""}, "category"),
        ({"extra": "Carnica"}, "extra"),
        ({"notifyEmail": "bee@example.org"}, "notifyEmail"),
        ({"notify": True, "notifyEmail": "bee"}, "notifyEmail"),
        ({"id": nodes.encode("Answer", 2)}, "id"),
    ],
)
async def test_what_is_not_acceptable_is_named(
    api: Api, db: Database, input: dict[str, Any], field: str
) -> None:
    thread = await add_thread(db)

    id = nodes.encode("Question", thread.question)
    result = await send(api, "Question", {"id": id, **input}, viewer=thread.author)

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    await expect_no_differences(db)


async def test_answers_of_a_closed_question_can_be_edited_but_not_the_question(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db, do_close_on_select=1)
    async with db.begin() as connection:
        accepted = update(Post).where(Post.id == thread.question)
        await connection.execute(accepted.values({Post.accepted_answer_id: thread.answer}))
        await settle(connection)

    question = await edit(api, "Question", thread.question, thread.author, title=TITLE)
    tags = await edit(api, "Question", thread.question, thread.author, tags=["wasps"])
    answer = await edit(api, "Answer", thread.answer, thread.author, content=CONTENT)

    assert question["reason"] == "CLOSED"
    assert tags["post"]["tags"] == [{"name": "wasps", "questionCount": 1}]
    assert answer["post"]["content"] == CONTENT
    await expect_no_differences(db)


@pytest.mark.parametrize("states", ["_HIDDEN", "_QUEUED"])
async def test_what_is_not_seen_is_not_edited(api: Api, db: Database, states: str) -> None:
    thread = await add_thread(db, states=states)
    async with db.begin() as connection:
        stranger = await add_user(connection, level=0)
        await settle(connection)

    strangers = await edit(api, "Question", thread.question, stranger, title=TITLE)
    own = await edit(api, "Question", thread.question, thread.author, title=TITLE)
    nothing = await edit(api, "Question", 999, thread.author, title=TITLE)

    assert strangers == nothing == {"__typename": "NotFound", "message": "There is no such post."}
    if states == "_HIDDEN":
        assert own["reason"] == "HIDDEN"
    else:
        # Whoever edits what waits leaves no trace of it (FACTS 2).
        assert (own["post"]["title"], own["post"]["lastChange"]) == (TITLE, None)
    await expect_no_differences(db)


@pytest.mark.parametrize("type", ["Question", "Answer", "Comment"])
async def test_an_edited_post_may_have_to_wait_again(api: Api, db: Database, type: str) -> None:
    options: dict[str, Any] = {
        "moderate_edited_again": 1,
        "moderate_by_points": 1,
        "moderate_points_limit": 9_000,
    }
    thread = await add_thread(db, **options)
    id = getattr(thread, type.lower())

    result = await edit(api, type, id, thread.author, content=CONTENT)

    assert (result["post"]["content"], result["post"]["state"]) == (CONTENT, "QUEUED")
    assert result["post"]["lastChange"]["kind"] == "EDITED"
    await expect_no_differences(db)


async def test_who_may_approve_does_not_wait(api: Api, db: Database) -> None:
    options: dict[str, Any] = {
        "moderate_edited_again": 1,
        "moderate_by_points": 1,
        "moderate_points_limit": 9_000,
    }
    thread = await add_thread(db, **options)

    result = await edit(api, "Comment", thread.comment, thread.moderator, content=CONTENT)

    assert result["post"]["state"] == "VISIBLE"


async def test_an_edit_of_something_else_than_was_seen_is_a_conflict(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    first = await edit(api, "Question", thread.question, thread.author, title=TITLE)
    version = first["post"]["version"]

    second = await edit(
        api, "Question", thread.question, thread.author, tags=[], expectedVersion=version
    )
    third = await edit(
        api, "Question", thread.question, thread.editor, content=CONTENT, expectedVersion=version
    )

    assert second["__typename"] == "EditQuestionSuccess"
    assert third["__typename"] == "Conflict"
    await expect_no_differences(db)


async def test_of_two_edits_at_once_that_expect_the_same_one_wins(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    seen = await edit(api, "Question", thread.question, thread.author)
    version = seen["post"]["version"]

    results = await asyncio.gather(
        *(
            edit(
                api,
                "Question",
                thread.question,
                thread.author,
                content=f"{CONTENT} {number}",
                expectedVersion=version,
            )
            for number in range(3)
        )
    )

    names = sorted(result["__typename"] for result in results)
    assert names == ["Conflict", "Conflict", "EditQuestionSuccess"]
    await expect_no_differences(db)


async def test_other_markdown_for_the_same_content_is_kept(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    results = [
        await edit(
            api,
            "Question",
            thread.question,
            thread.author,
            content=content,
            contentFormat="MARKDOWN",
            **more,
        )
        for content, more in (
            ("Their *wings* are small.", {}),
            ("Their _wings_ are small.", {}),
            ("Their _wings_  \nare small.", {}),
            ("Their *wings*\\\nare small.", {"title": TITLE}),
        )
    ]

    seen = [(result["post"]["markdownSource"], result["post"]["content"]) for result in results]
    assert [source for source, _ in seen] == [
        "Their *wings* are small.",
        "Their _wings_ are small.",
        "Their _wings_  \nare small.",
        "Their *wings*\\\nare small.",
    ]
    contents = [content for _, content in seen]
    assert (contents[0], contents[2]) == (contents[1], contents[3])
    assert results[-1]["post"]["revisions"]["totalCount"] == 3


async def test_an_edit_is_rolled_back_as_another_edit(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    marked = "Their *wings* are small."
    await edit(
        api,
        "Question",
        thread.question,
        thread.author,
        title=TITLE,
        content=marked,
        contentFormat="MARKDOWN",
        tags=["wasps"],
        category="wasps",
    )
    renamed = await edit(api, "Question", thread.question, thread.author, title=OTHER_TITLE)
    edited = await edit(api, "Question", thread.question, thread.author, content=CONTENT)
    kept = edited["post"]["revisions"]["nodes"][0]
    assert renamed["post"]["markdownSource"] == marked, "its content is the same"
    assert kept["markdownSource"] == marked
    assert edited["post"]["markdownSource"] is None

    id = nodes.encode("Question", thread.question)
    back = await send(api, "Rollback", {"id": id, "revisionId": kept["id"]}, viewer=thread.editor)
    first = edited["post"]["revisions"]["nodes"][2]
    further = await send(
        api, "Rollback", {"id": id, "revisionId": first["id"]}, viewer=thread.editor
    )

    assert back["post"]["content"] == "<p>Their <em>wings</em> are small.</p>"
    assert back["post"]["markdownSource"] == marked
    assert back["post"]["lastChange"]["by"] == {"databaseId": thread.editor}
    assert further["post"]["title"] == "How do bees fly?"
    assert [tag["name"] for tag in further["post"]["tags"]] == ["wings", "bees"]
    assert further["post"]["category"] == {"slug": "hives"}
    assert further["post"]["revisions"]["totalCount"] == 5
    await expect_no_differences(db)


async def test_rolling_back_needs_a_revision_of_that_post_and_the_right_to_edit(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    edited = await edit(api, "Question", thread.question, thread.author, title=TITLE)
    revision = edited["post"]["revisions"]["nodes"][0]["id"]
    async with db.begin() as connection:
        stranger = await add_user(connection)
        await settle(connection)
    question, answer = (
        nodes.encode("Question", thread.question),
        nodes.encode("Answer", thread.answer),
    )

    results = [
        await send(api, "Rollback", {"id": question, "revisionId": revision}, viewer=stranger),
        await send(api, "Rollback", {"id": answer, "revisionId": revision}, viewer=thread.author),
        await send(api, "Rollback", {"id": question, "revisionId": "1"}, viewer=thread.author),
    ]

    assert results[0]["reason"] == "LEVEL"
    assert results[1]["__typename"] == "NotFound"
    assert results[2]["field"] == "revisionId"


async def test_revisions_are_for_those_who_may_edit(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await edit(api, "Question", thread.question, thread.author, title=TITLE)
    query = f"{{ question(databaseId: {thread.question}) {{ revisions {{ totalCount }} }} }}"

    guests = await api.ask(query)
    editors = await api.ask(query, viewer=thread.editor)

    assert guests["question"]["revisions"] is None
    assert editors["question"]["revisions"] == {"totalCount": 1}


async def test_the_extra_field_and_mails_are_changed_without_a_revision(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db, extra_field_active=1, extra_field_display=1)

    filled = await edit(
        api, "Question", thread.question, thread.author, extra="Carnica", notify=True
    )
    emptied = await edit(api, "Question", thread.question, thread.author, extra="", notify=False)

    assert filled["post"]["extra"] == "Carnica"
    assert emptied["post"]["extra"] is None
    assert emptied["post"]["revisions"]["totalCount"] == 0


async def test_a_guest_edits_what_their_cookie_wrote(api: Api, db: Database) -> None:
    await add_thread(db)
    async with db.begin() as connection:
        question = await add_post(
            connection, "Q", cookie_id=2**63 + 7, created_at=BEGINNING, tags="wings"
        )
        await settle(connection)
    id = nodes.encode("Question", question)

    own = await send(api, "Question", {"id": id, "title": TITLE}, guest=2**63 + 7)
    others = await send(api, "Question", {"id": id, "title": TITLE}, guest=8)

    assert own["post"]["title"] == TITLE
    assert own["post"]["lastChange"] == {"kind": "EDITED", "by": None}
    assert others["reason"] == "SIGNED_OUT"
    await expect_no_differences(db)
