"""Leaves that generated source reads: called once, in their order, and nothing left open."""

# mypy: disable-error-code="no-any-return"

import asyncio
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any

import pytest
import strawberry

from tests.wingbeat.twice import compiled, compiling, twice


@strawberry.type
class Row:
    number: strawberry.Private[int]
    text: str = "text"

    @strawberry.field
    def sum(self, by: int) -> int:
        return self.number + by

    @strawberry.field
    def failing(self) -> str:
        raise ValueError(f"{self.number} failed")


@strawberry.type
class Many:
    @strawberry.field
    def rows(self) -> list[Row | None]:
        return [Row(number=n) for n in range(2)]


async def test_leaves_are_resolved_object_by_object_and_other_fields_after_them() -> None:
    called: list[str] = []

    @strawberry.type
    class Noting:
        number: strawberry.Private[int]

        @strawberry.field
        def things(self) -> list[int]:
            called.append(f"t{self.number}")
            return [1]

        @strawberry.field
        def a(self) -> int:
            called.append(f"a{self.number}")
            return 1

        @strawberry.field
        def b(self, info: strawberry.Info, by: int = 2) -> int:
            assert info.path.key == "b"
            assert info.path.prev is not None
            called.append(f"b{info.path.prev.key}")
            return by

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Noting]:
            return [Noting(number=n) for n in range(2)]

    answer = await compiled(compiling(Query), "{ rows { things a b(by: 3) } }")

    assert called == ["a0", "b0", "a1", "b1", "t0", "t1"]
    assert answer.data == {"rows": [{"things": [1], "a": 1, "b": 3}] * 2}


async def test_a_resolver_is_called_once_where_an_attribute_cannot_be_read() -> None:
    called: list[int] = []

    @strawberry.type
    class Numbered:
        order: strawberry.Private[int]
        number: int

        @strawberry.field
        def square(self) -> int:
            called.append(self.order)
            return self.order**2

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Numbered | None]:
            rows = [Numbered(order=n, number=n) for n in range(3)]
            del rows[1].number
            return list(rows)

    both = await twice(compiling(Query), "{ rows { square number } }")

    shown = [{"square": n * n, "number": n} for n in range(3)]
    assert both.compiled.data == {"rows": [shown[0], None, shown[2]]}
    assert called == [0, 1, 2] * 2


async def test_what_has_begun_is_closed_when_a_leaf_breaks_off() -> None:
    begun: list[Any] = []

    class Stop(BaseException):
        pass

    async def late() -> int:
        return 1

    @strawberry.type
    class Breaking:
        number: strawberry.Private[int]

        @strawberry.field
        def a(self) -> int:
            begun.append(late())
            return begun[-1]

        @strawberry.field
        def b(self) -> int:
            if self.number == 1:
                raise Stop
            return 1

    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Breaking]:
            return [Breaking(number=n) for n in range(2)]

    with pytest.raises(Stop):
        await compiling(Query).execute("{ rows { a b } }")

    assert [getcoroutinestate(one) for one in begun] == [CORO_CLOSED] * 2


async def test_what_has_begun_is_closed_when_a_leaf_that_is_there_breaks_off() -> None:
    begun: list[Any] = []

    async def late() -> int:
        return 1

    @strawberry.type
    class Breaking:
        @strawberry.field
        def a(self) -> int:
            given: Any = asyncio.get_running_loop().create_future()
            given.cancel()
            return given

        @strawberry.field
        def b(self) -> int:
            begun.append(late())
            return begun[-1]

    @strawberry.type
    class Query:
        @strawberry.field
        def row(self) -> Breaking:
            return Breaking()

    with pytest.raises(asyncio.CancelledError):
        await compiling(Query).execute("{ row { a b } }")

    assert [getcoroutinestate(one) for one in begun] == [CORO_CLOSED]


async def test_leaves_beyond_what_is_compiled_are_the_same() -> None:
    asked = " ".join(f"a{n}: sum(by: {n}) b{n}: text" for n in range(150))

    both = await twice(compiling(Many), f"{{ rows {{ {asked} }} }}")
    failed = await twice(compiling(Many), f"{{ rows {{ {asked} failing }} }}")

    assert both.compiled.data is not None
    assert list(both.compiled.data["rows"][1].items())[4:6] == [("a2", 3), ("b2", "text")]
    assert failed.compiled.data == {"rows": [None, None]}
