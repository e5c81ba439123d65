"""What people do in the storm: one mutation after the other, made up from a seed."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from tests.storm.crowd import Client, Posts

# How often each is done. Votes come first on a site, too.
WEIGHTS = {
    "castVote": 50,
    "flagPost": 8,
    "unflagPost": 3,
    "clearFlags": 2,
    "answerQuestion": 6,
    "addComment": 7,
    "askQuestion": 2,
    "acceptAnswer": 4,
    "unacceptAnswer": 2,
    "hidePost": 2,
    "reshowPost": 4,
    "favorite": 3,
    "unfavorite": 2,
    "editQuestion": 2,
    "editAnswer": 2,
    "editComment": 2,
    "closeQuestion": 1,
    "reopenQuestion": 2,
    "approvePost": 2,
    "rejectPost": 1,
    "recordView": 2,
}
# What makes a post, with the field that it is in.
CREATING = {"answerQuestion": "answer", "addComment": "comment", "askQuestion": "question"}
TAGS = ("wings", "legs", "queens", "swarms", "honey")
LETTERS = "abcdefghijklmnop"
DIRECTIONS = {"UP": 1, "DOWN": -1, "NONE": 0}


class Act(NamedTuple):
    """One request: `mark` is a word that stands in what it creates, and nowhere else."""

    mutation: str
    input: dict[str, Any]
    mark: str | None = None

    @property
    def document(self) -> str:
        name = self.mutation[0].upper() + self.mutation[1:]
        made = CREATING.get(self.mutation)
        success = f"... on {name}Success {{ {made} {{ id }} }}" if made else ""
        return (
            f"mutation ($input: {name}Input!) {{ {self.mutation}(input: $input)"
            f" {{ __typename ... on Error {{ message }} {success} }} }}"
        )


class Actor:
    """One client's next acts.

    :param waiting: ids of posts that wait for a moderator; others add to it
    """

    def __init__(self, client: Client, posts: Posts, seed: int, waiting: list[str]) -> None:
        self.client = client
        self.posts = posts
        self.chance = Random(seed)
        self.name = f"m{seed}x"
        self.waiting = waiting
        self.acts = 0

    def next(self) -> Act:
        self.acts += 1
        [mutation] = self.chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
        if mutation in CREATING:
            return self._creating(mutation)
        inputs: dict[str, Callable[[], dict[str, Any]]] = {
            "castVote": lambda: {**self._any(), "direction": self._one(list(DIRECTIONS))},
            "acceptAnswer": lambda: {"answerId": self._one(self.posts.answers)},
            "unacceptAnswer": lambda: {"questionId": self._one(self.posts.questions)},
            "recordView": lambda: {"questionId": self._one(self.posts.questions)},
            "favorite": self._followed,
            "unfavorite": self._followed,
            "editQuestion": self._edited_question,
            "editAnswer": lambda: {"id": self._one(self.posts.answers), "content": self._text()},
            "editComment": lambda: {"id": self._one(self.posts.comments), "content": self._text()},
            "closeQuestion": lambda: {**self._question(), "note": self._text()},
            "reopenQuestion": self._question,
            "approvePost": self._waiting,
            "rejectPost": self._waiting,
        }
        return Act(mutation, inputs.get(mutation, self._any)())

    def _creating(self, mutation: str) -> Act:
        mark = f"{self.name}{self.acts}y"
        input: dict[str, Any] = {"content": f"{self._text()} {mark}", "idempotencyKey": mark * 3}
        if mutation == "answerQuestion":
            input["questionId"] = self._one(self.posts.questions)
        elif mutation == "addComment":
            input["parentId"] = self._one(self.posts.questions + self.posts.answers)
        else:
            category = self._one(["hives", "wasps"])
            input |= {"title": self._text(), "tags": self._tags(), "category": category}
            input["followsAnswerId"] = self._one(self.posts.answers)
        return Act(mutation, {**input, "notify": self.client.user_id is not None}, mark)

    def _any(self) -> dict[str, Any]:
        posts = self.posts
        return {"id": self._one(posts.questions + posts.answers + posts.comments)}

    def _question(self) -> dict[str, Any]:
        return {"id": self._one(self.posts.questions)}

    def _followed(self) -> dict[str, Any]:
        posts = self.posts
        return {"id": self._one(posts.questions + posts.users + posts.places)}

    def _edited_question(self) -> dict[str, Any]:
        other = self._one([{"tags": self._tags()}, {"category": self._one(["hives", "wasps"])}])
        return {**self._question(), "title": self._text(), **other}

    def _waiting(self) -> dict[str, Any]:
        return {"id": self._one(self.waiting)} if self.waiting else self._any()

    def _text(self) -> str:
        return " ".join("".join(self.chance.choices(LETTERS, k=2)) for _ in range(25))

    def _tags(self) -> list[str]:
        return self.chance.sample(TAGS, self.chance.randint(0, 3))

    def _one(self, choices: list[Any]) -> Any:
        return self.chance.choice(choices)
