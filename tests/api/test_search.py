"""Finding questions through the API: by words, by likeness, and by what repeats them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.db import Database
from tests.conftest import Api, statements_of
from tests.meadow import add_post, add_user, set_option, settle

SEARCH = """
    query ($query: String!, $first: Int, $after: String, $last: Int, $before: String) {
        search(query: $query, first: $first, after: $after, last: $last, before: $before) {
            totalCount
            nodes { score question { databaseId } post { databaseId } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""
SIMILAR = """
    query ($title: String!, $first: Int) {
        similarQuestions(title: $title, first: $first) {
            totalCount nodes { databaseId } pageInfo { hasNextPage }
        }
    }
"""
RELATED = """
    query ($id: Int!, $first: Int, $after: String) {
        question(databaseId: $id) {
            related(first: $first, after: $after) {
                totalCount nodes { databaseId } pageInfo { endCursor hasNextPage }
            }
        }
    }
"""


async def found(api: Api, query: str, **options: Any) -> list[int]:
    nodes = (await api.ask(SEARCH, query=query, **options))["search"]["nodes"]
    return [node["question"]["databaseId"] for node in nodes]


async def test_the_only_question_of_a_site_is_found(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        only = await add_post(connection, "Q", title="Where do drones gather?")
        await settle(connection)

    [hit] = (await api.ask(SEARCH, query="Drones"))["search"]["nodes"]

    assert hit["question"]["databaseId"] == hit["post"]["databaseId"] == only
    assert hit["score"] > 0


async def test_a_hit_leads_to_the_answer_or_comment_with_the_word(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        question = await add_post(connection, "Q")
        answer = await add_post(connection, "A", parent_id=question, content="Use a smoker.")
        comment = await add_post(connection, "C", parent_id=answer, content="Or lavender.")
        await settle(connection)

    data = await api.ask(
        '{ a: search(query: "smoker") { nodes { post { databaseId } } }'
        '  b: search(query: "lavender") { nodes { post { databaseId } } } }'
    )

    assert data["a"]["nodes"] == [{"post": {"databaseId": answer}}]
    assert data["b"]["nodes"] == [{"post": {"databaseId": comment}}]


async def test_what_is_hidden_or_below_something_hidden_is_not_found(
    api: Api, db: Database
) -> None:
    async with db.begin() as connection:
        moderator = await add_user(connection, level=120)
        shown = await add_post(connection, "Q", content="propolis")
        hidden = await add_post(connection, "Q_HIDDEN", content="propolis")
        await add_post(connection, "Q_QUEUED", content="propolis")
        await add_post(connection, "A", parent_id=hidden, content="propolis")
        other = await add_post(connection, "Q", content="wax")
        below = await add_post(connection, "A_HIDDEN", parent_id=other, content="propolis")
        await add_post(connection, "C", parent_id=below, content="propolis")
        await settle(connection)

    assert await found(api, "propolis") == [shown]
    assert await found(api, "propolis", viewer=moderator) == [shown]


async def test_questions_are_found_by_the_name_of_who_asked(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        keeper = await add_user(connection, handle="Old Keeper")
        theirs = await add_post(connection, "Q", author_id=keeper)
        await add_post(connection, "Q")
        await settle(connection)

    assert await found(api, " old keeper ") == [theirs]


async def test_rarer_words_and_titles_count_for_more(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        in_content = await add_post(connection, "Q", title="First", content="nectar")
        in_title = await add_post(connection, "Q", title="Nectar", content="something else")
        rare = await add_post(connection, "Q", title="Nectar of heather", content="nectar")
        await settle(connection)

    hits = (await api.ask(SEARCH, query="nectar heather"))["search"]["nodes"]

    scores = {hit["question"]["databaseId"]: hit["score"] for hit in hits}
    assert next(iter(scores)) == rare
    assert scores[rare] > scores[in_title] > scores[in_content]


@pytest.mark.parametrize("query", ["", "  ", "!?", "🐝", "x" * 500, "%", "_", "'; --"])
async def test_a_query_without_known_words_finds_nothing(golden: Api, query: str) -> None:
    page = (await golden.ask(SEARCH, query=query))["search"]
    assert page["nodes"] == []
    assert page["totalCount"] == 0


async def test_words_that_no_column_can_hold_do_not_hide_the_others(golden: Api) -> None:
    with_rare_letter = await found(golden, "queen 𠮷野 🐝", first=20)
    assert with_rare_letter == await found(golden, "queen", first=20)
    assert with_rare_letter


async def test_only_the_first_fifty_words_count(golden: Api) -> None:
    padding = " ".join(f"nowhere{number}" for number in range(50))
    assert await found(golden, f"queen {padding}") != []
    assert await found(golden, f"{padding} queen") == []


async def test_words_used_too_often_are_not_looked_for(
    golden_url: Callable[[str], str], serve: Callable[..., Api]
) -> None:
    api = serve(golden_url("sqlite"), IGNORED_WORDS_FREQUENCY="2")
    assert await found(api, "queen") == []


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
async def test_paging_shows_every_hit_once(golden: Api, backwards: bool) -> None:
    at_once = await found(golden, "queen bee", first=100)
    pages, cursor = [], None
    while True:
        window = {"last": 9, "before": cursor} if backwards else {"first": 9, "after": cursor}
        page = (await golden.ask(SEARCH, query="queen bee", **window))["search"]
        pages.append([node["question"]["databaseId"] for node in page["nodes"]])
        info = page["pageInfo"]
        cursor = info["startCursor" if backwards else "endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break

    ids = [id for page in (reversed(pages) if backwards else pages) for id in page]
    assert ids == at_once
    assert len(set(ids)) == len(ids) == page["totalCount"]


async def test_a_search_takes_two_statements_however_much_it_finds(golden: Api) -> None:
    document = """query ($first: Int!) {
        search(query: "queen", first: $first) {
            nodes { score question { title tags { name } } post { excerpt } }
        }
    }"""
    await golden.ask(document, first=1)
    sent = statements_of(golden)
    await golden.ask(document, first=50)
    assert len(sent) == 2


async def test_a_cursor_of_another_list_is_refused(golden: Api) -> None:
    cursor = (await golden.ask("{ questions(first: 1) { pageInfo { endCursor } } }"))["questions"]
    error = await golden.refused(SEARCH, query="queen", after=cursor["pageInfo"]["endCursor"])
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}


async def test_similar_questions_are_found_by_their_titles_alone(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        alike = await add_post(connection, "Q", title="Feeding bees in winter")
        await add_post(connection, "Q", title="Harvest", content="feeding in winter")
        await add_post(connection, "Q_HIDDEN", title="Feeding in winter")
        await settle(connection)

    page = (await api.ask(SIMILAR, title="Is feeding needed?"))["similarQuestions"]

    assert page["nodes"] == [{"databaseId": alike}]
    assert page["totalCount"] == 1


async def test_the_owner_says_how_alike_similar_questions_are(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        # At 0, the points of a single word are just too few: at most ln(10000).
        await set_option(connection, "match_ask_check_qs", 0)
        await add_post(connection, "Q", title="Feeding")
        both = await add_post(connection, "Q", title="Feeding wasps")
        await settle(connection)

    page = (await api.ask(SIMILAR, title="feeding wasps"))["similarQuestions"]

    assert page["nodes"] == [{"databaseId": both}]


async def test_related_questions_share_words_or_tags(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        question = await add_post(connection, "Q", title="Swarm in May", tags="swarm,spring")
        by_tags = await add_post(connection, "Q", title="Moving day", tags="swarm,spring")
        by_word = await add_post(connection, "Q", title="A swarm", tags="")
        await add_post(connection, "Q_HIDDEN", title="Swarm in May", tags="swarm,spring")
        await add_post(connection, "Q", title="Honey", tags="honey")
        await settle(connection)

    related = (await api.ask(RELATED, id=question))["question"]["related"]

    assert [node["databaseId"] for node in related["nodes"]] == [by_tags, by_word]
    first = (await api.ask(RELATED, id=question, first=1))["question"]["related"]
    assert first["pageInfo"]["hasNextPage"]
    after = first["pageInfo"]["endCursor"]
    rest = (await api.ask(RELATED, id=question, after=after))["question"]["related"]
    assert rest["nodes"] == [{"databaseId": by_word}]


async def test_related_questions_of_a_list_are_read_together(golden: Api) -> None:
    document = "query ($n: Int!) { questions(first: $n) { nodes { related { nodes { title } } } } }"
    await golden.ask(document, n=1)
    sent = statements_of(golden)
    await golden.ask(document, n=8)
    assert len(sent) == 2


async def test_a_question_names_the_visible_ones_that_repeat_it(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        original = await add_post(connection, "Q")
        repeated = [await add_post(connection, "Q", closed_by_id=original) for _ in range(2)]
        await add_post(connection, "Q_HIDDEN", closed_by_id=original)

    document = """query ($id: Int!) { question(databaseId: $id) {
        duplicates { totalCount nodes { databaseId closing { duplicateOf { databaseId } } } }
    } }"""
    duplicates = (await api.ask(document, id=original))["question"]["duplicates"]

    assert [node["databaseId"] for node in duplicates["nodes"]] == repeated
    assert duplicates["totalCount"] == 2
    assert duplicates["nodes"][0]["closing"]["duplicateOf"] == {"databaseId": original}
    none = (await api.ask(document, id=repeated[0]))["question"]["duplicates"]
    assert none == {"totalCount": 0, "nodes": []}
