"""What a compiling executor is tempted to get wrong: tasks, waves, cancellation, loaders."""

# mypy: disable-error-code="no-any-return"

import asyncio
import gc
import weakref
from contextvars import ContextVar
from typing import Any

import pytest
import strawberry
from strawberry.dataloader import DataLoader

from tests.wingbeat.twice import compiled, compiling, plans_of, stock, twice

variable: ContextVar[str] = ContextVar("variable", default="unset")


class Gates:
    """Futures that resolvers wait for, and what happened in which order."""

    def __init__(self) -> None:
        self.gates: dict[str, asyncio.Future[None]] = {}
        self.events: list[str] = []

    async def wait(self, name: str) -> None:
        self.events.append(f"{name} begins")
        try:
            gate = self.gates.setdefault(name, asyncio.get_running_loop().create_future())
            await gate
        except asyncio.CancelledError:
            self.events.append(f"{name} is cancelled")
            raise
        self.events.append(f"{name} ends")

    async def open(self, name: str) -> None:
        self.gates[name].set_result(None)
        await turns()


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@strawberry.type
class Row:
    name: str

    @strawberry.field
    async def child(self, info: strawberry.Info) -> "Row":
        await info.context.wait(self.name)
        return Row(name=self.name + "c")

    @strawberry.field
    async def maybe(self, info: strawberry.Info) -> "Row | None":
        await info.context.wait(self.name)
        return Row(name=self.name + "m")

    @strawberry.field
    def broken(self) -> str:
        raise ValueError("broken")

    @strawberry.field
    async def breaking(self, info: strawberry.Info) -> str:
        await info.context.wait(self.name + " breaking")
        raise ValueError("breaking")


@strawberry.type
class Query:
    @strawberry.field
    def rows(self) -> list[Row | None]:
        return [Row(name="a"), Row(name="b")]

    @strawberry.field
    def sure(self) -> Row:
        return Row(name="s")


schema = compiling(Query)


def begun(document: str, gates: Gates) -> "asyncio.Task[Any]":
    return asyncio.create_task(compiled(schema, document, context_value=gates))


async def test_a_row_does_not_wait_for_the_others() -> None:
    gates = Gates()
    task = begun("{ rows { child { child { name } } } }", gates)
    await turns()

    await gates.open("a")

    assert gates.events == ["a begins", "b begins", "a ends", "ac begins"]
    for name in ("ac", "b", "bc"):
        await gates.open(name)
    assert (await task).data["rows"][1] == {"child": {"child": {"name": "bcc"}}}


async def test_a_column_does_not_wait_for_its_siblings() -> None:
    gates = Gates()
    task = begun(
        "{ rows { child { child { name } } maybe { name } } sure { child { name } } }", gates
    )
    await turns()

    await gates.open("s")

    assert "s ends" in gates.events
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nothing_waits_once_the_whole_answer_is_null() -> None:
    gates = Gates()
    task = begun("{ sure { child { name } breaking } }", gates)
    await turns()

    await gates.open("s breaking")

    result = await task
    assert result.data is None
    assert [error.message for error in result.errors] == ["breaking"]
    assert gates.events[-1] == "s is cancelled"


async def test_what_failed_at_once_is_not_waited_for() -> None:
    gates = Gates()
    result = await begun("{ sure { child { name } broken } }", gates)

    assert result.data is None
    assert gates.events == []


async def test_nothing_below_a_nulled_object_delays_the_answer() -> None:
    gates = Gates()
    task = begun("{ rows { child { name } breaking } }", gates)
    await turns()

    await gates.open("a breaking")
    await gates.open("b breaking")

    result = await task
    assert result.data == {"rows": [None, None]}
    assert sorted(gates.events)[-4:] == [
        "b begins", "b breaking begins", "b breaking ends", "b is cancelled"
    ]  # fmt: skip
    assert len(asyncio.all_tasks()) == 1


async def test_giving_one_row_up_spares_the_loads_of_others() -> None:
    async def load(keys: list[str]) -> list[str]:
        await turns(5)
        return keys

    @strawberry.type
    class Loading:
        name: str

        @strawberry.field
        async def shared(self, info: strawberry.Info) -> str:
            return await info.context.load("shared")

        @strawberry.field
        async def must(self) -> str:
            await asyncio.sleep(0)
            if self.name == "a":
                raise ValueError("must")
            return "must"

    @strawberry.type
    class Loads:
        @strawberry.field
        def rows(self) -> list[Loading | None]:
            return [Loading(name="a"), Loading(name="b")]

    result = await compiled(
        compiling(Loads), "{ rows { shared must } }", context_value=DataLoader(load_fn=load)
    )

    assert result.data == {"rows": [None, {"shared": "shared", "must": "must"}]}


async def test_cancelling_a_request_reaches_every_resolver() -> None:
    gates = Gates()
    task = begun("{ rows { child { name } maybe { name } } }", gates)
    await turns()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    cancelled = sorted(event for event in gates.events if "cancelled" in event)
    assert cancelled == ["a is cancelled"] * 2 + ["b is cancelled"] * 2
    assert len(asyncio.all_tasks()) == 1


