"""A hostile document costs no more than an honest one, and is told which limit it met."""

import time
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from app.api import schema as api_schema
from app.config import Settings
from app.endpoint.documents import Documents
from tests.http.conftest import Meadow
from tests.http.meadow import schema

# What the slowest accepted or refused document may take to check, on a machine busy with tests.
SECONDS = 1.5


def documents(**settings: Any) -> Documents:
    return Documents(schema._schema, Settings(**settings))


def refusal(text: str, **settings: Any) -> dict[str, Any]:
    [error] = documents(**settings).checked(text).errors
    assert error.extensions
    return error.extensions


def cost(text: str, **variables: Any) -> int:
    checked = documents().checked(text)
    assert not checked.errors
    return checked.operation(None).cost_with(variables)


def doubling(levels: int) -> str:
    """Fragments of which each spreads the next one twice."""
    fragments = (f"fragment F{i} on Flower{{...F{i + 1} ...F{i + 1}}}" for i in range(levels))
    last = f"fragment F{levels} on Flower{{name}}"
    return "{flower{...F0}}" + "".join(fragments) + last


def chained(levels: int) -> str:
    """Fragments of which each spreads the next one."""
    fragments = (f"fragment F{i} on Flower{{...F{i + 1} name}}" for i in range(levels))
    return "{flower{...F0}}" + "".join(fragments) + f"fragment F{levels} on Flower{{name}}"


def in_a_circle(length: int) -> str:
    fragments = (f"fragment F{i} on Flower{{...F{(i + 1) % length}}}" for i in range(length))
    return "{flower{...F0}}" + "".join(fragments)


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("{" + "hello " * 2000 + "}", "tokens"),
        ("{flower" + "{neighbours" * 20 + "{name}" + "}" * 21, "depth"),
        ("{flower{" + "".join(f"a{i}:name " for i in range(101)) + "}}", "aliases"),
        ("{" + "hello " * 51 + "}", "root fields"),
        ("{" + "...A " * 2 + "}fragment A on Query{" + "hello " * 30 + "}", "root fields"),
        ("{hello " + "@skip(if:false)" * 101 + "}", "directives"),
        ("query " + "@a" * 101 + "{hello}", "directives"),
        (chained(120), "levels"),
        ("{flower{" + "...on Flower{" * 100 + "name" + "}" * 102, "levels"),
        ("{flower{" + "neighbours{name} " * 400 + "}}", "comparisons"),
    ],
)
def test_too_much_of_one_thing_is_refused_by_name(text: str, measure: str) -> None:
    extensions = refusal(text)

    assert extensions["code"] == "COST_EXCEEDED"
    assert extensions["measure"] == measure
    assert extensions["found"] > extensions["limit"]


@pytest.mark.parametrize(
    "text",
    [
        "{flower" + "{neighbours" * 18 + "{name}" + "}" * 19,
        "{flower{" + "".join(f"a{i}:name " for i in range(100)) + "}}",
        "{" + "hello " * 50 + "}",
        "{hello " + "@skip(if:false) hello" * 49 + "}",
        chained(90),
    ],
)
def test_a_document_at_the_limits_is_accepted(text: str) -> None:
    assert documents().checked(text).errors == []


@pytest.mark.parametrize(
    "text",
    [
        doubling(20),
        doubling(200),
        chained(220),
        in_a_circle(90),
        in_a_circle(240),
        "{flower{" + "name " * 1900 + "}}",
        "{flower{" + "neighbours{name} " * 490 + "}}",
        "{flower{" + "flowers(first:1){nodes{name}} " * 150 + "}}",
        "{flower{" + "... on Flower{name} " * 330 + "}}",
        "{flower{" + " ".join(f"wrong{i}" for i in range(1900)) + "}}",
        "{flowers(first:" + "9" * 190_000 + "){total}}",
        "#\n" * 90_000 + "{hello}",
        "{" * 100_000,
        "{byIds(ids:" + "[" * 90_000,
        '{hello(name:"' + "\\u0041" * 30_000 + '")}',
    ],
)
def test_no_document_takes_long_to_check(text: str) -> None:
    started = time.process_time()

    documents().checked(text)

    assert time.process_time() - started < SECONDS


def test_a_fragment_that_spreads_the_next_twice_is_counted_as_what_it_would_cost() -> None:
    operation = documents().checked(doubling(20)).operation(None)

    assert operation.cost_with({}) == 1 + 2**20


