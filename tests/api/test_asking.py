"""Asking as a client does it, with every figure that a question changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.db import Database
from app.models import Category, CategoryLevel, Post, PostMeta, PostTag, Word
from schema import nodes
from tests.conftest import Api
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

ASK = """
    mutation ($input: AskQuestionInput!) {
        askQuestion(input: $input) {
            __typename
            ... on AskQuestionSuccess {
                isQueued
                question {
                    databaseId title content state extra
                    tags { name }
                    categoryPath { slug }
                    followsAnswer { databaseId }
                    author { points }
                }
            }
            ... on Error { message }
            ... on NotAllowed { reason }
            ... on Invalid { field }
        }
    }
"""
QUESTION = {"title": "How do bees fly?", "content": "Their wings are small."}


async def add_member(db: Database, *, level: int = 0, **options: Any) -> dict[str, Any]:
    """Somebody who may ask, as `api` takes them."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        member = await add_user(connection, level=level)
        await settle(connection)
    return {"viewer": member}


async def add_categories(db: Database) -> None:
    """Hives, and below it swarms and, four levels deep, queens."""
    slugs = {1: "hives", 2: "swarms", 3: "wild", 4: "queens"}
    async with db.begin() as connection:
        for id, slug in slugs.items():
            values: dict[Any, Any] = {
                Category.id: id,
                Category.parent_id: id - 1 if id > 1 else None,
                Category.title: slug.title(),
                Category.slug: slug,
                Category.position: 1,
            }
            await connection.execute(insert(Category).values(values))


async def ask(api: Api, who: dict[str, Any], **input: Any) -> Any:
    data = await api.ask(ASK, **who, input=QUESTION | input)
    return data["askQuestion"]


async def test_a_question_counts_at_once(api: Api, db: Database) -> None:
    who = await add_member(db, extra_field_active=1, extra_field_display=1)

    result = await ask(api, who, tags=["Wings", "queen-bee wings"], extra=" Carnica ")

    assert result["isQueued"] is False
    assert result["question"] == {
        "databaseId": 1,
        "title": "How do bees fly?",
        "content": "Their wings are small.",
        "state": "VISIBLE",
        "extra": "Carnica",
        "tags": [{"name": "wings"}, {"name": "queen-bee"}],
        "categoryPath": [],
        "followsAnswer": None,
        # 100, and a question (2) times ten.
        "author": {"points": 120},
    }
    await expect_no_differences(db)


async def test_the_whole_path_of_a_category_counts_the_question(api: Api, db: Database) -> None:
    await add_categories(db)
    who = await add_member(db)

    by_path = await ask(api, who, category="hives/swarms/wild/queens")
    by_id = await ask(
        api, who, category=nodes.encode("Category", 4), title="And how do queens fly?"
    )

    slugs = [{"slug": slug} for slug in ("hives", "swarms", "wild", "queens")]
    assert by_path["question"]["categoryPath"] == by_id["question"]["categoryPath"] == slugs
    async with db.read() as connection:
        query = select(Category.question_count).order_by(Category.id)
        assert (await connection.execute(query)).scalars().all() == [2, 2, 2, 2]
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "input", "field"),
    [
        ({}, {"title": "Bees?"}, "title"),
        ({}, {"title": "Bees? " * 30}, "title"),
        ({"max_len_q_title": 5_000}, {"title": "b" * 801}, "title"),
        ({"min_len_q_content": 30}, {}, "content"),
        ({}, {"content": "a" * 12_001}, "content"),
        ({}, {"tags": list("abcdef")}, "tags"),
        ({"min_num_q_tags": 2}, {"tags": ["wings"]}, "tags"),
        ({}, {"tags": ["w" * 81]}, "tags"),
        ({"max_num_q_tags": 50}, {"tags": [f"{n:030}" for n in range(40)]}, "tags"),
        ({"tags_or_categories": "c"}, {"tags": ["wings"]}, "tags"),
        ({}, {"category": None}, "category"),
        ({}, {"category": "hives"}, "category"),
        ({}, {"category": "swarms"}, "category"),
        ({}, {"category": nodes.encode("Category", 9)}, "category"),
        ({}, {"category": nodes.encode("Question", 1)}, "category"),
        ({"tags_or_categories": "t"}, {}, "category"),
        ({}, {"extra": "Carnica"}, "extra"),
        ({"extra_field_active": 1}, {"extra": "c" * 8_001}, "extra"),
        ({}, {"followsAnswerId": nodes.encode("Question", 1)}, "followsAnswerId"),
    ],
)
async def test_what_is_not_acceptable_is_named(
    api: Api, db: Database, options: dict[str, Any], input: dict[str, Any], field: str
) -> None:
    await add_categories(db)
    who = await add_member(db, **options)

    result = await ask(api, who, **{"category": "hives/swarms/wild/queens"} | input)

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    await expect_no_differences(db)


