"""Users through the API: how they are found, listed and shown, and to whom."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.db import Database
from app.models import UserPoints
from tests.conftest import Api, statements_of
from tests.golden import GOLDEN, seconds
from tests.meadow import add_user, set_option

ONE = """
    query ($handle: String, $id: ID, $number: Int) {
        user(handle: $handle, id: $id, databaseId: $number) { id databaseId handle points rank }
    }
"""
LIST = """
    query (
        $orderBy: UserOrder! = POINTS, $first: Int, $after: String, $last: Int, $before: String
    ) {
        users(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
            totalCount
            nodes { databaseId handle points level createdAt }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""
PROFILE = """
    query ($id: Int!) { user(databaseId: $id) { profile { name label isMultiLine isLink } } }
"""
WALL = """
    query ($id: Int!) {
        user(databaseId: $id) {
            viewerCanPostOnWall viewerCanMessage viewerHasFavorited
            wall(first: 100) { totalCount nodes { databaseId viewerCanDelete } }
        }
    }
"""
POSTS = """
    query ($id: Int!, $first: Int, $after: String, $last: Int, $before: String) {
        user(databaseId: $id) {
            %s(first: $first, after: $after, last: $last, before: $before) {
                totalCount
                nodes { %s }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
        }
    }
"""
NODES = {
    "questions": "databaseId",
    "answers": "databaseId",
    "comments": "databaseId",
    "activity": "post { databaseId }",
    "wall": "databaseId",
}
LEVELS: list[str] = ["SUPER", "ADMIN", "MODERATOR", "EDITOR", "EXPERT"]
ORDER: dict[str, Callable[[Any], Any]] = {
    "POINTS": lambda user: (-user["points"], -user["databaseId"]),
    "NEWEST": lambda user: (-(seconds(user["createdAt"]) or 0), -user["databaseId"]),
    "SPECIAL": lambda user: (LEVELS.index(user["level"]), user["handle"]),
}
SUPER, ADMIN, MODERATOR, EDITOR, EXPERT = 1, 2, 4, 6, 9
# Levels of a moderator and of an editor, but in two categories only.
MODERATOR_OF_A_CATEGORY = 17
BLOCKED = 21


@pytest.mark.parametrize("handle", ["admin_kin", "ADMIN_Kin"])
async def test_a_handle_finds_its_user_whatever_the_case(golden: Api, handle: str) -> None:
    user = (await golden.ask(ONE, handle=handle))["user"]

    assert (user["databaseId"], user["handle"]) == (ADMIN, "admin_kin")
    assert (await golden.ask(ONE, id=user["id"]))["user"] == user
    assert (await golden.ask(ONE, number=ADMIN))["user"] == user


@pytest.mark.parametrize("handle", ["", "nobody", "🐝", "admin%", "x" * 5000, "\x00"])
async def test_a_handle_that_nobody_has_finds_nobody(golden: Api, handle: str) -> None:
    assert (await golden.ask(ONE, handle=handle))["user"] is None


async def test_of_several_with_a_handle_the_exact_one_is_found(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        for handle in ("BEE", "Bee", "bee"):
            await add_user(connection, handle=handle)

    found = [(await api.ask(ONE, handle=h))["user"]["handle"] for h in ("bee", "Bee", "bEE")]

    assert found == ["bee", "Bee", "BEE"]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"handle": "admin_kin", "number": ADMIN},
        {"id": "nonsense"},
        {"id": "UXVlc3Rpb246Mg=="},
    ],
)
async def test_a_user_is_asked_for_in_one_way(golden: Api, variables: Any) -> None:
    error = await golden.refused(ONE, **variables)

    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_user_without_a_row_of_points_is_not_ranked(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        ranked, unranked = await add_user(connection), await add_user(connection)
        await connection.execute(delete(UserPoints).where(UserPoints.user_id == unranked))
        await set_option(connection, "permit_view_new_users_page", 150)

    page = (await api.ask(ONE, number=unranked))["user"]
    by_points = (await api.ask(LIST))["users"]
    newest = (await api.ask(LIST, orderBy="NEWEST"))["users"]

    assert page is None
    assert [node["databaseId"] for node in by_points["nodes"]] == [ranked]
    assert by_points["totalCount"] == 1
    assert [node["databaseId"] for node in newest["nodes"]] == [unranked, ranked]


async def test_those_with_equal_points_have_the_same_rank(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        people = [await add_user(connection) for _ in range(4)]
        for user_id, points in zip(people, (10, 30, 10, 5), strict=True):
            await connection.execute(
                update(UserPoints)
                .where(UserPoints.user_id == user_id)
                .values({UserPoints.points: points})
            )

    users = (await api.ask("{ users { nodes { databaseId rank } } }"))["users"]["nodes"]

    ranks = {user["databaseId"]: user["rank"] for user in users}
    assert ranks == dict(zip(people, (2, 1, 2, 4), strict=True))


@pytest.mark.parametrize(
    ("order", "viewer", "code"),
    [
        ("NEWEST", None, "UNAUTHENTICATED"),
        ("NEWEST", EXPERT, "FORBIDDEN"),
        ("NEWEST", MODERATOR_OF_A_CATEGORY, "FORBIDDEN"),
        ("NEWEST", EDITOR, None),
        ("SPECIAL", EDITOR, "FORBIDDEN"),
        ("SPECIAL", MODERATOR_OF_A_CATEGORY, "FORBIDDEN"),
        ("SPECIAL", MODERATOR, None),
        ("POINTS", None, None),
        ("POINTS", BLOCKED, None),
    ],
)
async def test_some_lists_are_for_some_only(
    golden: Api, order: str, viewer: int | None, code: str | None
) -> None:
    if code is None:
        assert (await golden.ask(LIST, viewer=viewer, orderBy=order))["users"]["nodes"]
        return
    error = await golden.refused(LIST, viewer=viewer, orderBy=order)
    assert error["extensions"]["code"] in (code, "FORBIDDEN")


@pytest.mark.parametrize("order", ["POINTS", "NEWEST", "SPECIAL"])
async def test_pages_of_users_make_up_the_list(golden: Api, order: str) -> None:
    whole = (await golden.ask(LIST, viewer=SUPER, orderBy=order, first=100))["users"]
    sent = statements_of(golden)

    forwards = await walk(golden, LIST, ["users"], first=7, viewer=SUPER, orderBy=order)
    backwards = await walk(golden, LIST, ["users"], last=7, viewer=SUPER, orderBy=order)

    nodes = whole["nodes"]
    assert len(nodes) == whole["totalCount"] == (12 if order == "SPECIAL" else 60)
    assert [node["databaseId"] for node in nodes] == [node["databaseId"] for node in forwards]
    assert forwards == backwards
    assert not any("OFFSET" in statement and "OFFSET ?" not in statement for statement in sent)
    assert nodes == sorted(nodes, key=ORDER[order])


@pytest.mark.parametrize("name", NODES)
async def test_pages_of_what_belongs_to_a_user_make_up_the_list(golden: Api, name: str) -> None:
    document = POSTS % (name, NODES[name])
    whole = (await golden.ask(document, id=14, first=100))["user"][name]

    forwards = await walk(golden, document, ["user", name], first=3, id=14)
    backwards = await walk(golden, document, ["user", name], last=3, id=14)

    assert whole["nodes"]
    assert whole["nodes"] == forwards == backwards
    assert len(whole["nodes"]) == whole["totalCount"]


async def walk(golden: Api, document: str, path: list[str], **variables: Any) -> list[Any]:
    """The nodes of all pages of a connection, in the list's order."""
    ahead = "first" in variables
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await golden.ask(document, **variables, **cursor)
        for name in path:
            page = page[name]
        found = found + page["nodes"] if ahead else page["nodes"] + found
        info = page["pageInfo"]
        if not info["hasNextPage" if ahead else "hasPreviousPage"]:
            return found
        cursor = {"after": info["endCursor"]} if ahead else {"before": info["startCursor"]}


async def test_several_users_get_their_pages_as_each_would_alone(golden: Api) -> None:
    lists = " ".join(
        f"{name}(first: 2) {{ totalCount nodes {{ {node} }} pageInfo {{ hasNextPage endCursor }} }}"
        for name, node in NODES.items()
    )
    together = await golden.ask(f"{{ users(first: 30) {{ nodes {{ databaseId {lists} }} }} }}")

    for user in together["users"]["nodes"]:
        alone = f"query ($id: Int!) {{ user(databaseId: $id) {{ databaseId {lists} }} }}"
        assert (await golden.ask(alone, id=user["databaseId"]))["user"] == user


async def test_fifty_users_with_all_that_is_theirs_cost_few_statements(golden: Api) -> None:
    document = """
        query ($first: Int!) {
            users(first: $first) {
                nodes {
                    rank title profile { value } counts { answers } viewerHasFavorited
                    questions(first: 2) { totalCount nodes { title } }
                    answers(first: 2) { totalCount nodes { question { title } } }
                    comments(first: 2) { totalCount nodes { databaseId } }
                    activity(first: 2) { totalCount nodes { post { databaseId } by { handle } } }
                    wall(first: 2) { totalCount nodes { author { handle } viewerCanDelete } }
                }
            }
        }
    """
    await golden.ask(document, viewer=11, first=50)
    sent = statements_of(golden)

    await golden.ask(document, viewer=11, first=50)

    # One for each field that needs rows, and some more because fields without rows are done
    # sooner; one for each user would be hundreds.
    assert len(sent) <= 30


@pytest.mark.parametrize(
    ("viewer", "names"),
    [
        (None, ["name", "location", "about"]),
        (BLOCKED, ["name", "location", "about"]),
        (EDITOR, ["name", "location", "about"]),
        (MODERATOR, ["name", "location", "about", "phone"]),
    ],
)
async def test_a_profile_shows_what_the_viewer_may_read(
    golden: Api, viewer: int | None, names: list[str]
) -> None:
    profile = (await golden.ask(PROFILE, viewer=viewer, id=13))["user"]["profile"]

    assert [field["name"] for field in profile] == names
    about = next(field for field in profile if field["name"] == "about")
    assert about == {"name": "about", "label": "About", "isMultiLine": True, "isLink": False}


async def test_some_fields_are_for_members(golden: Api) -> None:
    signed_out = (await golden.ask(PROFILE, id=18))["user"]["profile"]
    signed_in = (await golden.ask(PROFILE, viewer=BLOCKED, id=18))["user"]["profile"]

    assert [field["name"] for field in signed_out] == ["location"]
    assert [field["name"] for field in signed_in] == ["location", "years"]
    assert signed_in[1]["label"] == "養蜂歴 / years of beekeeping"


@pytest.mark.parametrize(
    ("viewer", "deletable"),
    [
        (None, []),
        (ADMIN, [58, 38, 23, 12, 10]),  # it is their own wall
        (10, [58]),  # the writer of the newest
        (11, []),  # another has written since
        (MODERATOR, [58, 38, 23, 12, 10]),
        (EDITOR, []),  # may hide posts, but not delete them
    ],
)
async def test_who_may_delete_from_a_wall(
    golden: Api, viewer: int | None, deletable: list[int]
) -> None:
    wall = (await golden.ask(WALL, viewer=viewer, id=ADMIN))["user"]["wall"]

    assert wall["totalCount"] == 5
    found = [post["databaseId"] for post in wall["nodes"] if post["viewerCanDelete"]]
    assert found == deletable


@pytest.mark.parametrize(
    ("viewer", "owner", "may_post", "may_message"),
    [
        (None, 14, False, False),
        (11, 14, True, True),
        (11, 22, True, False),  # does not want messages
        (11, 24, False, True),  # does not want wall posts
        (24, 24, True, False),  # of others
        (BLOCKED, 14, False, False),
        (40, 14, False, True),  # not confirmed
    ],
)
async def test_who_may_write_to_whom(
    golden: Api, viewer: int | None, owner: int, may_post: bool, may_message: bool
) -> None:
    user = (await golden.ask(WALL, viewer=viewer, id=owner))["user"]

    assert (user["viewerCanPostOnWall"], user["viewerCanMessage"]) == (may_post, may_message)


async def test_walls_and_messages_can_be_switched_off(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        viewer, other = await add_user(connection), await add_user(connection)
        await set_option(connection, "allow_user_walls", 0)
        await set_option(connection, "allow_private_messages", 0)

    user = (await api.ask(WALL, viewer=viewer, id=other))["user"]

    assert (user["viewerCanPostOnWall"], user["viewerCanMessage"]) == (False, False)


async def test_the_viewer_learns_whom_they_follow(golden: Api) -> None:
    followed = {
        int(favorite["entityid"])
        for user in GOLDEN["users"]
        if user["userid"] == 11
        for favorite in user["favorites"]
        if favorite["entitytype"] == "U"
    }

    users = await golden.ask(
        "{ users(first: 100) { nodes { databaseId viewerHasFavorited } } }", viewer=11
    )

    found = {user["databaseId"] for user in users["users"]["nodes"] if user["viewerHasFavorited"]}
    assert found == followed
