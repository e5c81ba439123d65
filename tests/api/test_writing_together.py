"""People who ask, answer, comment and edit in the same threads at the same time."""

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import insert

from app.db import Database
from app.models import Category
from schema import nodes
from tests.conftest import Api
from tests.meadow import add_post, add_user, expect_no_differences, set_option, settle

WRITES = """
    mutation Ask($input: AskQuestionInput!) {
        askQuestion(input: $input) { __typename ... on Error { message } }
    }
    mutation Answer($input: AnswerQuestionInput!) {
        answerQuestion(input: $input) { __typename ... on Error { message } }
    }
    mutation Comment($input: AddCommentInput!) {
        addComment(input: $input) { __typename ... on Error { message } }
    }
    mutation EditQuestion($input: EditQuestionInput!) {
        editQuestion(input: $input) { __typename ... on Error { message } }
    }
    mutation EditAnswer($input: EditAnswerInput!) {
        editAnswer(input: $input) { __typename ... on Error { message } }
    }
    mutation Vote($input: CastVoteInput!) {
        castVote(input: $input) { __typename ... on Error { message } }
    }
"""
LETTERS = "abcdefghijklmnop"
CATEGORIES = ["hives", "wasps"]
TAGS = ["wings", "legs", "queens", "swarms"]


async def add_site(db: Database) -> list[int]:
    """Two questions (1 and 3) with an answer each, and people who may edit everything."""
    async with db.begin() as connection:
        for name in ("qs", "as", "cs", "votes"):
            await set_option(connection, f"max_rate_user_{name}", 1_000)
            await set_option(connection, f"max_rate_ip_{name}", 1_000)
        for id, slug in enumerate(CATEGORIES, start=1):
            values: dict[Any, Any] = {
                Category.id: id,
                Category.title: slug,
                Category.slug: slug,
                Category.position: id,
            }
            await connection.execute(insert(Category).values(values))
        people = [await add_user(connection, level=80) for _ in range(5)]
        for person in people[:2]:
            place = {"category_id": 1, "category_1_id": 1, "author_id": person}
            question = await add_post(connection, "Q", tags="wings,legs", **place)
            await add_post(connection, "A", parent_id=question, **place)
        await settle(connection)
    return people


class Somebody:
    """Makes up what people write."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self) -> str:
        words = ("".join(self.chance.choices(LETTERS, k=2)) for _ in range(25))
        return " ".join(words)

    def tags(self) -> list[str]:
        return self.chance.sample(TAGS, self.chance.randint(0, 3))

    def write(self) -> tuple[str, dict[str, Any]]:
        """The name of an operation, and its input."""
        question, answer = self.chance.choice([(1, 2), (3, 4)])
        question_id, answer_id = nodes.encode("Question", question), nodes.encode("Answer", answer)
        category = self.chance.choice(CATEGORIES)
        possible: list[tuple[str, dict[str, Any]]] = [
            (
                "Ask",
                {
                    "title": self.text(),
                    "content": self.text(),
                    "tags": self.tags(),
                    "category": category,
                    "followsAnswerId": answer_id,
                },
            ),
            ("Answer", {"questionId": question_id, "content": self.text()}),
            ("Comment", {"parentId": answer_id, "content": self.text()}),
            ("EditQuestion", {"id": question_id, "tags": self.tags(), "title": self.text()}),
            ("EditQuestion", {"id": question_id, "category": category}),
            ("EditAnswer", {"id": answer_id, "content": self.text()}),
            ("Vote", {"id": question_id, "direction": self.chance.choice(["UP", "DOWN"])}),
        ]
        return self.chance.choice(possible)


@pytest.mark.mariadb
@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_written_together_every_figure_is_right(
    api: Api, db: Database, seed: int
) -> None:
    people = await add_site(db)
    somebody = Somebody(seed)

    async def act(number: int) -> dict[str, Any]:
        name, input = somebody.write()
        body = {"query": WRITES, "operationName": name, "variables": {"input": input}}
        headers = {"x-viewer": str(people[number % len(people)])}
        response = await api.http.post("/graphql", json=body, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    answers = await asyncio.gather(*(act(number) for number in range(40)))

    assert not [answer for answer in answers if "errors" in answer]
    results = [result for answer in answers for result in answer["data"].values()]
    failed = [result for result in results if not result["__typename"].endswith("Success")]
    assert {failure["message"] for failure in failed} <= {"This is your own post."}
    await expect_no_differences(db)
