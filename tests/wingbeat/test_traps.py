"""What a compiling executor is tempted to get wrong: values and errors."""

# mypy: disable-error-code="no-any-return"

from collections.abc import Iterator
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.extensions import MaskErrors

from tests.wingbeat.twice import compiled, compiling, stock, twice


@strawberry.type
class Row:
    number: strawberry.Private[int] = 0
    text: str = "text"
    id: strawberry.ID = strawberry.ID("1")

    @strawberry.field
    def failing(self) -> str:
        raise ValueError(f"{self.number} failed")

    @strawberry.field
    async def failing_later(self) -> strawberry.ID | None:
        raise ValueError("failed later")


async def test_an_error_never_becomes_text() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Row | None]:
            return [Row(number=n, text=ValueError("given")) for n in range(2)]  # type: ignore[arg-type]

    both = await twice(compiling(Query), "{ rows { text failing failingLater id } }")

    assert both.compiled.data == {"rows": [None, None]}


async def test_a_nullable_error_leaves_its_siblings() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def row(self) -> Row | None:
            return Row()

    both = await twice(compiling(Query), "{ row { text failingLater id } }")

    assert both.compiled.data == {"row": {"text": "text", "failingLater": None, "id": "1"}}
    assert [error.path for error in both.compiled.errors or []] == [["row", "failingLater"]]


class Reading:
    """Counts how often its attributes are read; the last one cannot be."""

    def __init__(self) -> None:
        self.reads: list[str] = []

    @property
    def first(self) -> str:
        self.reads.append("first")
        return "first"

    @property
    def second(self) -> str:
        self.reads.append("second")
        raise ValueError("second failed")


async def test_no_attribute_is_read_twice() -> None:
    @strawberry.type
    class Both:
        first: str | None
        second: str | None

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self, info: strawberry.Info) -> list[Both]:
            return info.context

    rows = [Reading() for _ in range(3)]
    result = await compiled(compiling(Query), "{ rows { first second } }", context_value=rows)

    assert result.data == {"rows": [{"first": "first", "second": None}] * 3}
    assert [row.reads for row in rows] == [["first", "second"]] * 3


async def test_an_attribute_may_hold_something_to_await() -> None:
    async def later() -> str:
        return "later"

    @strawberry.type
    class Late:
        text: str
        maybe: str | None

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Late]:
            rows: list[Any] = [SimpleNamespace(text=later(), maybe=later()) for _ in range(2)]
            return rows

    await twice(compiling(Query), "{ rows { text maybe } }")


async def test_users_errors_have_no_context_of_ours() -> None:
    @strawberry.type
    class Missing:
        text: str | None
        count: int | None

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Missing]:
            rows: list[Any] = [SimpleNamespace(text="a", count="many"), SimpleNamespace(count=1)]
            return rows

    both = await twice(compiling(Query), "{ rows { text count } }")

    for result in both:
        originals = [error.original_error for error in result.errors or []]
        assert len(originals) == 2
        # graphql-core itself says why "many" is no number; nothing else is behind it.
        causes = [getattr(error, "__context__", None) for error in originals]
        assert {type(cause) for cause in causes} <= {ValueError, type(None)}


async def test_several_failures_under_one_parent_null_it() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def row(self) -> Row | None:
            return Row()

    schema = compiling(Query)
    document = "{ row { a: failing b: failing c: failingLater } }"
    for result in (await stock(schema, document), await compiled(schema, document)):
        assert result.data == {"row": None}
        assert result.errors
        assert {(error.path or [""])[0] for error in result.errors} == {"row"}


async def test_objects_do_not_share_arguments_that_can_be_changed() -> None:
    @strawberry.input
    class Wish:
        words: list[str]

    @strawberry.type
    class Wishing:
        @strawberry.field
        def lists(self, words: list[str]) -> int:
            words.append("more")
            return len(words)

        @strawberry.field
        def inputs(self, wish: Wish) -> int:
            wish.words.append("more")
            return len(wish.words)

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Wishing]:
            return [Wishing(), Wishing(), Wishing()]

    document = "query ($w: [String!]!) { rows { lists(words: $w) inputs(wish: {words: $w}) } }"
    both = await twice(compiling(Query), document, variable_values={"w": ["one"]})

    assert both.compiled.data == {"rows": [{"lists": 2, "inputs": 2}] * 3}


@strawberry.type
class Cat:
    name: str = "cat"


@strawberry.type
class Dog:
    name: str = "dog"


class Stray:
    name = "stray"


