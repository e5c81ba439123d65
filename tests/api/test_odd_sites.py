"""Sites that are set up unusually, and rows that q2a would not write: reading goes on."""

from sqlalchemy import delete, update

from app.db import Database
from app.models import Post, User, UserPoints
from tests.conftest import Api
from tests.meadow import add_post, add_user, set_option

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
