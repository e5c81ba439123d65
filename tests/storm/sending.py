"""The clients of the storm: they send, repeat what was broken off, and note what they were told."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from schema import nodes
from tests.storm.acting import CREATING, DIRECTIONS, Act, Actor
from tests.storm.crowd import Crowd

REFUSALS = {"NotFound", "NotAllowed", "Invalid"}
# Longer than a write is tried again.
PATIENCE_SECONDS = 60.0
AGENT = "Mozilla/5.0 (X11) Firefox/140.0"


@dataclass
class Told:
    """What the clients were told.

    `votes` are the last votes by person and post; `made` the marks of what was created.
    """

    answers: Counter[str] = field(default_factory=Counter)
    votes: dict[tuple[int, int], int] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    broken: int = 0
    seconds: list[float] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def writes(self) -> int:
        """How many requests have changed something, or found it to be so already."""
        return sum(count for kind, count in self.answers.items() if kind.endswith("Success"))

    def note(self, actor: Actor, act: Act, body: dict[str, Any]) -> None:
        """Note the answer to an act."""
        if "errors" in body:
            self.unexpected.append(f"{act.mutation}: {body['errors']}")
            return
        result = body["data"][act.mutation]
        kind = result["__typename"]
        self.answers[kind] += 1
        if not kind.endswith("Success"):
            if kind not in REFUSALS:
                self.unexpected.append(f"{act.mutation}: {kind} {result['message']}")
            return
        if act.mutation == "castVote" and actor.client.user_id:
            post = nodes.decode(act.input["id"])
            assert post is not None
            self.votes[actor.client.user_id, post.key] = DIRECTIONS[act.input["direction"]]
        elif act.mark is not None:
            self.made[act.mark] += 1
            if actor.client.user_id is None:
                self.waiting.append(result[CREATING[act.mutation]]["id"])


async def storm(url: str, crowd: Crowd, *, actions: int, seed: int) -> Told:
    """All clients at once, each with its share of the actions, one after the other.

    :param url: of the server
    """
    told = Told()
    share = actions // len(crowd.clients)
    await asyncio.gather(
        *(
            _client(
                url, Actor(client, crowd.posts, seed * 1_000 + number, told.waiting), told, share
            )
            for number, client in enumerate(crowd.clients)
        )
    )
    return told


async def _client(url: str, actor: Actor, told: Told, actions: int) -> None:
    headers = {**actor.client.headers, "user-agent": AGENT}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False
    ) as http:
        for _ in range(actions):
            act = actor.next()
            begun = time.monotonic()
            body = await _send(http, act, told)
            told.seconds.append(time.monotonic() - begun)
            told.note(actor, act, body)


async def _send(http: httpx.AsyncClient, act: Act, told: Told) -> dict[str, Any]:
    """Ask until there is an answer: whoever is cut off does not know what became of it."""
    body = {"query": act.document, "variables": {"input": act.input}}
    while True:
        try:
            answer: dict[str, Any] = (await http.post("/graphql", json=body)).json()
            return answer
        except httpx.TransportError:
            told.broken += 1
            await asyncio.sleep(0.05)
