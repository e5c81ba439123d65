"""What reaches the streams of those who follow something, when people write (FACTS 7)."""

from typing import Any

from sqlalchemy import insert, select

from app.db import Database
from app.models import Category, SharedEvent, UserEvent, Word
from app.models.waggle import Mail
from schema import nodes
from tests.conftest import Api
from tests.meadow import add_post, add_user, set_option, settle

WRITES = """
    mutation Ask($input: AskQuestionInput!) {
        askQuestion(input: $input) { __typename ... on AskQuestionSuccess { question { id } } }
    }
    mutation Answer($input: AnswerQuestionInput!) {
        answerQuestion(input: $input) { __typename ... on AnswerQuestionSuccess { answer { id } } }
    }
    mutation Comment($input: AddCommentInput!) {
        addComment(input: $input) { __typename ... on AddCommentSuccess { comment { id } } }
    }
    mutation EditQuestion($input: EditQuestionInput!) { editQuestion(input: $input) { __typename } }
    mutation EditComment($input: EditCommentInput!) { editComment(input: $input) { __typename } }
"""
ASKER, ANSWERER, COMMENTER, OTHER, MODERATOR = 1, 2, 3, 4, 5


async def add_thread(db: Database, **options: Any) -> None:
    """A question (1), an answer (2) and a comment on that (3), by the first three people."""
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
        for level in (0, 0, 0, 0, 80):
            await add_user(connection, level=level)
        place = {"category_id": 1, "category_1_id": 1}
        await add_post(connection, "Q", author_id=ASKER, tags="wings", notify="@", **place)
        await add_post(connection, "A", author_id=ANSWERER, parent_id=1, **place)
        await add_post(connection, "C", author_id=COMMENTER, parent_id=2, **place)
        await settle(connection)


async def write(api: Api, action: str, viewer: int, **input: Any) -> None:
    body = {"query": WRITES, "operationName": action, "variables": {"input": input}}
    headers = {"x-viewer": str(viewer)}
    answer = (await api.http.post("/graphql", json=body, headers=headers)).json()
    [result] = answer["data"].values()
    assert result["__typename"].endswith("Success"), answer


async def shared(db: Database) -> set[tuple[Any, ...]]:
    """The events of all followed things: whose stream, which thread and post, what, and who."""
    columns = (
        SharedEvent.entity_type,
        SharedEvent.entity_id,
        SharedEvent.question_id,
        SharedEvent.post_id,
        SharedEvent.change,
        SharedEvent.actor_id,
    )
    async with db.read() as connection:
        return {tuple(row) for row in await connection.execute(select(*columns))}


async def personal(db: Database) -> set[tuple[Any, ...]]:
    """The events that concern people themselves: who, which thread and post, and what."""
    columns = (UserEvent.user_id, UserEvent.question_id, UserEvent.post_id, UserEvent.change)
    async with db.read() as connection:
        query = select(*columns).where(UserEvent.entity_type == "-")
        return {tuple(row) for row in await connection.execute(query)}


async def mails(db: Database) -> list[tuple[str, str]]:
    async with db.read() as connection:
        rows = await connection.execute(select(Mail.kind, Mail.recipient).order_by(Mail.id))
        return [(kind, recipient) for kind, recipient in rows]


async def test_a_question_is_announced_by_tag_category_and_author(api: Api, db: Database) -> None:
    await add_thread(db)

    await write(
        api,
        "Ask",
        OTHER,
        title="And how do wasps fly?",
        content="",
        category="wasps",
        tags=["wings"],
        followsAnswerId=nodes.encode("Answer", 2),
    )

    async with db.read() as connection:
        query = select(Word.id).where(Word.text == "wings")
        wings = (await connection.execute(query)).scalars().first()
    about = {("Q", 4), ("U", OTHER), ("T", wings), ("C", 2)}
    assert await shared(db) == {(*thing, 4, 4, None, OTHER) for thing in about} | {
        ("Q", 1, 1, 4, "F", OTHER),
        ("U", OTHER, 1, 4, "F", OTHER),
    }
    assert await personal(db) == {(ANSWERER, 1, 4, "F")}


async def test_an_answer_is_announced_to_the_asker(api: Api, db: Database) -> None:
    await add_thread(db)

    await write(
        api,
        "Answer",
        OTHER,
        questionId=nodes.encode("Question", 1),
        content="They beat their wings.",
    )

    assert await shared(db) == {("Q", 1, 1, 4, None, OTHER), ("U", OTHER, 1, 4, None, OTHER)}
    assert await personal(db) == {(ASKER, 1, 4, None)}
    assert await mails(db) == [("answered", "bee1@example.org")]


async def test_a_comment_is_announced_to_the_author_and_to_earlier_commenters(
    api: Api, db: Database
) -> None:
    await add_thread(db)
    answer = nodes.encode("Answer", 2)

    await write(api, "Comment", OTHER, parentId=answer, content="Have you counted them?")
    await write(api, "Comment", ANSWERER, parentId=answer, content="I have counted them.")
    await write(api, "Comment", ASKER, parentId=answer, content="Then count them again.")

    assert await personal(db) == {
        (ANSWERER, 1, 4, "N"),
        (COMMENTER, 1, 4, "F"),
        (COMMENTER, 1, 5, "F"),
        (OTHER, 1, 5, "F"),
        (COMMENTER, 1, 6, "F"),
        (OTHER, 1, 6, "F"),
        # Whose answer it is has commented on it, too.
        (ANSWERER, 1, 6, "F"),
    }


async def test_edits_are_announced_unless_they_are_silent(api: Api, db: Database) -> None:
    await add_thread(db)
    question = nodes.encode("Question", 1)

    await write(api, "EditQuestion", MODERATOR, id=question, title="How do wasps fly?", silent=True)
    assert (await shared(db), await personal(db)) == (set(), set())

    await write(
        api, "EditComment", COMMENTER, id=nodes.encode("Comment", 3), content="Count them all!"
    )
    assert await shared(db) == {
        ("Q", 1, 1, 3, "E", COMMENTER),
        ("U", COMMENTER, 1, 3, "E", COMMENTER),
    }
    assert await personal(db) == set()


async def test_tags_and_category_are_announced_where_the_question_goes(
    api: Api, db: Database
) -> None:
    await add_thread(db)

    await write(
        api,
        "EditQuestion",
        MODERATOR,
        id=nodes.encode("Question", 1),
        tags=["legs"],
        category="wasps",
    )

    async with db.read() as connection:
        query = select(Word.id).where(Word.text == "legs")
        legs = (await connection.execute(query)).scalars().first()
    around = {("Q", 1), ("U", MODERATOR)}
    assert await shared(db) == {
        *((*thing, 1, 1, "T", MODERATOR) for thing in around | {("T", legs)}),
        *((*thing, 1, 1, "A", MODERATOR) for thing in around | {("C", 2)}),
    }
    assert await personal(db) == {(ASKER, 1, 1, "T"), (ASKER, 1, 1, "A")}


async def test_what_waits_is_announced_to_the_owner_only(api: Api, db: Database) -> None:
    options = {"moderate_edited_again": 1, "moderate_by_points": 1, "moderate_points_limit": 9_000}
    await add_thread(db, feedback_email="owner@example.org", **options)

    await write(
        api,
        "Answer",
        OTHER,
        questionId=nodes.encode("Question", 1),
        content="They beat their wings.",
    )
    await write(
        api, "EditComment", COMMENTER, id=nodes.encode("Comment", 3), content="Count them all!"
    )

    assert (await shared(db), await personal(db)) == (set(), set())
    assert await mails(db) == 2 * [("queued", "owner@example.org")]
