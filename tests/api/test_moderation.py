"""The moderators' lists through the API: who sees what on them."""

from typing import Any

import pytest
from sqlalchemy import insert

from app.db import Database
from app.models import Category, CategoryLevel
from tests.conftest import Api
from tests.meadow import add_post, add_user

LISTS = ["moderationQueue", "flaggedPosts", "hiddenPosts"]


def document(field: str) -> str:
    return f"""query ($first: Int, $after: String, $last: Int, $before: String) {{
        list: {field}(first: $first, after: $after, last: $last, before: $before) {{
            totalCount nodes {{ __typename databaseId }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        }}
    }}"""


async def ids(api: Api, field: str, **options: Any) -> list[int]:
    page = (await api.ask(document(field), **options))["list"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["databaseId"] for node in page["nodes"]]


async def add_category(connection: Any, id: int) -> int:
    row = {"id": id, "title": f"C{id}", "slug": f"c{id}", "position": id}
    values = {getattr(Category, name): value for name, value in row.items()}
    await connection.execute(insert(Category).values(values))
    return id


async def test_moderators_see_posts_of_every_kind(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        moderator = await add_user(connection, level=80)
        question = await add_post(connection, "Q", flag_count=1)
        answer = await add_post(connection, "A", parent_id=question, flag_count=3)
        queued = [
            await add_post(connection, "Q_QUEUED"),
            await add_post(connection, "A_QUEUED", parent_id=question),
            await add_post(connection, "C_QUEUED", parent_id=answer),
        ]
        hidden = [
            await add_post(connection, "Q_HIDDEN", flag_count=9),
            await add_post(connection, "A_HIDDEN", parent_id=question),
            await add_post(connection, "C_HIDDEN", parent_id=answer),
        ]

    assert await ids(api, "moderationQueue", viewer=moderator) == queued[::-1]
    assert await ids(api, "hiddenPosts", viewer=moderator) == hidden[::-1]
    assert await ids(api, "flaggedPosts", viewer=moderator) == [answer, question]


async def test_an_expert_in_a_category_sees_what_waits_there(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        expert = await add_user(connection)
        category, other = await add_category(connection, 1), await add_category(connection, 2)
        level = {"user_id": expert, "entity_type": "C", "entity_id": category, "level": 20}
        values = {getattr(CategoryLevel, name): value for name, value in level.items()}
        await connection.execute(insert(CategoryLevel).values(values))
        theirs = await add_post(
            connection, "Q_QUEUED", category_id=category, category_1_id=category
        )
        await add_post(connection, "Q_QUEUED", category_id=other, category_1_id=other)
        await add_post(connection, "Q_QUEUED")

    assert await ids(api, "moderationQueue", viewer=expert) == [theirs]
    error = await api.refused(document("hiddenPosts"), viewer=expert)
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_what_is_below_something_unseen_is_left_out(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        # Experts approve, but do not see what is hidden.
        expert = await add_user(connection, level=20)
        hidden = await add_post(connection, "Q_HIDDEN")
        await add_post(connection, "A_QUEUED", parent_id=hidden)
        question = await add_post(connection, "Q")
        queued = await add_post(connection, "A_QUEUED", parent_id=question)

    assert await ids(api, "moderationQueue", viewer=expert) == [queued]


@pytest.mark.parametrize("field", LISTS)
@pytest.mark.parametrize(
    ("who", "code"),
    [(None, "UNAUTHENTICATED"), ({"level": 10}, "FORBIDDEN"), ({"flags": 3}, "FORBIDDEN")],
    ids=["guest", "member", "blocked"],
)
async def test_the_lists_are_closed_to_others(
    api: Api, db: Database, field: str, who: dict[str, int] | None, code: str
) -> None:
    async with db.begin() as connection:
        viewer = await add_user(connection, **who) if who else None
        await add_post(connection, "Q_QUEUED", author_id=viewer)

    error = await api.refused(document(field), viewer=viewer)

    assert error["extensions"]["code"] == code


@pytest.mark.parametrize("field", LISTS)
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
async def test_paging_shows_every_post_once(golden: Api, field: str, backwards: bool) -> None:
    whole = await ids(golden, field, viewer=1, first=100)
    pages, cursor = [], None
    while True:
        window = {"last": 7, "before": cursor} if backwards else {"first": 7, "after": cursor}
        page = (await golden.ask(document(field), viewer=1, **window))["list"]
        pages.append([node["databaseId"] for node in page["nodes"]])
        info = page["pageInfo"]
        cursor = info["startCursor" if backwards else "endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break
    assert [id for page in (pages[::-1] if backwards else pages) for id in page] == whole
    assert len(whole) > 7
