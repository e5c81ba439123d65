"""Every field of every mutation's input: what it refuses, and that the refusal names it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    get_named_type,
    is_enum_type,
    is_list_type,
    is_required_input_field,
)
from sqlalchemy import Executable, delete, update

from app.api import schema
from app.db import Database
from app.models import Category, Message, Notice, Post, User
from app.models.waggle import Revision
from schema import nodes
from tests.mutations import ABOUT_FILES, CASES, Garden, add_garden
from tests.rehearsing import Stage, stage_at
from tests.thread import id_of

BAD = "BAD_USER_INPUT"
BEE = "\U0001f41d"
ABSENT = 4_000_000_000
CONTROLS = "They \x00dance\x07 in the \x1bdark, \ud800and the others follow."
# By name, for all mutations that have such a field: values, and what they come to. A bare name is
# that of the field, which is invalid then.
TEXTS: dict[str, list[tuple[Any, str]]] = {
    "title": [("", "title"), ("Why?", "title"), ("w" * 121, "title"), (CONTROLS, "Success")],
    "content": [("", "content"), ("w" * 12_001, "content"), (CONTROLS, "Success")],
    "tags": [
        (["a", "b", "c", "d", "e", "f"], "tags"),
        (["w" * 81], "tags"),
        ([], "Success"),
        ([None], BAD),
        (["\x00dance\x07"], "Success"),
    ],
    "category": [
        ("no/such", "category"),
        (id_of("Category", ABSENT), "category"),
        (id_of("Question", 1), "category"),
        ("-1", "category"),
        (BEE, "category"),
    ],
    "extra": [("Carnica", "extra")],
    "notifyEmail": [("bee@example.org", "notifyEmail")],
    "authorName": [("Maya", "authorName"), ("\x00", "Success")],
    "idempotencyKey": [("", "idempotencyKey"), ("k" * 201, "idempotencyKey")],
    "expectedVersion": [("", "Conflict"), ("v" * 10_000, "Conflict")],
    "note": [("", "note"), ("n" * 12_001, "note"), ("\x00", "note"), (CONTROLS, "Success")],
    "handle": [
        ("", "handle"),
        ("h" * 21, "handle"),
        ("a@b", "handle"),
        ("a\x00b", "handle"),
        ("\ud800", "handle"),
        ("bee1", "handle"),
    ],
    "email": [
        ("", "email"),
        ("bee", "email"),
        ("b" * 80 + "@example.org", "email"),
        ("a\n@example.org", "email"),
        ("bee1@example.org", "email"),
    ],
    "fields": [
        ([{"name": "no such", "value": ""}], "fields"),
        ([{"name": "about", "value": ""}, {"name": "about", "value": ""}], "fields"),
        ([{"name": "about"}], BAD),
    ],
    "avatar": [("UPLOAD", "avatar")],
}
# Where that is not so.
EXCEPTIONS: dict[tuple[str, str], list[tuple[Any, str]]] = {
    ("askQuestion", "content"): [("", "Success"), ("w" * 12_001, "content")],
    ("editQuestion", "content"): [("", "Success"), ("w" * 12_001, "content")],
    ("closeQuestion", "duplicateOf"): [("", "note"), (id_of("Question", ABSENT), "note")],
}
# Other fields that go with it.
BESIDE: dict[str, dict[str, Any]] = {"contentFormat": {"content": "They *dance*, all of them."}}
# Characters that q2a's own tables cannot hold (FACTS 1), and SQLite's can.
WIDE: dict[str, Any] = {
    "title": f"Why do bees {BEE} dance?",
    "content": f"They dance {BEE} in the dark.",
    "tags": [BEE],
    "note": f"They {BEE} have left.",
    "handle": f"q{BEE}",
}


def inputs() -> list[tuple[str, str, GraphQLInputType]]:
    """Each field of the input of each mutation, with its type."""
    mutations = schema._schema.mutation_type
    assert mutations is not None
    found = []
    for name, mutation in mutations.fields.items():
        input = get_named_type(mutation.args["input"].type)
        assert isinstance(input, GraphQLInputObjectType)
        found += [(name, field, entry.type) for field, entry in input.fields.items()]
    return found


def tries(name: str, field: str, type: GraphQLInputType, input: Any) -> list[tuple[Any, str]]:
    """Values for a field, each with what the mutation comes to."""
    named, required = get_named_type(type), isinstance(type, GraphQLNonNull)
    wrong: list[tuple[Any, str]] = [({"a": 1}, BAD), *([(None, BAD)] if required else [])]
    if is_enum_type(named):
        wrong += [("SIDEWAYS", BAD), ("", BAD)]
    elif named.name == "Boolean":
        wrong += [("yes", BAD), (1, BAD)]
    elif named.name == "Int":
        wrong += [(-1, "NotFound"), (0, "NotFound"), (2**31 - 1, "NotFound"), (2**31, BAD)]
        wrong += [("1", BAD), (1.5, BAD)]
    elif named.name == "ID":
        wrong += ids(name, field) if input.get(field) else []
    elif not is_list_type(type):
        wrong += [(5, BAD), (["a"], BAD)] if named.name == "String" else []
    return wrong + EXCEPTIONS.get((name, field), TEXTS.get(field, []))


def ids(mutation: str, field: str) -> list[tuple[Any, str]]:
    """Ids that name nothing, or something else."""
    other = "Comment" if "favorite" in mutation else "Tag"
    wrong = ["", "x", "ÿ", id_of(other, 1), id_of("Question", -1), id_of("Question", 2**32)]
    return [(id, f"Invalid {field}") for id in wrong]


def expected_of(field: str, outcome: str) -> str:
    return f"Invalid {outcome}" if outcome[0].islower() else outcome


@pytest.fixture
async def stage(site_url: str) -> AsyncIterator[Stage]:
    async with stage_at(site_url, datetime(2026, 4, 1, tzinfo=UTC)) as stage:
        yield stage


async def planted(stage: Stage, **options: Any) -> Garden:
    db = Database(stage.db.settings)
    try:
        return await add_garden(db, **options)
    finally:
        await db.close()


def test_no_mutation_is_missing() -> None:
    assert {name for name, _, _ in inputs()} == set(CASES) | ABOUT_FILES


async def test_every_mutation_succeeds_with_the_input_that_others_are_made_of(
    stage: Stage,
) -> None:
    garden = await planted(stage)
    found = {
        name: await stage.attempt(name, case.input(garden), who=case.identity(garden))
        for name, case in CASES.items()
    }
    assert found == dict.fromkeys(CASES, "Success")


async def test_every_field_of_every_input_is_checked_and_named(stage: Stage) -> None:
    garden = await planted(stage)
    is_mysql, differences = stage.db.engine.dialect.name == "mysql", []
    for name, field, type in inputs():
        if name in ABOUT_FILES:
            continue
        case = CASES[name]
        valid = case.input(garden)
        wide = [(WIDE[field], field if is_mysql else "Success")] if field in WIDE else []
        for value, outcome in tries(name, field, type, valid) + wide:
            if is_mysql and outcome == BAD:
                # Found out before any database is asked.
                continue
            input = {**BESIDE.get(field, {}), **valid, field: value}
            found = await stage.attempt(name, input, who=case.identity(garden))
            if found != expected_of(field, outcome):
                differences.append((name, field, str(value)[:30], found, outcome))
    assert not differences, "\n".join(map(str, differences))


async def test_what_an_id_names_may_have_been_deleted_just_before(stage: Stage) -> None:
    garden = await planted(stage)
    differences = []
    for name, field, type in inputs():
        case = CASES.get(name)
        given = case.input(garden).get(field) if case else None
        if case is None or given is None or get_named_type(type).name not in ("ID", "Int"):
            continue
        stage.db.first = deletions(name, field, given)
        found = await stage.attempt(name, case.input(garden), who=case.identity(garden))
        if found != "NotFound":
            differences.append((name, field, found))
    assert not differences, "\n".join(map(str, differences))


async def test_a_category_may_have_been_deleted_just_before(stage: Stage) -> None:
    garden = await planted(stage)
    stage.db.first = [delete(Category)]
    for name in ("askQuestion", "editQuestion"):
        case = CASES[name]
        input = {**case.input(garden), "category": id_of("Category", 1)}
        found = await stage.attempt(name, input, who=case.identity(garden))
        assert found == "Invalid category"


async def test_the_viewers_account_may_have_been_deleted_just_before(stage: Stage) -> None:
    garden = await planted(stage)
    for name, case in CASES.items():
        who = case.identity(garden)
        stage.db.first = [delete(User).where(User.id == who.user_id)]
        found = await stage.attempt(name, case.input(garden), who=who)
        # Their vote went with it, and they are the author of nothing: that may be the reason.
        assert found in ("NotFound", "NOT_DONE", "LEVEL"), name


def deletions(mutation: str, field: str, id: str | int) -> list[Executable]:
    """Delete what an id names, with all that stands below it."""
    if isinstance(id, int):
        table: Any = Message if mutation == "deleteWallPost" else Notice
        return [delete(table).where(table.id == id)]
    named = nodes.decode(id)
    assert named is not None
    if named.type in ("User", "Revision"):
        table = User if named.type == "User" else Revision
        return [delete(table).where(table.id == named.key)]
    below = update(Post).where(Post.parent_id == named.key).values({Post.parent_id: None})
    reopened = update(Post).values({Post.closed_by_id: None})
    return [below, reopened, delete(Post).where(Post.id == named.key)]


async def test_a_field_that_is_required_is_missed(stage: Stage) -> None:
    garden = await planted(stage)
    mutations = schema._schema.mutation_type
    assert mutations is not None
    for name, case in CASES.items():
        type = get_named_type(mutations.fields[name].args["input"].type)
        assert isinstance(type, GraphQLInputObjectType)
        for field, entry in type.fields.items():
            if is_required_input_field(entry):
                input = {key: value for key, value in case.input(garden).items() if key != field}
                found = await stage.attempt(name, input, who=case.identity(garden))
                assert found == BAD, (name, field)
        unknown = {**case.input(garden), "surprise": 1}
        assert await stage.attempt(name, unknown, who=case.identity(garden)) == BAD
