"""Sites that are set up unusually, and rows that q2a would not write: reading goes on."""

import pytest
from sqlalchemy import delete, update

from app.db import Database
from app.domain import extras, sources
from app.domain.drafts import Content
from app.models import Post, User, UserPoints
from schema import nodes
from tests.conftest import Api
from tests.meadow import add_post, add_user, set_option

PAGE = """
    { questions { nodes {
        closing { note } extra markdownSource viewerCanUpvote viewerCanFlag viewerCanRetag
    } } }
"""
VOTE = """
    mutation ($id: ID!) {
        castVote(input: {id: $id, direction: UP}) { ... on NotAllowed { reason } }
    }
"""
HOME = "{ questions { nodes { title excerpt viewCount createdAt author { handle } } } }"


async def test_guests_see_titles_where_only_members_may_read(db: Database, api: Api) -> None:
    async with db.begin() as connection:
        await set_option(connection, "permit_view_q_page", 120)
        await add_post(connection, "Q", author_id=await add_user(connection))

    [question] = (await api.ask(HOME))["questions"]["nodes"]

    assert question["title"] == "How do bees fly?"
    assert question["excerpt"] == ""
    error = await api.refused("{ question(databaseId: 1) { title } }")
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_may_read_lists_only_is_told_nothing_of_a_page_and_offered_nothing_there(
    db: Database, api: Api
) -> None:
    async with db.begin() as connection:
        for option in ("extra_field_active", "extra_field_display"):
            await set_option(connection, option, 1)
        await set_option(connection, "permit_view_q_page", 70)
        author, editor, reader = [await add_user(connection, level=level) for level in (0, 50, 0)]
        question = await add_post(
            connection, "Q", author_id=author, content="<p>Why?</p>", format="html"
        )
        note = await add_post(connection, "NOTE", parent_id=question, content="Enough said.")
        closed = update(Post).where(Post.id == question)
        await connection.execute(closed.values({Post.closed_by_id: note}))
        await extras.store(connection, question_id=question, extra="A secret")
        await sources.keep(
            connection, post_id=question, content=Content("<p>Why?</p>", "html", "Why?")
        )

    seen = {
        viewer: (await api.ask(PAGE, viewer=viewer))["questions"]["nodes"]
        for viewer in (author, editor, reader)
    }

    nothing = {"closing": {"note": None}, "extra": None, "markdownSource": None}
    may_not = {"viewerCanUpvote": False, "viewerCanFlag": False, "viewerCanRetag": False}
    assert seen[author] == [{**nothing, **may_not}], "what they wrote is on the page, too"
    assert seen[reader] == [{**nothing, **may_not}]
    assert seen[editor] == [
        {
            "closing": {"note": "Enough said."},
            "extra": "A secret",
            "markdownSource": None,
            "viewerCanUpvote": True,
            "viewerCanFlag": True,
            "viewerCanRetag": True,
        }
    ]
    vote = await api.ask(VOTE, viewer=reader, id=nodes.encode("Question", question))
    assert vote["castVote"] == {"reason": "LEVEL"}


@pytest.mark.parametrize(
    ("options", "level", "flags", "code"),
    [
        ({"permit_view_q_page": 103, "moderate_users": 1}, 0, 1, "FORBIDDEN"),
        ({"permit_view_q_page": 103, "moderate_users": 1}, 0, 1 | 2, "FORBIDDEN"),
        ({"permit_view_q_page": 103, "moderate_users": 1}, 10, 1 | 2, None),
        ({"permit_view_q_page": 110}, 0, 2, "FORBIDDEN"),
        ({"permit_view_q_page": 110}, 0, 1 | 2, None),
    ],
)
async def test_a_block_neither_keeps_from_reading_nor_lets_read(
    db: Database, api: Api, options: dict[str, int], level: int, flags: int, code: str | None
) -> None:
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        member = await add_user(connection, level=level, flags=flags)
        await add_post(connection, "Q")

    answer = await api.post("{ question(databaseId: 1) { contentHtml } }", viewer=member)

    [error] = answer.json().get("errors", [None])
    assert (error and error["extensions"]["code"]) == code


async def test_an_account_without_points_has_no_page_but_writes_posts(
    db: Database, api: Api
) -> None:
    async with db.begin() as connection:
        author = await add_user(connection)
        await add_post(connection, "Q", author_id=author)
        await connection.execute(delete(UserPoints).where(UserPoints.user_id == author))

    data = await api.ask("query ($id: Int) { user(databaseId: $id) { handle } }", id=author)
    [question] = (await api.ask(HOME))["questions"]["nodes"]

    assert data["user"] is None
    assert question["author"]["handle"] == f"bee{author}"


async def test_more_views_than_an_int_holds_are_the_most_it_holds(db: Database, api: Api) -> None:
    async with db.begin() as connection:
        id = await add_post(connection, "Q")
        await connection.execute(update(Post).where(Post.id == id).values(view_count=4_000_000_000))

    [question] = (await api.ask(HOME))["questions"]["nodes"]

    assert question["viewCount"] == 2**31 - 1


async def test_dates_that_do_not_exist_do_not_take_a_list_with_them(db: Database, api: Api) -> None:
    async with db.begin() as connection:
        await add_user(connection)
        if connection.dialect.name == "mysql":
            await connection.exec_driver_sql("SET SESSION sql_mode = ''")
            await connection.exec_driver_sql("UPDATE qa_users SET created = '0000-00-00'")
        else:
            long_ago = User.created_at.type.python_type(1, 1, 1)
            await connection.execute(update(User).values(created_at=long_ago))

    data = await api.ask("{ users { nodes { createdAt } } }")

    assert data["users"]["nodes"][0]["createdAt"].endswith("T00:00:00Z")


async def test_an_excerpt_has_a_length_that_makes_sense(golden: Api) -> None:
    document = "query ($n: Int) { questions(first: 1) { nodes { excerpt(length: $n) } } }"
    for length in (0, -1, 1001):
        error = await golden.refused(document, n=length)
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "length"}
    data = await golden.ask(document, n=None)
    assert data["questions"]["nodes"][0]["excerpt"]
