"""Tags through the API: by name, in lists, and as part of questions."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.db import Database
from app.models import Favorite, TagMeta, Word
from tests.conftest import Api, statements_of
from tests.meadow import (
    BEGINNING,
    add_post,
    add_user,
    expect_no_differences,
    set_option,
    settle,
)
from tests.thread import id_of, perform, stored

TAG = "query ($name: String!) { tag(name: $name) { name questionCount } }"
TAGS = """
    query ($first: Int, $after: String, $orderBy: TagOrder! = POPULAR, $startsWith: String! = "") {
        tags(first: $first, after: $after, orderBy: $orderBy, startsWith: $startsWith) {
            totalCount nodes { name questionCount } pageInfo { hasNextPage endCursor }
        }
    }
"""
QUESTIONS = """
    query ($name: String!, $first: Int, $after: String, $last: Int, $before: String) {
        tag(name: $name) {
            questions(first: $first, after: $after, last: $last, before: $before) {
                totalCount
                nodes { databaseId }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
        }
    }
"""


async def names(api: Api, **variables: Any) -> list[str]:
    return [tag["name"] for tag in (await api.ask(TAGS, **variables))["tags"]["nodes"]]


async def test_a_tag_is_found_in_upper_or_lower_case_but_exactly(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        await add_post(connection, "Q", tags="café,honey")
        await settle(connection)

    assert (await api.ask(TAG, name="HONEY"))["tag"] == {"name": "honey", "questionCount": 1}
    assert (await api.ask(TAG, name="café"))["tag"] == {"name": "café", "questionCount": 1}
    for other in ("cafe", "hone", "honey ", "🐝", ""):
        assert (await api.ask(TAG, name=other))["tag"] is None


async def test_a_tag_that_only_hidden_questions_carry_is_not_there(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        await add_post(connection, "Q_HIDDEN", tags="secret")
        await add_post(connection, "Q", title="A secret", tags="")
        await settle(connection)

    assert (await api.ask(TAG, name="secret"))["tag"] is None
    assert await names(api) == []


async def test_tags_come_by_use_or_by_name_and_by_their_beginning(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        for tags in ("queen,wax", "queen,100%", "queen,1000", "wax"):
            await add_post(connection, "Q", tags=tags)
        await settle(connection)

    assert (await names(api))[:2] == ["queen", "wax"]
    assert await names(api, orderBy="NAME") == ["100%", "1000", "queen", "wax"]
    assert await names(api, startsWith="QU") == ["queen"]
    assert await names(api, startsWith="100%") == ["100%"]
    assert await names(api, startsWith="🐝") == await names(api, startsWith="x" * 99) == []
    page = (await api.ask(TAGS, startsWith="100", first=1))["tags"]
    assert page["totalCount"] == 2
    assert page["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("order", ["POPULAR", "NAME"])
async def test_paging_shows_every_tag_once(golden: Api, order: str) -> None:
    shown: list[str] = []
    after = None
    while True:
        page = (await golden.ask(TAGS, orderBy=order, first=4, after=after))["tags"]
        shown += [tag["name"] for tag in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert shown == await names(golden, orderBy=order, first=100)
    assert len(shown) == page["totalCount"] == 33


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
async def test_questions_of_one_second_are_paged_exactly(
    api: Api, db: Database, backwards: bool
) -> None:
    async with db.begin() as connection:
        asked = [
            await add_post(
                connection, "Q", tags="swarm", created_at=BEGINNING + timedelta(hours=n // 5)
            )
            for n in range(12)
        ]
        await settle(connection)

    pages, cursor = [], None
    while True:
        window = {"last": 4, "before": cursor} if backwards else {"first": 4, "after": cursor}
        page = (await api.ask(QUESTIONS, name="swarm", **window))["tag"]["questions"]
        pages.append([node["databaseId"] for node in page["nodes"]])
        info = page["pageInfo"]
        cursor = info["startCursor" if backwards else "endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break

    ids = [id for page in (reversed(pages) if backwards else pages) for id in page]
    assert ids == asked[::-1]
    assert page["totalCount"] == 12


async def test_the_names_of_a_questions_tags_cost_nothing(golden: Api) -> None:
    plain = "{ questions(first: 20) { nodes { title } } }"
    named = "{ questions(first: 20) { nodes { title tags { name url } } } }"
    whole = """{ questions(first: 20) { nodes { title tags {
        id name questionCount description viewerHasFavorited
    } } } }"""
    await golden.ask(plain)
    sent = statements_of(golden)

    await golden.ask(plain)
    only_questions = len(sent)
    await golden.ask(named)
    assert len(sent) == 2 * only_questions

    sent.clear()
    await golden.ask(whole)
    # The tags and what is said of them; those of the shortest lists are asked for a turn earlier.
    assert len(sent) <= only_questions + 4


async def test_the_questions_of_many_tags_are_read_together(golden: Api) -> None:
    document = """query ($first: Int!) { tags(first: $first) { nodes {
        questions(first: 3) { nodes { title } totalCount }
    } } }"""
    await golden.ask(document, first=1)
    sent = statements_of(golden)
    await golden.ask(document, first=2)
    of_two = len(sent)
    sent.clear()
    await golden.ask(document, first=16)
    assert len(sent) == of_two <= 4


async def test_lists_in_one_document_are_those_that_each_is_alone(golden: Api) -> None:
    found = await names(golden, first=20, orderBy="NAME")
    listed = "questions(first: 3, orderBy: %s) { totalCount nodes { databaseId } }"
    fields = [
        f'tag(name: "{name}") {{ {listed % ("VOTES" if n % 5 == 1 else "NEWEST")} }}'
        for n, name in enumerate(found)
    ]
    roots = (await golden.ask("{ categories { path children { path } } }"))["categories"]
    paths = [category["path"] for root in roots for category in (root, *root["children"])]
    fields += [f'category(path: "{path}") {{ {listed % "NEWEST"} }}' for path in paths]

    together = await golden.ask(
        "{" + " ".join(f"list{n}: {field}" for n, field in enumerate(fields)) + "}"
    )
    alone = [(await golden.ask(f"{{ list: {field} }}"))["list"] for field in fields]
    assert [together[f"list{n}"] for n in range(len(fields))] == alone
    # Some of the lists go on beyond the three, and some do not.
    assert {one["questions"]["totalCount"] > 3 for one in alone} == {True, False}


async def test_a_tag_has_an_id_a_description_and_followers(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        fan, other = await add_user(connection), await add_user(connection)
        await add_post(connection, "Q", tags="mead,wax")
        await settle(connection)
        word = select(Word.id).where(Word.text == "mead")
        word_id = (await connection.execute(word)).scalar_one()
        await connection.execute(
            insert(TagMeta).values(
                {TagMeta.tag: "mead", TagMeta.title: "description", TagMeta.content: "Honey wine."}
            )
        )
        await connection.execute(
            insert(Favorite).values(
                {
                    Favorite.user_id: fan,
                    Favorite.entity_type: "T",
                    Favorite.entity_id: word_id,
                    Favorite.reads_shared_events: 0,
                }
            )
        )

    document = "{ tags(orderBy: NAME) { nodes { id name description viewerHasFavorited } } }"
    mead, wax = (await api.ask(document, viewer=fan))["tags"]["nodes"]
    assert (mead["description"], mead["viewerHasFavorited"]) == ("Honey wine.", True)
    assert (wax["description"], wax["viewerHasFavorited"]) == (None, False)
    for viewer in (None, other):
        tags = (await api.ask(document, viewer=viewer))["tags"]["nodes"]
        assert not any(tag["viewerHasFavorited"] for tag in tags)
    node = "query ($id: ID!) { node(id: $id) { __typename id ... on Tag { name } } }"
    assert (await api.ask(node, id=mead["id"]))["node"] == {
        "__typename": "Tag",
        "id": mead["id"],
        "name": "mead",
    }


async def test_a_tag_that_the_index_has_forgotten_can_still_be_shown(
    api: Api, db: Database
) -> None:
    async with db.begin() as connection:
        moderator = await add_user(connection, level=120)
        hidden = await add_post(connection, "Q_HIDDEN", tags="lost,found")
        await settle(connection)

    document = """query ($id: Int!) { question(databaseId: $id) {
        tags { id name questionCount description questions { totalCount nodes { title } } }
    } }"""
    tags = (await api.ask(document, id=hidden, viewer=moderator))["question"]["tags"]

    assert [(tag["name"], tag["questionCount"]) for tag in tags] == [("lost", 0), ("found", 0)]
    assert len({tag["id"] for tag in tags}) == 2
    assert all(tag["questions"] == {"totalCount": 0, "nodes": []} for tag in tags)


async def test_tags_of_several_words_are_read_and_changed_where_only_commas_separate(
    api: Api, db: Database
) -> None:
    async with db.begin() as connection:
        await set_option(connection, "tag_separator_comma", 1)
        who = await add_user(connection, level=50)
        # As q2a stores what was typed with blanks and all.
        first = await add_post(connection, "Q", author_id=who, tags="queen bee,wings")
        await add_post(connection, "Q", tags="queen,bee")
        await settle(connection)
    document = """
        query ($tag: String!) {
            tag(name: $tag) { name questionCount questions { nodes { databaseId } } }
            questions(tag: $tag) { nodes { databaseId tags { name questionCount } } }
            search(query: "queen bee") { nodes { question { databaseId } } }
        }
    """

    found = await api.ask(document, tag="Queen Bee")
    input = {"id": id_of("Question", first), "tags": ["royal jelly, Queen Bee", "hive"]}
    edited = await perform(api, "editQuestion", "question { tags { name } }", who=who, **input)

    assert found["tag"]["name"] == "queen bee"
    assert found["tag"]["questionCount"] == 1
    assert found["tag"]["questions"]["nodes"] == [{"databaseId": first}]
    [question] = found["questions"]["nodes"]
    assert [tag["name"] for tag in question["tags"]] == ["queen bee", "wings"]
    assert {"question": {"databaseId": first}} in found["search"]["nodes"]
    assert set(await names(api, startsWith="queen")) == {"queen", "queen bee"}
    assert [tag["name"] for tag in edited["question"]["tags"]] == [
        "royal jelly",
        "queen bee",
        "hive",
    ]
    assert await stored(db, first, "tags") == "royal jelly,queen bee,hive"
    await expect_no_differences(db)
