"""A small schema to serve: enough fields to meet every way in which a request can go."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from sqlalchemy import text
from starlette.requests import Request
from strawberry.types import Info

from app.db import Database
from app.domain.errors import Conflict, Denial, Invalid, NotAllowed, NotFound, RateLimited
from app.endpoint.schemas import Schema

MISSING = "There is no such flower."


@strawberry.type
class Flower:
    name: str = "clover"
    colours: list[str] = strawberry.field(default_factory=lambda: ["white", "red"])

    @strawberry.field
    def neighbours(self) -> list["Flower"]:
        return [Flower(name="daisy"), Flower(name="sage")]

    @strawberry.field
    def flowers(self, first: int | None = None, last: int | None = None) -> "Flowers":
        return Flowers(nodes=[Flower()])

    @strawberry.field
    def petals(self, first: int = 10) -> "Flowers":
        return Flowers(nodes=[Flower()])


@strawberry.type
class Flowers:
    nodes: list[Flower]
    total: int = 1


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "bee") -> str:
        return f"hello {name}"

    @strawberry.field
    def many(self, count: int) -> list[str]:
        return ["clover"] * count

    @strawberry.field
    def flower(self) -> Flower:
        return Flower()

    @strawberry.field
    def flowers(self, first: int | None = None, last: int | None = None) -> Flowers:
        return Flowers(nodes=[Flower()])

    @strawberry.field
    def by_ids(self, ids: list[strawberry.ID]) -> list[Flower]:
        return [Flower() for _ in ids]

    @strawberry.field
    def fails(self, how: str) -> str | None:
        raise FAILURES[how]()

    @strawberry.field
    def fails_whole(self, how: str) -> str:
        raise FAILURES[how]()

    @strawberry.field
    def huge(self) -> int | None:
        return 2**40

    @strawberry.field
    def address(self, info: Info[Any, None]) -> str:
        request: Request = info.context["request"]
        return request.client.host if request.client else ""

    @strawberry.field
    async def options(self, info: Info[Any, None]) -> int | None:
        db: Database = info.context["db"]
        async with db.read() as connection:
            await connection.execute(text("SELECT 1"))
            count: int | None = await connection.scalar(text("SELECT COUNT(*) FROM qa_options"))
        return count

    @strawberry.field
    async def slow(self, info: Info[Any, None]) -> int | None:
        db: Database = info.context["db"]
        async with db.read() as connection:
            slept: int | None = await connection.scalar(text("SELECT SLEEP(20)"))
        return slept

    @strawberry.field
    def half_a_letter(self) -> str:
        return "\ud83d"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def plant(self, name: Annotated[str, strawberry.argument(description="Of what.")]) -> str:
        await asyncio.sleep(0)
        return name


FAILURES: dict[str, Callable[[], Exception]] = {
    "missing": lambda: NotFound(MISSING),
    "guest": lambda: NotAllowed(Denial.SIGNED_OUT),
    "level": lambda: NotAllowed(Denial.LEVEL),
    "invalid": lambda: Invalid("name", "A name has letters."),
    "often": lambda: RateLimited("Wait a little.", retry_after=60),
    "conflict": lambda: Conflict("Somebody was faster."),
    "bug": lambda: ValueError("password=hunter2"),
    "refused": lambda: ConnectionRefusedError(111, "Connect call failed 10.0.0.7"),
}

schema = Schema(query=Query, mutation=Mutation)
