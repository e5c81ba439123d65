"""What is compiled, what is kept of it, and what is left to graphql-core."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import GraphQLResolveInfo, parse, visit
from graphql.language import FieldNode, NameNode, Visitor
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.schema.config import StrawberryConfig

from tests.wingbeat.twice import compiled, compiling, plans_of, stock, twice
from wingbeat import Limits
from wingbeat.executor import CompilingExecutor
from wingbeat.plan import compile_plan


@strawberry.type
class Row:
    a: int = 1
    b: str = "b"
    c: str | None = None

    @strawberry.field
    def child(self) -> "Row":
        return Row()


@strawberry.type
class Query:
    @strawberry.field
    def row(self, info: strawberry.Info) -> Row:
        return Row()

    @strawberry.field
    def rows(self, first: int = 3) -> list[Row]:
        return [Row(a=n) for n in range(first)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> int:
        return 1


async def test_an_operation_is_compiled_when_it_is_met_again() -> None:
    schema = compiling(Query, Limits())
    plans = plans_of(schema)

    for _ in range(3):
        assert (await schema.execute("{ row { a } }")).data == {"row": {"a": 1}}

    assert plans.compiled == 2
    assert plans.stock == {"met for the first time": 1}


async def test_documents_parsed_anew_find_their_plan() -> None:
    schema = compiling(Query)

    for _ in range(3):
        await compiled(schema, "{ row { a } }")

    assert len(plans_of(schema)) == 1
    assert plans_of(schema).weight == 3


class Renaming(Visitor):
    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        return FieldNode(name=NameNode(value="b"), loc=node.loc) if node.name.value == "a" else None


class Rewriting(SchemaExtension):
    """Executes another document than was sent, from the second request on."""

    requests = 0

    def on_parse(self) -> Iterator[None]:
        type(self).requests += 1
        document = parse(self.execution_context.query or "")
        if self.requests > 1:
            document = visit(document, Renaming())
        self.execution_context.graphql_document = document
        yield


async def test_a_document_that_is_not_that_of_its_text_is_not_confused_with_it() -> None:
    schema = compiling(Query, extensions=[Rewriting])

    assert (await schema.execute("{ row { a } }")).data == {"row": {"a": 1}}
    assert (await schema.execute("{ row { a } }")).data == {"row": {"b": "b"}}


async def test_plans_depend_on_the_values_of_directives_only() -> None:
    schema = compiling(Query, Limits(at_once=True, variants=3))
    document = """query ($x: Boolean!, $y: Boolean = false, $first: Int!) {
        rows(first: $first) { a @include(if: $x) ...More b }
    }
    fragment More on Row { c @skip(if: $y) }"""

    for first in range(4):
        await twice(schema, document, variable_values={"x": True, "first": first})
    await twice(schema, document, variable_values={"x": False, "first": 1})
    await twice(schema, document, variable_values={"x": False, "y": True, "first": 1})
    await schema.execute(document, variable_values={"x": True, "y": True, "first": 1})

    assert plans_of(schema).stock["too many variants"] == 1
    assert len(plans_of(schema)) == 1


async def test_plans_are_kept_within_bounds() -> None:
    schema = compiling(Query, Limits(at_once=True, fields=100, plan_fields=20))
    plans = plans_of(schema)

    for number in range(200):
        fields = " ".join(f"f{number}x{n}: a" for n in range(number % 30))
        await schema.execute(f"{{ row {{ a {fields} }} }}")
        assert plans.weight <= 100

    assert plans.stock["too many fields"] > 0
    assert sum(known.weight for known in plans._known.values()) == plans.weight


async def test_long_texts_count_as_much_as_what_they_are_compiled_to() -> None:
    schema = compiling(Query, Limits(at_once=True, fields=100))
    plans = plans_of(schema)

    for number in range(20):
        await schema.execute(f"{{ row {{ a{number}: a }} }} # {'.' * 40_000}")

    assert len(plans) < 10
    assert sum(known.weight for known in plans._known.values()) == plans.weight <= 100


async def test_what_was_met_once_is_forgotten_within_bounds() -> None:
    schema = compiling(Query, Limits(sightings=10))

    for number in range(50):
        await schema.execute(f"{{ row {{ a{number}: a }} }}")

    assert len(plans_of(schema)._sightings) == 10
    assert len(plans_of(schema)) == 0


class Wrapping(SchemaExtension):
    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        return _next(root, info, *args, **kwargs)


@pytest.mark.parametrize(
    ("document", "reason", "options"),
    [
        ("mutation { change }", "not a query", {}),
        ("{ __schema { queryType { name } } }", "introspection", {}),
        ("{ row { a } }", "middleware", {"extensions": [Wrapping]}),
        ("{ row " + "{ child " * 70 + "{ a }" + "}" * 71, "too many levels", {}),
    ],
)
async def test_what_is_not_known_beforehand_is_left_to_graphql_core(
    document: str, reason: str, options: dict[str, Any]
) -> None:
    schema = compiling(Query, mutation=Mutation, **options)

    result = await schema.execute(document)

    assert result.errors is None
    assert plans_of(schema).stock == {reason: 1}


async def test_deferred_fragments_are_left_to_graphql_core() -> None:
    config = StrawberryConfig(enable_experimental_incremental_execution=True)
    schema = compiling(Query, config=config)

    await schema.execute("{ row { ... @defer { a } } }")

    assert plans_of(schema).stock == {"deferred": 1}


async def test_it_can_be_switched_off() -> None:
    schema = compiling(Query)

    assert (await stock(schema, "{ row { a } }")).data == {"row": {"a": 1}}

    assert plans_of(schema).stock == {"switched off": 1}


async def test_source_is_made_of_repr_and_identifiers_only() -> None:
    class Odd:
        pass

    setattr(Odd, "a b", "spaces")

    @strawberry.type
    class Named:
        spaced: str = strawberry.field(name="spaced", default="x")

    Named.__strawberry_definition__.fields[0].python_name = "a b"  # type: ignore[attr-defined]

    @strawberry.type
    class Names:
        @strawberry.field
        def named(self) -> Named:
            return Odd()  # type: ignore[return-value]

    both = await twice(compiling(Names), "{ named { spaced __typename class: spaced } }")

    assert both.compiled.data == {
        "named": {"spaced": "spaces", "__typename": "Named", "class": "spaces"}
    }


async def test_info_says_what_graphql_core_says() -> None:
    seen: list[Any] = []

    def note(info: strawberry.Info) -> None:
        raw: GraphQLResolveInfo[Any] = info._raw_info
        names = [
            "field_name", "return_type", "parent_type", "path", "schema", "fragments", "root_value",
            "operation", "variable_values", "is_awaitable", "abort_signal", "operation_extensions",
            "field_nodes", "context",
        ]  # fmt: skip
        facts = [getattr(raw, name) for name in names]
        selected = [getattr(field, "name", None) for field in info.selected_fields]
        seen.append([*facts, selected, info.variable_values, info.python_name])

    @strawberry.type
    class Told:
        @strawberry.field
        def told(self, info: strawberry.Info, x: int = 1) -> list["Told"]:
            note(info)
            return [Told(), Told()] if len(info.path.as_list()) < 4 else []

    globals()["Told"] = Told

    @strawberry.type
    class Tell:
        @strawberry.field
        def tell(self, info: strawberry.Info) -> Told:
            note(info)
            return Told()

    document = "query ($x: Int = 2) { tell { told(x: $x) { ...F } told(x: $x) { __typename } } } "
    document += "fragment F on Told { again: told { __typename } }"
    schema = compiling(Tell)
    await stock(schema, document, root_value="root", context_value="context")
    expected, seen[:] = list(seen), []

    await compiled(schema, document, root_value="root", context_value="context")

    assert len(seen) == 4
    assert seen == expected


class Exclaiming(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        nodes = len(info._raw_info.field_nodes)
        return f"{next_(source, info, **kwargs)} at {info.path.as_list()} of {nodes}!"


async def test_field_extensions_get_the_real_info() -> None:
    @strawberry.type
    class Extended:
        @strawberry.field(extensions=[Exclaiming()])
        def text(self, word: str = "x") -> str:
            return word

    @strawberry.type
    class Extends:
        @strawberry.field
        def rows(self) -> list[Extended]:
            return [Extended(), Extended()]

    both = await twice(compiling(Extends), "{ rows { text text } }")

    assert (both.compiled.data or {})["rows"][1] == {"text": "x at ['rows', 1, 'text'] of 2!"}


def test_a_plan_of_many_fields_takes_little_memory() -> None:
    schema = compiling(Query)
    fields = " ".join(f"r{n}: row {{ a b c child {{ a b c }} }}" for n in range(150))
    executor = CompilingExecutor.build(schema._schema, parse(f"{{ {fields} }}"))
    assert isinstance(executor, CompilingExecutor)

    plan = compile_plan(executor, most_fields=2_000)

    assert plan.fields == 150 * 8
    assert _size(plan.root) < 5 * 2**20


def _size(thing: Any) -> int:
    """Bytes of everything that belongs to a plan, and to nothing else."""
    seen: set[int] = set()
    waiting, total = [thing], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or type(one).__module__.startswith(("graphql", "strawberry")):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
        elif type(one).__module__.startswith("wingbeat"):
            waiting += vars(one).values() if hasattr(one, "__dict__") else []
        elif hasattr(one, "__closure__"):
            waiting += [cell.cell_contents for cell in one.__closure__ or ()]
    return total
