"""Answers that are the same for every guest: browsers, CDNs and this process may keep them."""

import re
import time
from collections.abc import Awaitable, Callable, Collection
from hashlib import blake2b
from typing import NamedTuple

import orjson
from starlette.requests import Request

from app.config import Settings
from app.endpoint.memory import Latest
from app.endpoint.requests import GraphQLRequest
from app.endpoint.responses import Answered

IsAnybody = Callable[[Request], Awaitable[bool]]
Key = tuple[str, str | None, bytes]
MAX_ANSWERS = 10_000
MAX_BYTES = 64 * 2**20


class _Kept(NamedTuple):
    answer: Answered
    until: float


class GuestAnswers:
    """Keeps answers to guests for `guest_cache_seconds`, and lets others keep those to GETs.

    :param is_anybody: whether a request comes from a guest of whom nothing is known that an
        answer could depend on
    :param personal: the fields that tell who asks, even of a guest
    """

    def __init__(
        self, settings: Settings, is_anybody: IsAnybody, *, personal: Collection[str]
    ) -> None:
        self.is_anybody = is_anybody
        names = "|".join(re.escape(name) for name in personal)
        self._tells_who_asks = re.compile(rf"\b(?:{names})\b").search
        self.seconds = settings.guest_cache_seconds
        self.max_age = settings.guest_max_age
        self._latest: Latest[Key, _Kept] = Latest(entries=MAX_ANSWERS, weight=MAX_BYTES)
        self._changes = 0

    async def answered(
        self, request: Request, asked: GraphQLRequest, make: Callable[[], Awaitable[Answered]]
    ) -> Answered:
        """The answer to a query: one that is kept, or else the one that `make` makes."""
        is_shared = request.method == "GET"
        if not (is_shared or self.seconds) or not await self._is_for_all(request, asked):
            return await make()
        key = _key(asked)
        answer = self._kept(key)
        if answer is None:
            changes = self._changes
            answer = await make()
            # What was read before somebody changed it may not be kept after they have.
            if answer.is_whole and changes == self._changes:
                self._keep(key, answer)
        return self._tagged(answer) if is_shared and answer.is_whole else answer

    def forget(self) -> None:
        """Something was changed by this process: no answer from before may be given again."""
        self._changes += 1
        self._latest.clear()

    async def _is_for_all(self, request: Request, asked: GraphQLRequest) -> bool:
        return not self._tells_who_asks(asked.query) and await self.is_anybody(request)

    def _kept(self, key: Key) -> Answered | None:
        kept = self._latest.get(key) if self.seconds else None
        return kept.answer if kept is not None and time.monotonic() < kept.until else None

    def _keep(self, key: Key, answer: Answered) -> None:
        if self.seconds:
            weight = len(answer.body) + len(key[0]) + len(key[2])
            self._latest.put(key, _Kept(answer, time.monotonic() + self.seconds), weight=weight)

    def _tagged(self, answer: Answered) -> Answered:
        """The answer with what lets browsers and CDNs keep it."""
        digest = blake2b(answer.body, digest_size=16).hexdigest()
        age = f"max-age={self.max_age}" if self.max_age else "no-cache"
        # The body may be compressed on its way, which only weak tags allow.
        headers = {"etag": f'W/"{digest}"', "cache-control": f"public, {age}"}
        return answer._replace(headers={**answer.headers, **headers})


def _key(asked: GraphQLRequest) -> Key:
    variables = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
    return asked.query, asked.operation_name, variables


def is_known(request: Request, etag: str) -> bool:
    """Whether the client says that it has the answer with this tag."""
    wanted = request.headers.get("if-none-match", "")
    return wanted.strip() == "*" or etag in (tag.strip() for tag in wanted.split(","))
