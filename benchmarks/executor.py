"""The executor alone: 20 questions with 3 answers each and all authors, from memory.

Prints the CPU time of the hand-written equivalent, of graphql-core and of compiled plans.
Run it from the repository's root: `.venv/bin/python -m benchmarks.executor`.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from graphql import DocumentNode, parse
from strawberry.extensions import SchemaExtension

from dataloaders.loader import Loader
from wingbeat import CompilingExecutor, Limits, Plans, sources
from wingbeat.plan import compile_plan

ROUNDS = 15
REPEATS = 20


class FromMemory:
    """Stands for a database: the loader opens it, and reads nothing from it."""

    def read(self) -> "FromMemory":
        return self

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


@strawberry.type
class Author:
    id: strawberry.ID
    handle: str
    points: int
    avatar_url: str | None


AUTHORS = {
    n: Author(id=strawberry.ID(f"u{n}"), handle=f"bee{n}", points=n, avatar_url=None)
    for n in range(40)
}


@strawberry.type
class Answer:
    id: strawberry.ID
    content: str
    score: int
    created_at: str
    is_accepted: bool
    author_id: strawberry.Private[int]

    @strawberry.field
    def author(self, info: strawberry.Info) -> Author:
        return info.context["authors"].load(self.author_id)  # type: ignore[no-any-return]


@strawberry.type
class Question:
    number: strawberry.Private[int]
    id: strawberry.ID
    title: str
    excerpt: str
    score: int
    view_count: int
    created_at: str

    @strawberry.field
    def author(self, info: strawberry.Info) -> Author:
        return info.context["authors"].load(self.number % 40)  # type: ignore[no-any-return]

    @strawberry.field
    def answers(self, info: strawberry.Info) -> list[Answer]:
        return info.context["answers"].load(self.number)  # type: ignore[no-any-return]


QUESTIONS = [
    Question(number=n, id=strawberry.ID(f"q{n}"), title=f"Question {n}", excerpt="words " * 20,
             score=n, view_count=n * 7, created_at="2026-11-20T09:30:00Z")
    for n in range(20)
]  # fmt: skip
ANSWERS = {
    n: [
        Answer(id=strawberry.ID(f"a{n}-{m}"), content="words " * 30, score=m, author_id=n + m,
               created_at="2026-11-20T09:30:00Z", is_accepted=m == 0)
        for m in range(3)
    ]
    for n in range(20)
}  # fmt: skip


@strawberry.type
class Query:
    @strawberry.field
    def questions(self) -> list[Question]:
        return QUESTIONS


class KeepDocument(SchemaExtension):
    """Every document is parsed and validated once, as the endpoint does."""

    kept: DocumentNode | None = None

    def on_parse(self) -> Any:
        cls = type(self)
        cls.kept = cls.kept or parse(DOCUMENT)
        self.execution_context.graphql_document = cls.kept
        yield

    def on_validate(self) -> Any:
        self.execution_context.pre_execution_errors = []
        yield


class Executor(CompilingExecutor):
    plans = Plans(Limits(at_once=True))


DOCUMENT = """{
  questions {
    id title excerpt score viewCount createdAt author { id handle points avatarUrl }
    answers { id content score createdAt isAccepted author { id handle points avatarUrl } }
  }
}"""
schema = strawberry.Schema(Query, extensions=[KeepDocument], execution_context_class=Executor)


async def _authors(_: Any, ids: list[int]) -> dict[int, Author]:
    return {id: AUTHORS[id] for id in ids}


async def _answers(_: Any, ids: list[int]) -> dict[int, list[Answer]]:
    return {id: ANSWERS[id] for id in ids}


def context() -> dict[str, Any]:
    db: Any = FromMemory()
    return {"authors": Loader(db, _authors, None), "answers": Loader(db, _answers, [])}


async def by_schema() -> Any:
    return (await schema.execute(DOCUMENT, context_value=context())).data


async def by_hand() -> Any:
    """What somebody would write who knows the query, with the same loaders."""
    loaders = context()
    authors, answers = loaders["authors"].load, loaders["answers"].load
    asked = [
        (question, authors(question.number % 40), answers(question.number))
        for question in QUESTIONS
    ]
    found = [(question, await author, await those) for question, author, those in asked]
    written = [[(a, authors(a.author_id)) for a in those] for _, _, those in found]
    return {
        "questions": [
            {
                "id": q.id, "title": q.title, "excerpt": q.excerpt, "score": q.score,
                "viewCount": q.view_count, "createdAt": q.created_at, "author": _author(author),
                "answers": [_answer(a, await by) for a, by in below],
            }
            for (q, author, _), below in zip(found, written, strict=True)
        ]
    }  # fmt: skip


def _author(author: Author) -> dict[str, Any]:
    return {
        "id": author.id, "handle": author.handle, "points": author.points,
        "avatarUrl": author.avatar_url,
    }  # fmt: skip


def _answer(answer: Answer, author: Author) -> dict[str, Any]:
    return {
        "id": answer.id, "content": answer.content, "score": answer.score,
        "createdAt": answer.created_at, "isAccepted": answer.is_accepted,
        "author": _author(author),
    }  # fmt: skip


async def milliseconds(work: Callable[[], Awaitable[Any]]) -> float:
    """CPU time of one execution."""
    gc.collect()
    began = time.process_time()
    for _ in range(REPEATS):
        await work()
    return (time.process_time() - began) / REPEATS * 1000


async def measure() -> dict[str, float]:
    """The best of many rounds, each of which measures everything in turn."""
    best = dict.fromkeys(("by hand", "compiled", "stock"), float("inf"))
    expected = await by_hand()
    for _ in range(ROUNDS):
        for name in best:
            Executor.plans.enabled = name == "compiled"
            work = by_hand if name == "by hand" else by_schema
            assert await work() == expected
            best[name] = min(best[name], await milliseconds(work))
    return best


def compiling(fields: int) -> float:
    """Milliseconds that compiling a document of so many fields takes when nothing is known yet."""
    asked = " ".join(f"f{n}: title" for n in range(fields - 1))
    document = parse(f"{{ questions {{ {asked} }} }}")
    executor = Executor.build(schema._schema, document)
    assert isinstance(executor, Executor)
    best = float("inf")
    for _ in range(ROUNDS):
        sources.forget()
        began = time.process_time()
        compile_plan(executor, most_fields=fields)
        best = min(best, (time.process_time() - began) * 1000)
    return best


def main() -> None:
    best = asyncio.run(measure())
    print("| executor | ms of CPU | of by hand |\n|---|---|---|")
    for name, taken in best.items():
        print(f"| {name} | {taken:.2f} | {taken / best['by hand']:.1f} |")
    print(f"\nCompiling 1,200 fields: {compiling(1_200):.0f} ms, once.")


if __name__ == "__main__":
    main()