async def test_a_cast_decides_on_the_type_of_its_object_alone() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def pets(self) -> list[Annotated[Cat | Dog, strawberry.union("Pet")]]:
            cast: list[Any] = [strawberry.cast(Cat, Stray()), strawberry.cast(Dog, Stray())]
            return [Cat(), Dog(), *cast, Dog(), strawberry.cast(Cat, Dog())]

    schema, document = compiling(Query), "{ pets { __typename ... on Cat { name } } }"
    await twice(schema, document)
    both = await twice(schema, document)

    assert [pet["__typename"] for pet in (both.compiled.data or {})["pets"]] == [
        "Cat", "Dog", "Cat", "Dog", "Dog", "Cat"
    ]  # fmt: skip


async def test_what_is_of_no_type_of_a_union_fails_where_it_is() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def pets(self) -> list[Annotated[Cat | Dog, strawberry.union("Pet")] | None]:
            return [Cat(), Stray(), Dog()]  # type: ignore[list-item]

    both = await twice(compiling(Query), "{ pets { __typename } }")

    assert [error.path for error in both.compiled.errors or []] == [["pets", 1]]


async def test_a_type_may_be_resolved_later() -> None:
    async def resolve(value: Any, info: Any, type_: Any) -> str:
        if value.name == "?":
            raise ValueError("unknown")
        return "Tame"

    @strawberry.interface
    class Animal:
        name: str

        @classmethod
        def resolve_type(cls, value: Any, info: Any, type_: Any) -> Any:
            return resolve(value, info, type_)

    @strawberry.type
    class Tame(Animal):
        @classmethod
        def is_type_of(cls, value: Any, info: Any) -> bool:
            return bool(value.name != "wild")

    @strawberry.type
    class Query:
        @strawberry.field
        def animals(self) -> list[Animal | None]:
            return [Tame(name="a"), Tame(name="?"), Tame(name="wild")]

    Animal.__strawberry_definition__.resolve_type = Animal.resolve_type  # type: ignore[attr-defined]
    both = await twice(compiling(Query, types=[Tame]), "{ animals { name } }")

    assert both.compiled.data == {"animals": [{"name": "a"}, None, None]}


async def test_iterables_of_every_kind_are_lists() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("half-way")

    async def streamed() -> Any:
        yield 1
        yield 2

    async def streamed_halfway() -> Any:
        yield 1
        raise ValueError("half-way")

    values: dict[str, Any] = {
        "a": (1, 2), "b": {3}, "c": (n for n in (4, 5)), "d": failing(), "e": streamed(),
        "f": streamed_halfway(), "g": "text", "h": 5, "i": {"k": 1}.keys(), "j": {"k": 1},
    }  # fmt: skip

    @strawberry.type
    class Query:
        @strawberry.field
        def numbers(self, info: strawberry.Info, of: str) -> list[int | None] | None:
            return info.context()[of]

    def fresh() -> dict[str, Any]:
        return {
            **values, "c": (n for n in (4, 5)), "d": failing(), "e": streamed(),
            "f": streamed_halfway(),
        }  # fmt: skip

    document = "{" + " ".join(f'{name}: numbers(of: "{name}")' for name in values) + "}"
    await twice(compiling(Query), document, context_value=fresh)


async def test_exceptions_are_masked_as_ever() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def row(self) -> Row | None:
            return Row()

    both = await twice(compiling(Query, extensions=[MaskErrors]), "{ row { text failing } }")

    assert [error.message for error in both.compiled.errors or []] == ["Unexpected error."]


class Level(Enum):
    LOW = 1
    HIGH = "high"


strawberry.enum(Level)
ODD_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, -(2**31), 2**31 - 1, 1.0, 1.5, float("nan"), float("inf"),
    "", "text", "1", b"bytes", [], [1], {}, {"a": 1}, (), object, Level.LOW, Level.HIGH,
    ValueError("a value"), Exception, print,
]  # fmt: skip


@pytest.mark.parametrize("scalar", [str, int, float, bool, strawberry.ID, Level])
async def test_leaves_of_every_type_take_odd_values_alike(scalar: Any) -> None:
    @strawberry.type
    class Leaves:
        maybe: scalar | None
        must: scalar

        @strawberry.field(graphql_type=scalar | None)
        def resolved(self) -> Any:
            return self.maybe

        @strawberry.field(graphql_type=list[scalar | None])
        def listed(self) -> Any:
            return [self.maybe, *ODD_VALUES]

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Leaves | None]:
            return [Leaves(maybe=value, must=value) for value in ODD_VALUES]

    schema = compiling(Query)
    await twice(schema, "{ rows { maybe resolved listed } }")
    await twice(schema, "{ rows { must } }")