async def test_the_site_says_how_deep_in_the_tree_a_question_must_be(
    api: Api, db: Database
) -> None:
    await add_categories(db)
    who = await add_member(db, allow_no_category=1, allow_no_sub_category=1)

    nowhere = await ask(api, who)
    above = await ask(api, who, category="hives/swarms", title="And how do swarms fly?")

    assert nowhere["question"]["categoryPath"] == []
    assert above["question"]["categoryPath"] == [{"slug": "hives"}, {"slug": "swarms"}]
    await expect_no_differences(db)


@pytest.mark.mariadb
@pytest.mark.parametrize("field", ["title", "content", "tags", "extra"])
async def test_four_byte_characters_are_refused_before_anything_is_written(
    api: Api, db: Database, field: str
) -> None:
    if db.engine.dialect.name != "mysql":
        pytest.skip("SQLite holds every character")
    who = await add_member(db, extra_field_active=1)

    result = await ask(api, who, **{field: ["🐝"] if field == "tags" else "What is this, a 🐝?"})

    assert (result["__typename"], result["field"]) == ("Invalid", field)
    async with db.read() as connection:
        assert (await connection.execute(select(Post.id))).all() == []


async def test_commas_separate_tags_where_the_site_says_so(api: Api, db: Database) -> None:
    who = await add_member(db, tag_separator_comma=1)

    result = await ask(api, who, tags=["queen bee", "Wings,royal jelly"])

    names = [tag["name"] for tag in result["question"]["tags"]]
    assert names == ["queen bee", "wings", "royal jelly"]
    async with db.read() as connection:
        query = select(Word.text, PostTag.post_id).join(PostTag, PostTag.word_id == Word.id)
        assert sorted((await connection.execute(query)).all()) == [
            (name, 1) for name in sorted(names)
        ]
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("options", "level", "reason"),
    [
        ({}, 0, None),
        ({"permit_post_q": 70}, 20, "LEVEL"),
        ({"permit_post_q": 70}, 50, None),
        ({"permit_post_q": 104, "permit_post_q_points": 101}, 0, "POINTS"),
        ({"permit_post_q": 103, "moderate_users": 1}, 0, "UNAPPROVED"),
        ({"permit_post_q": 110}, None, "SIGNED_OUT"),
        ({"block_ips_write": "127.0.0.1"}, 0, "IP_BLOCKED"),
    ],
)
async def test_the_site_decides_who_may_ask(
    api: Api, db: Database, options: dict[str, Any], level: int | None, reason: str | None
) -> None:
    who = await add_member(db, level=level or 0, **options)

    result = await ask(api, {} if level is None else who)

    assert result.get("reason") == reason
    await expect_no_differences(db)


@pytest.mark.parametrize(
    ("flags", "options", "reason"),
    [
        (3, {}, "BLOCKED"),
        (0, {"permit_post_q": 110}, "UNCONFIRMED"),
        (128, {}, "UNCONFIRMED"),
        (1, {"permit_post_q": 110}, None),
    ],
)
async def test_the_state_of_an_account_decides_too(
    api: Api, db: Database, flags: int, options: dict[str, Any], reason: str | None
) -> None:
    await add_member(db, **options)
    async with db.begin() as connection:
        member = await add_user(connection, flags=flags)
        await settle(connection)

    result = await ask(api, {"viewer": member})

    assert result.get("reason") == reason
    await expect_no_differences(db)


async def test_an_expert_in_a_category_may_ask_there(api: Api, db: Database) -> None:
    await add_categories(db)
    who = await add_member(db, permit_post_q=100, allow_no_sub_category=1, allow_no_category=1)
    async with db.begin() as connection:
        values: dict[Any, Any] = {
            CategoryLevel.user_id: who["viewer"],
            CategoryLevel.entity_type: "C",
            CategoryLevel.entity_id: 2,
            CategoryLevel.level: 20,
        }
        await connection.execute(insert(CategoryLevel).values(values))

    below = await ask(api, who, category="hives/swarms/wild")
    above = await ask(api, who, category="hives")
    nowhere = await ask(api, who)

    assert below["__typename"] == "AskQuestionSuccess"
    assert (above["reason"], nowhere["reason"]) == ("LEVEL", "LEVEL")


