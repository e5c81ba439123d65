"""Executing one query by both executors, and saying what differs."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from graphql import DocumentNode, GraphQLError, parse, specified_rules
from strawberry.schema.schema import validate_document
from strawberry.types import ExecutionResult

from tests.wingbeat.garden import GardenExecutor, World, schema
from tests.wingbeat.leftovers import collect, forgiven, idle
from tests.wingbeat.queries import Made

Path = tuple[str | int, ...]


class Rates(NamedTuple):
    """The shares of values that raise, that are null and that are of a wrong type."""

    failing: float
    missing: float
    wrong: float


class Answer(NamedTuple):
    """What one executor made of a query; `inside` counts errors by what they have nulled."""

    data: str
    errors: Counter[Any]
    inside: dict[Path, Counter[Any]]
    world: World


def validated(query: Made) -> DocumentNode | None:
    """The query's document; None if it is not valid."""
    document = parse(query.text)
    errors = validate_document(schema._schema, document, specified_rules)
    return None if errors else document


async def answer(
    query: Made, document: DocumentNode, seed: int, rates: Rates, *, compiled: bool
) -> Answer:
    world = World(seed, failing=rates.failing, missing=rates.missing, wrong=rates.wrong)
    plans = GardenExecutor.plans
    before, plans.enabled = plans.compiled, compiled
    try:
        if compiled:
            answered = await _executed(query, document, world)
            collect()
        else:
            with forgiven():
                answered = await _executed(query, document, world)
                await idle()
    finally:
        plans.enabled = True
    assert plans.compiled == before + compiled, plans.stock
    return answered


async def _executed(query: Made, document: DocumentNode, world: World) -> Answer:
    result = await schema.execute(
        query.text,
        query.variables,
        context_value=world,
        operation_extensions={"document": document},
    )
    return _described(result, world)


def _described(result: ExecutionResult, world: World) -> Answer:
    errors: Counter[Any] = Counter()
    inside: dict[Path, Counter[Any]] = defaultdict(Counter)
    for error in result.errors or []:
        path = tuple(error.path or ())
        nulled = _nulled(result.data, path)
        (errors if nulled == path else inside[nulled])[_facts(error)] += 1
    return Answer(json.dumps(result.data, default=repr), errors, dict(inside), world)


def _facts(error: GraphQLError) -> tuple[Any, ...]:
    places = tuple(error.locations or ())
    return error.message, tuple(error.path or ()), places, type(error.original_error)


def _nulled(data: Any, path: Path) -> Path:
    """As much of an error's path as leads to the null that it left."""
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    return path


def check_same(stock: Answer, compiled: Answer) -> None:
    """Fail unless both are the same, but for what the specification leaves open.

    Under one nulled parent it is open which of several errors are reported (section 6.4.4).
    """
    assert compiled.data == stock.data
    shared = stock.inside.keys() | compiled.inside.keys()
    assert _apart(compiled, shared) == _apart(stock, shared)
    assert _nulls(compiled) >= shared
    assert _nulls(stock) >= shared


def _apart(answer: Answer, shared: Iterable[Path]) -> Counter[Any]:
    """The errors that share what they have nulled with no other."""
    return Counter({facts: n for facts, n in answer.errors.items() if facts[1] not in shared})


def _nulls(answer: Answer) -> set[Path]:
    """Everything that an error has nulled."""
    return answer.inside.keys() | {facts[1] for facts in answer.errors}
