"""A schema with one of everything, whose values come, come late, fail or are wrong as told."""

# mypy: disable-error-code="no-any-return, no-untyped-call"

import asyncio
import enum
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import strawberry
from strawberry import relay
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission
from strawberry.types.field import StrawberryField

from wingbeat import CompilingExecutor, Limits, Plans

T = TypeVar("T")
WRONG: list[Any] = [object(), b"bytes", {"a": 1}, [1], "text", 2**40, float("nan"), True, ""]


class World:
    """What happens in one execution: decided by a seed and the name of a value, never by order.

    :param failing: the share of values that raise
    :param missing: the share that is null
    :param wrong: the share that is of a wrong type
    """

    def __init__(self, seed: int, *, failing: float, missing: float, wrong: float) -> None:
        self.seed = seed
        self.failing, self.missing, self.wrong = failing, missing, wrong
        self.batches: list[list[str]] = []
        self.reads: list[str] = []
        self.loader: DataLoader[str, Any] = DataLoader(load_fn=self._load)

    def chance(self, name: str) -> float:
        return (zlib.crc32(f"{self.seed}:{name}".encode()) % 10_000) / 10_000

    def number(self, name: str, below: int) -> int:
        return zlib.crc32(f"{name}:{self.seed}".encode()) % below

    def value(self, name: str, good: Any, *, whole: bool = False) -> Any:
        """`good`, or something worse; `whole` values are never of a wrong type."""
        chance = self.chance(name)
        if chance < self.failing:
            raise ValueError(f"{name} failed")
        chance -= self.failing
        if chance < self.missing:
            return None
        chance -= self.missing
        if chance < self.wrong and not whole:
            return WRONG[self.number(name, len(WRONG))]
        if chance < self.wrong:
            return RuntimeError(f"{name} was returned")
        return good

    async def later(self, name: str, good: Any, *, whole: bool = False) -> Any:
        for _ in range(self.number(name + "turns", 3)):
            await asyncio.sleep(0)
        return self.value(name, good, whole=whole)

    async def _load(self, keys: list[str]) -> list[Any]:
        self.batches.append(sorted(keys))
        return [self._loaded(key) for key in keys]

    def _loaded(self, key: str) -> Any:
        try:
            return self.value(f"load {key}", self.flower(key), whole=True)
        except ValueError as error:
            return error

    def flower(self, key: str) -> "Flower":
        return Flower(key=key, world=self, **attributes(self, key))

    def some(self, name: str) -> list[str]:
        return [f"{name}.{n}" for n in range(self.number(name, 4))]


def attributes(world: World, key: str) -> dict[str, Any]:
    """Values of the plain attributes: errors cannot be raised there, but given."""
    values: dict[str, Any] = {
        "text": "text",
        "words": "words",
        "count": 7,
        "size": 3,
        "weight": 1.5,
        "share": 0.25,
        "is_open": True,
        "is_old": False,
        "color": Color.RED,
        "shade": Color.BLUE,
        "planted": datetime(2026, 1, 2, tzinfo=UTC),
        "day": date(2026, 1, 2),
        "price": Decimal(5),
        "tags": ["a", "b"],
        "grid": [[1, 2], [3]],
        "anything": {"b": [1, None]},
    }
    for name, good in values.items():
        try:
            values[name] = world.value(f"{key}.{name}", good)
        except ValueError as error:
            values[name] = error
    return values


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


strawberry.enum(Color)
Upper: TypeAlias = Any
UPPER = strawberry.scalar(name="Upper", serialize=lambda v: v.upper(), parse_value=str)


@strawberry.type
class Problem:
    message: str


class ProblemHandler(strawberry.ExceptionHandler[KeyError, Problem]):
    def handle(self, exception: KeyError, *, field: StrawberryField, info: Any) -> Problem:
        return Problem(message=str(exception))