async def test_a_question_may_follow_on_from_an_answer(api: Api, db: Database) -> None:
    who = await add_member(db)
    async with db.begin() as connection:
        question = await add_post(connection, "Q", author_id=who["viewer"])
        answer = await add_post(connection, "A", author_id=who["viewer"], parent_id=question)
        hidden = await add_post(connection, "A_HIDDEN", parent_id=question)
        await settle(connection)

    result = await ask(
        api, who, title="And why do they?", followsAnswerId=nodes.encode("Answer", answer)
    )
    nothing = await ask(api, who, followsAnswerId=nodes.encode("Answer", hidden))

    assert result["question"]["followsAnswer"] == {"databaseId": answer}
    assert nothing["__typename"] == "NotFound"
    await expect_no_differences(db)


async def test_following_on_can_be_switched_off(api: Api, db: Database) -> None:
    who = await add_member(db, follow_on_as=0)
    async with db.begin() as connection:
        question = await add_post(connection, "Q")
        answer = await add_post(connection, "A", parent_id=question)
        await settle(connection)

    result = await ask(api, who, followsAnswerId=nodes.encode("Answer", answer))

    assert result["reason"] == "SWITCHED_OFF"


async def test_who_may_not_ask_is_told_so_beside_the_answer(api: Api, db: Database) -> None:
    who = await add_member(db, permit_post_q=100)
    async with db.begin() as connection:
        question = await add_post(connection, "Q")
        answer = await add_post(connection, "A", parent_id=question)
        await settle(connection)
    id = nodes.encode("Answer", answer)

    seen = await api.ask(
        "query ($id: ID!) { node(id: $id) { ... on Answer { viewerCanFollowUp } } }", **who, id=id
    )
    result = await ask(api, who, followsAnswerId=id)

    assert seen == {"node": {"viewerCanFollowUp": False}}
    assert result["reason"] == "LEVEL"


async def test_the_same_question_is_asked_once(api: Api, db: Database) -> None:
    who = await add_member(db)

    results = await asyncio.gather(*(ask(api, who) for _ in range(3)))
    another = await ask(api, who, content="Their wings are not small!")

    names = sorted(result["__typename"] for result in results)
    assert names == ["AskQuestionSuccess", "Invalid", "Invalid"]
    assert another["__typename"] == "AskQuestionSuccess"
    await expect_no_differences(db)


async def test_a_repeated_request_asks_once(api: Api, db: Database) -> None:
    who = await add_member(db, extra_field_active=1)

    results = await asyncio.gather(
        *(ask(api, who, idempotencyKey="a", extra="Carnica") for _ in range(3))
    )
    other = await ask(api, who, idempotencyKey="a", title="How do wasps fly?")

    assert [result["question"]["databaseId"] for result in results] == 3 * [1]
    assert other["__typename"] == "Conflict"
    async with db.read() as connection:
        rows = (await connection.execute(select(PostMeta.post_id, PostMeta.content))).all()
    assert rows == [(1, "Carnica")]
    await expect_no_differences(db)


async def test_a_question_that_waits_is_in_no_list(api: Api, db: Database) -> None:
    who = await add_member(db)
    async with db.begin() as connection:
        await set_option(connection, "moderate_anon_post", 1)

    guests = await ask(api, {}, tags=["wings"], authorName="Maya")
    members = await ask(api, who, title="How do wasps fly?", tags=["wings"])

    assert (guests["isQueued"], members["isQueued"]) == (True, False)
    assert guests["question"]["state"] == "QUEUED"
    listed = await api.ask('{ questions { nodes { title } } tag(name: "wings") { questionCount } }')
    assert listed["questions"]["nodes"] == [{"title": "How do wasps fly?"}]
    assert listed["tag"] == {"questionCount": 1}
    await expect_no_differences(db)


async def test_an_hour_has_so_many_questions(api: Api, db: Database) -> None:
    who = await add_member(db, max_rate_ip_qs=1)

    first = await ask(api, {})
    second = await ask(api, who, title="How do wasps fly?")

    assert first["__typename"] == "AskQuestionSuccess"
    assert second["__typename"] == "RateLimited"
    await expect_no_differences(db)
