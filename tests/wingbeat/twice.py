"""Executing a document on a small schema by graphql-core and by a compiled plan."""

import json
from typing import Any, NamedTuple

import strawberry
from strawberry.types import ExecutionResult

from tests.wingbeat.leftovers import forgiven, without_tracebacks
from wingbeat import CompilingExecutor, Limits, Plans


class Twice(NamedTuple):
    """Both results of a document."""

    stock: ExecutionResult
    compiled: ExecutionResult


def compiling(query: type, limits: Limits | None = None, **options: Any) -> strawberry.Schema:
    """A schema whose operations are compiled at once, with plans of its own."""
    plans = Plans(limits or Limits(at_once=True))
    executor = type("Executor", (CompilingExecutor,), {"plans": plans})
    return strawberry.Schema(query, execution_context_class=executor, **options)


def plans_of(schema: strawberry.Schema) -> Plans:
    executor: Any = schema.execution_context_class
    plans: Plans = executor.plans
    return plans


async def stock(schema: strawberry.Schema, document: str, **options: Any) -> ExecutionResult:
    plans = plans_of(schema)
    plans.enabled = False
    try:
        with forgiven():
            return without_tracebacks(await schema.execute(document, **options))
    finally:
        plans.enabled = True


async def compiled(schema: strawberry.Schema, document: str, **options: Any) -> ExecutionResult:
    plans = plans_of(schema)
    before = plans.compiled
    result = await schema.execute(document, **options)
    assert plans.compiled == before + 1, plans.stock
    return result


async def twice(schema: strawberry.Schema, document: str, **options: Any) -> Twice:
    """Both results, which have been found to be the same."""
    both = Twice(
        await stock(schema, document, **options), await compiled(schema, document, **options)
    )
    assert _text(both.compiled.data) == _text(both.stock.data)
    assert _errors(both.compiled) == _errors(both.stock)
    return both


def _text(data: Any) -> str:
    return json.dumps(data, default=repr)


def _errors(result: ExecutionResult) -> list[Any]:
    return [
        (error.message, error.path, error.locations, type(error.original_error))
        for error in result.errors or []
    ]