async def test_a_request_cancelled_before_it_begins_leaves_nothing() -> None:
    gates = Gates()
    task = begun("{ rows { child { name } } }", gates)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert gates.events == []


async def test_a_resolver_that_is_cancelled_cancels_the_request() -> None:
    @strawberry.type
    class Cancelling:
        @strawberry.field
        async def a(self) -> int:
            raise asyncio.CancelledError

        @strawberry.field
        async def b(self) -> int:
            await asyncio.sleep(60)
            return 1

    for execute in (stock, compiled):
        with pytest.raises(asyncio.CancelledError):
            await execute(compiling(Cancelling), "{ a b }")


async def test_a_timeout_ends_its_own_resolver_only() -> None:
    @strawberry.type
    class Slow:
        number: int

        @strawberry.field
        async def limited(self) -> str:
            try:
                async with asyncio.timeout(0.001 if self.number else 60):
                    await asyncio.sleep(60 if self.number else 0)
            except TimeoutError:
                return "timed out"
            return "in time"

    @strawberry.type
    class Slows:
        @strawberry.field
        def rows(self) -> list[Slow]:
            return [Slow(number=0), Slow(number=1), Slow(number=2)]

        @strawberry.field
        def one(self) -> Slow:
            return Slow(number=1)

    limited = compiling(Slows)
    both = await twice(limited, "{ rows { limited } }")
    await twice(limited, "{ one { limited } }")

    assert (both.compiled.data or {})["rows"][2] == {"limited": "timed out"}


async def test_rows_do_not_see_each_others_context_variables() -> None:
    @strawberry.type
    class Setting:
        number: int

        @strawberry.field
        async def seen(self) -> str:
            before = variable.get()
            variable.set(str(self.number))
            await asyncio.sleep(0)
            return before + variable.get()

    @strawberry.type
    class Settings:
        @strawberry.field
        def rows(self) -> list[Setting]:
            return [Setting(number=n) for n in range(3)]

    variable.set("request")
    both = await twice(compiling(Settings), "{ rows { seen } }")

    assert (both.compiled.data or {})["rows"][2] == {"seen": "request2"}


async def test_one_future_may_be_awaited_by_many() -> None:
    @strawberry.type
    class Sharing:
        @strawberry.field
        def given(self, info: strawberry.Info) -> str | None:
            return info.context["future"]

        @strawberry.field
        async def awaited(self, info: strawberry.Info) -> str:
            return await info.context["future"]

    @strawberry.type
    class Shares:
        @strawberry.field
        def rows(self, info: strawberry.Info) -> list[Sharing]:
            loop = asyncio.get_running_loop()
            info.context["future"] = loop.create_future()
            loop.call_later(0.001, info.context["future"].set_result, "shared")
            return [Sharing(), Sharing()]

    await twice(compiling(Shares), "{ rows { given awaited } }", context_value={})


@strawberry.type
class Leaf:
    number: int

    @strawberry.field
    def future(self, info: strawberry.Info) -> "Leaf":
        return info.context.load(self.number + 10)

    @strawberry.field
    async def later(self, info: strawberry.Info) -> "Leaf":
        first = await info.context.load(self.number + 10)
        return await info.context.load(first.number + 10)


@strawberry.type
class Leaves:
    @strawberry.field
    def rows(self) -> list[Leaf]:
        return [Leaf(number=n) for n in range(5)]


@pytest.mark.parametrize("field", ["future", "later"])
async def test_loads_of_a_level_make_one_batch(field: str) -> None:
    batches: list[int] = []

    async def load(keys: list[int]) -> list[Leaf]:
        batches.append(len(keys))
        return [Leaf(number=key) for key in keys]

    leaves = compiling(Leaves)
    document = f"{{ rows {{ {field} {{ {field} {{ number }} }} }} }}"
    for execute in (stock, compiled):
        batches.clear()
        loader = DataLoader(load_fn=load, cache=False)
        await execute(leaves, document, context_value=loader)
        assert batches == [5] * (2 if field == "future" else 4)


def test_without_an_event_loop_graphql_core_executes() -> None:
    result = schema.execute_sync("{ rows { name } }")

    assert result.data == {"rows": [{"name": "a"}, {"name": "b"}]}
    assert plans_of(schema).stock["synchronous"] >= 1


async def test_a_synchronous_execution_in_a_loop_is_graphql_cores_as_well() -> None:
    before = plans_of(schema).compiled

    schema.execute_sync("{ rows { name } }")

    assert plans_of(schema).compiled == before


async def test_what_a_request_knew_is_gone_when_it_is_answered() -> None:
    gates = Gates()
    task = begun("{ rows { child { name } } sure { maybe { name } } }", gates)
    await turns()
    for name in ("a", "b", "s"):
        await gates.open(name)
    assert (await task).errors is None
    known = weakref.ref(gates)

    gc.collect()
    gc.disable()
    try:
        del gates, task
        assert known() is None
    finally:
        gc.enable()
