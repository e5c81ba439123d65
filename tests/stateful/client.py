"""The client of the runs: performs mutations as somebody, and holds what each must keep to."""

from collections import Counter
from datetime import UTC, datetime, timedelta, tzinfo
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

from schema import nodes
from tests.conftest import Api
from tests.stateful.documents import DOCUMENTS, MAY, READ, READ_VIEWER

FAILURES = {"NotFound", "NotAllowed", "Invalid", "Conflict", "RateLimited"}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Who(NamedTuple):
    """Somebody who sends requests: an account, or a guest who may have a cookie."""

    viewer: int | None = None
    guest: int | None = None
    address: str = "127.0.0.1"


class Clock:
    """The time of the runs, which passes only when they say so."""

    def __init__(self) -> None:
        self.time = datetime(2026, 4, 1, 12, tzinfo=UTC)

    def now(self, zone: tzinfo) -> datetime:
        return self.time.astimezone(zone)

    def pass_(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)


class Client:
    """Sends mutations, and asserts after each of them what holds for all."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.api.http.headers["user-agent"] = BROWSER
        self.last: tuple[Any, ...] = ()

    async def seen(self, posts: list[str], who: Who) -> dict[str, dict[str, Any] | None]:
        """What somebody may do with each post; None for those that they do not see."""
        found = (await self.ask(MAY, who, ids=posts))["nodes"]
        return dict(zip(posts, found, strict=True))

    async def perform(
        self, mutation: str, who: Who, *, may: bool | None, certain: bool = True, **input: Any
    ) -> dict[str, Any] | None:
        """The payload of a success, which a fresh read confirms; None after a typed failure.

        :param may: what the API said just before: True: nothing forbids this; False: something
            does; None: there is no such thing, or this person does not see it
        :param certain: whether that was all that may forbid it
        """
        response = await self.api.post(DOCUMENTS[mutation], **who._asdict(), input=input)
        body = response.json()
        assert "errors" not in body, (mutation, input, who, body)
        result: dict[str, Any] = body["data"]["result"]
        outcome, told = result["__typename"], (mutation, input, who, may, result)
        self.last = told
        OUTCOMES[mutation, outcome] += 1
        if outcome in FAILURES:
            assert outcome != "NotAllowed" or not (may and certain), told
            return None

        assert outcome == f"{mutation[0].upper()}{mutation[1:]}Success", told
        assert may, told
        cookie = _cookie(response)
        await self._expect_fresh(result, who._replace(guest=cookie or who.guest), told)
        return result | {"cookie": cookie}

    async def ask(self, document: str, who: Who, **variables: Any) -> Any:
        return await self.api.ask(document, **who._asdict(), **variables)

    async def answer(self, document: str, who: Who, **variables: Any) -> Any:
        """All of an answer, with what this person may not read."""
        return (await self.api.post(document, **who._asdict(), **variables)).json()

    async def _expect_fresh(self, result: dict[str, Any], who: Who, told: Any) -> None:
        """Every post of the payload, and the viewer, is what a query shows just afterwards."""
        for shown in result.values():
            if isinstance(shown, dict) and "viewerCanUpvote" in shown:
                named = nodes.decode(shown["id"])
                assert named
                fresh = (await self.ask(READ, who, id=named.key))["post"] or {}
                unlike = [(name, shown[name], fresh.get(name)) for name in shown]
                assert shown == fresh, ([u for u in unlike if u[1] != u[2]], told)
            elif isinstance(shown, dict) and "email" in shown:
                assert shown == (await self.ask(READ_VIEWER, who))["viewer"], told


# How often each mutation has ended how, in all runs of this process.
OUTCOMES: Counter[tuple[str, str]] = Counter()


def _cookie(response: Any) -> int | None:
    """The number by which a guest is known from now on."""
    morsel = SimpleCookie(response.headers.get("set-cookie", "")).get("qa_id")
    return int(morsel.value) if morsel else None