class Doubling(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return str(next_(source, info, **kwargs)) * 2


class Welcome(BasePermission):
    message = "Not welcome."

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return bool(source.world.chance(f"{source.key} welcome") > source.world.failing)


@strawberry.input
class Wish:
    size: int = 1
    words: list[str] = strawberry.field(default_factory=list)


@strawberry.interface
class Growing:
    key: strawberry.Private[str]
    world: strawberry.Private[World]

    @strawberry.field
    def name(self) -> str:
        return self.world.value(f"{self.key}.name", self.key)

    @strawberry.field
    async def neighbor(self) -> "Growing | None":
        return await self.world.later(f"{self.key}.neighbor", grown(self.world, self.key + "n"))


@strawberry.type
class Bee(Growing):
    @strawberry.field
    def sting(self, info: strawberry.Info) -> int:
        return self.world.value(f"{self.key}.sting", len(info.path.as_list()))


class Beetle:
    """Not one of Strawberry's classes: reading its attributes runs code."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.key = world, key

    @property
    def wings(self) -> Any:
        self.world.reads.append(self.key)
        return self.world.value(f"{self.key}.wings", 4)

    @property
    def legs(self) -> Any:
        return self.world.later(f"{self.key}.legs", 6)

    @property
    def kin(self) -> Any:
        self.world.reads.append(self.key + "kin")
        return [Beetle(self.world, key) for key in self.world.some(self.key)[:2]]


@strawberry.type
class Bug:
    wings: int | None
    legs: int | None
    kin: list["Bug"]


@strawberry.type
class Hive(Growing):
    honey: strawberry.Private[Any] = None

    @strawberry.field
    async def bees(self) -> list[Bee]:
        bees = [Bee(key=key, world=self.world) for key in self.world.some(self.key)]
        return await self.world.later(f"{self.key}.bees", bees, whole=True)


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Page(Generic[T]):
    edges: list[Edge[T]]
    next: str | None = None


@strawberry.type
class Stone(relay.Node):
    code: relay.NodeID[str]
    heavy: bool = True

    @classmethod
    def resolve_nodes(cls, *, info: Any, node_ids: Any, required: bool = False) -> Any:
        return [Stone(code=id) for id in node_ids]


@strawberry.type
class Flower(Growing):
    text: str
    words: str | None
    count: int
    size: int | None
    weight: float
    share: float | None
    is_open: bool
    is_old: bool | None
    color: Color
    shade: Color | None
    planted: datetime | None
    day: date | None
    price: Decimal | None
    tags: list[str]
    grid: list[list[int | None] | None] | None
    anything: strawberry.scalars.JSON | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return self.world.value(f"{self.key}.id", strawberry.ID(self.key))

    @strawberry.field
    def maybe_id(self, info: strawberry.Info) -> strawberry.ID | None:
        name = f"{info.field_name}{info.python_name}{info.path.key}"
        return self.world.value(f"{self.key}.maybe_id", strawberry.ID(name))

    @strawberry.field
    def times(self, info: strawberry.Info, factor: int = 2, plus: int | None = None) -> int:
        given = info.variable_values.get("number", 0)
        return self.world.value(f"{self.key}.times", factor * 3 + (plus or 0) + given)

    @strawberry.field
    def wished(self, wish: Wish, colors: list[Color] | None = None) -> str:
        wish.words.append("seen")
        return self.world.value(f"{self.key}.wished", f"{wish} {colors}")

    @strawberry.field
    async def slow(self, color: Color = Color.BLUE) -> str | None:
        return await self.world.later(f"{self.key}.slow", color.name)

    @strawberry.field
    async def must(self) -> str:
        return await self.world.later(f"{self.key}.must", "must")

    @strawberry.field(extensions=[Doubling()])
    def doubled(self, text: str = "x") -> str | None:
        return self.world.value(f"{self.key}.doubled", text)

    @strawberry.field(permission_classes=[Welcome])
    def secret(self) -> str | None:
        return self.world.value(f"{self.key}.secret", "secret")

    @strawberry.field
    def handled(self) -> Annotated["Problem | Bee", strawberry.union("Handled")]:
        if self.world.chance(f"{self.key}.handled") < self.world.failing:
            raise KeyError(self.key)
        return Bee(key=self.key + "h", world=self.world)

    @strawberry.field
    def loaded(self) -> "Flower | None":
        return self.world.loader.load(f"{self.world.number(self.key, 9)}")  # type: ignore[return-value]

    @strawberry.field
    async def companion(self) -> "Flower":
        return await self.world.loader.load(f"c{self.world.number(self.key, 5)}")

    @strawberry.field
    def visitor(self) -> Annotated["Bee | Hive | Flower", strawberry.union("Visitor")] | None:
        return self.world.value(f"{self.key}.visitor", grown(self.world, self.key + "v"))

    @strawberry.field
    def visitors(
        self,
    ) -> list[Annotated["Bee | Hive | Flower", strawberry.union("Visitor")] | None]:
        some = self.world.some(self.key + "w")
        return [self._given(f"{key}.in", grown(self.world, key)) for key in some]

    def _given(self, name: str, good: Any) -> Any:
        try:
            return self.world.value(name, good)
        except ValueError as error:
            return error

    @strawberry.field
    def seeds(self) -> list["Flower"] | None:
        some = [self.world.flower(key) for key in self.world.some(self.key + "s")]
        return self.world.value(f"{self.key}.seeds", some)

    @strawberry.field
    def generated(self) -> list[int | None]:
        def numbers() -> Iterator[Any]:
            for key in self.world.some(self.key + "g"):
                yield self.world.value(key, 4)

        return numbers()  # type: ignore[return-value]

    @strawberry.field
    def streamed(self) -> list[str] | None:
        async def texts() -> AsyncIterator[Any]:
            for key in self.world.some(self.key + "a"):
                yield await self.world.later(key, "streamed")

        return texts()  # type: ignore[return-value]

    @strawberry.field
    def promised(self) -> list[str | None]:
        return [self.world.later(key, "promised") for key in self.world.some(self.key + "p")]  # type: ignore[misc]

    @strawberry.field
    def matrix(self) -> list[list["Flower | None"]] | None:
        return [
            [self._given(f"{key}.m", self.world.flower(key + "m")) for key in self.world.some(row)]
            for row in self.world.some(self.key + "x")
        ]

    @strawberry.field
    async def page(self) -> Page["Flower"]:
        edges = [Edge(cursor=k, node=self.world.flower(k)) for k in self.world.some(self.key + "e")]
        return await self.world.later(f"{self.key}.page", Page(edges=edges), whole=True)

    @strawberry.field
    def stone(self) -> Stone:
        return Stone(code=self.key)

    @strawberry.field
    def cast_away(self) -> Growing | None:
        made = Thing()
        made.key, made.world = self.key + "t", self.world
        return strawberry.cast(Bee, made)  # type: ignore[return-value]

    @strawberry.field
    def bugs(self) -> list[Bug]:
        return [Beetle(self.world, key) for key in self.world.some(self.key + "y")]  # type: ignore[misc]


class Thing:
    key: str
    world: World


def grown(world: World, key: str) -> Any:
    made = [
        lambda: Bee(key=key, world=world),
        lambda: Hive(key=key, world=world),
        lambda: world.flower(key),
    ]
    return made[world.number(key, 3)]()


@strawberry.type
class Query:
    @strawberry.field
    def flower(self, info: strawberry.Info) -> Flower | None:
        return world_of(info).flower("f")

    @strawberry.field
    def sure(self, info: strawberry.Info) -> Flower:
        return world_of(info).flower("s")

    @strawberry.field
    async def flowers(self, info: strawberry.Info, first: int = 3) -> list[Flower | None]:
        world = world_of(info)
        some = [world.flower(f"fl{n}") for n in range(max(0, min(first, 5)))]
        return await world.later("flowers", some, whole=True)

    @strawberry.field
    def growing(self, info: strawberry.Info) -> list[Growing] | None:
        return [grown(world_of(info), f"gr{n}") for n in range(4)]

    @strawberry.field
    def nothing(self) -> str | None:
        return None

    @relay.connection(relay.ListConnection[Stone])
    def stones(self) -> list[Stone]:
        return [Stone(code=str(n)) for n in range(3)]

    node: relay.Node | None = relay.node()


def world_of(info: Any) -> World:
    world: World = info.context
    return world


class UseDocument(SchemaExtension):
    """Executes a document that was parsed and validated before."""

    def on_parse(self) -> Iterator[None]:
        given = self.execution_context.operation_extensions or {}
        self.execution_context.graphql_document = given.get("document")
        yield

    def on_validate(self) -> Iterator[None]:
        if self.execution_context.operation_extensions:
            self.execution_context.pre_execution_errors = []
        yield


class GardenExecutor(CompilingExecutor):
    plans = Plans(Limits(at_once=True))


schema = strawberry.Schema(
    Query,
    types=[Bee, Hive, Flower, Stone],
    extensions=[UseDocument],
    exception_handlers=[ProblemHandler()],
    execution_context_class=GardenExecutor,
)