@pytest.mark.parametrize("text", [in_a_circle(1), in_a_circle(3), in_a_circle(90)])
def test_fragments_in_a_circle_are_refused_by_validation(text: str) -> None:
    checked = documents().checked(text)

    assert "itself" in checked.errors[0].message
    assert checked.errors[0].extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ hello }", {}, 1),
        ("{ hello a: hello }", {}, 2),
        ("{ flower { name colours } }", {}, 3),
        # A list without pages counts as five rows.
        ("{ flower { neighbours { name } } }", {}, 2 + 5 * 1),
        # The rows belong to the list below the field that says how many.
        ("{ flowers(first: 30) { total nodes { name } } }", {}, 3 + 30 * 1),
        ("{ flowers(last: 30) { nodes { name } } }", {}, 2 + 30 * 1),
        ("{ flowers { nodes { name } } }", {}, 2 + 20 * 1),
        ("{ flowers(first: null) { nodes { name } } }", {}, 2 + 20 * 1),
        # The schema's default, where it has one.
        ("{ flower { petals { nodes { name } } } }", {}, 3 + 10 * 1),
        ("{ flower { petals(first: 3) { nodes { name } } } }", {}, 3 + 3 * 1),
        # More than a hundred rows no field gives: it has an error of its own for that.
        ("{ flowers(first: 5000) { nodes { name } } }", {}, 2 + 100),
        ("{ flowers(first: -5) { nodes { name } } }", {}, 2),
        ("query($n: Int) { flowers(first: $n) { nodes { name } } }", {"n": 7}, 2 + 7),
        ("query($n: Int) { flowers(first: $n) { nodes { name } } }", {}, 2 + 20),
        ("query($n: Int) { flowers(first: $n) { nodes { name } } }", {"n": None}, 2 + 20),
        ("query($n: Int) { flowers(first: $n) { nodes { name } } }", {"n": "x"}, 2 + 20),
        ("query($n: Int = 9) { flowers(first: $n) { nodes { name } } }", {}, 2 + 9),
        ("query($n: Int = 9) { flowers(first: $n) { nodes { name } } }", {"n": 4}, 2 + 4),
        (
            "query($a: Int, $b: Int) { flowers(first: $a, last: $b) { nodes { name } } }",
            {"a": 7},
            2 + 7,
        ),
        ('{ byIds(ids: ["1", "2", "3"]) { name } }', {}, 1 + 3),
        ("query($ids: [ID!]!) { byIds(ids: $ids) { name } }", {"ids": ["1", "2"]}, 1 + 2),
        # Rows times rows.
        (
            "query($n: Int) {"
            " flowers(first: $n) { nodes { flowers(first: $n) { nodes { name } } } } }",
            {"n": 10},
            2 + 10 * (2 + 10),
        ),
        # Inside fragments, named or not.
        (
            "query($n: Int) { flowers(first: $n) { ...A } }"
            " fragment A on Flowers { nodes { name } }",
            {"n": 10},
            2 + 10,
        ),
        ("{ flowers(first: 10) { ... { nodes { ... on Flower { name } } } } }", {}, 2 + 10),
    ],
)
def test_the_cost_is_fields_times_the_rows_asked_for(
    text: str, variables: dict[str, Any], expected: int
) -> None:
    assert cost(text, **variables) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{" + "".join(f's{n}: search(query: "bee") {{ totalCount }}' for n in range(50)) + "}",
        "{ questions(first: 50) { nodes { related(first: 1) { totalCount } } } }",
    ],
)
def test_fifty_lookups_in_the_index_of_words_cost_half_of_what_a_document_may(text: str) -> None:
    checked = Documents(api_schema._schema, Settings()).checked(text)

    assert not checked.errors
    assert checked.operation(None).cost_with({}) >= Settings().max_cost / 2


async def test_a_document_above_the_cost_limit_is_told_its_cost_and_the_limit(
    meadow: Meadow,
) -> None:
    client = await meadow(max_cost=100)
    query = "query($n: Int!) { flowers(first: $n) { nodes { name } } }"

    fits = await client.post("/graphql", json={"query": query, "variables": {"n": 98}})
    refused = await client.post("/graphql", json={"query": query, "variables": {"n": 99}})

    assert "errors" not in fits.json()
    assert refused.json()["errors"][0]["extensions"] == {
        "code": "COST_EXCEEDED",
        "measure": "cost",
        "cost": 101,
        "limit": 100,
    }


async def test_a_client_that_asks_is_told_the_cost(meadow: Meadow) -> None:
    client = await meadow(max_cost=20000)
    query = {"query": "{ flowers(first: 10) { nodes { name } } }"}

    silent = await client.post("/graphql", json=query)
    asked = await client.post("/graphql", json=query, headers={"x-waggle-cost": "1"})

    assert set(silent.json()) == {"data"}
    assert asked.json()["extensions"] == {"cost": {"requested": 12, "limit": 20000}}


async def test_the_introspection_of_graphiql_passes(client: httpx.AsyncClient) -> None:
    query = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    response = await client.post("/graphql", json={"query": query})

    assert "errors" not in response.json()
    assert response.json()["data"]["__schema"]["queryType"]["name"] == "Query"


def test_a_document_is_parsed_and_validated_once() -> None:
    store = documents()

    assert store.checked("{ hello }") is store.checked("{ hello }")
    assert store.checked("{ nothing }") is store.checked("{ nothing }")


def test_what_was_not_asked_for_lately_is_forgotten() -> None:
    store = documents()
    first = store.checked("{ hello }")
    kept = store.checked("{ a: hello }")
    for number in range(999):
        store.checked(f"{{ a: hello }} # {number}")
        assert store.checked("{ a: hello }") is kept

    assert store.checked("{ hello }") is not first


def test_long_documents_are_forgotten_sooner() -> None:
    store = documents()
    first = store.checked("{ hello }")
    for number in range(11):
        store.checked("{ hello }" + " " * 100_000 + f"# {number}")

    assert store.checked("{ hello }") is not first


def test_a_document_that_speaks_of_more_is_not_too_much() -> None:
    assert refusal('{ hello "more than" }')["code"] == "GRAPHQL_PARSE_FAILED"
