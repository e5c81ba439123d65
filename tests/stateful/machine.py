"""A site on which people of every kind do everything that the schema lets them, in any order."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.db import Database
from app.domain import audit
from tests import recalculation
from tests.conftest import Api
from tests.stateful.choices import ACT, PAUSE, Act
from tests.stateful.client import Client, Clock
from tests.stateful.community import OPTIONS, choose
from tests.stateful.documents import PORTRAIT, READ
from tests.stateful.people import AllActs


class Ground(NamedTuple):
    """What all runs of a test stand on.

    :param open_site: makes a fresh site with the community on it
    :param audit_every: after so many steps every figure is audited, and at the end in any case
    """

    runner: asyncio.Runner
    clock: Clock
    open_site: Callable[[], Coroutine[Any, Any, tuple[Api, Database, dict[str, int]]]]
    close_site: Callable[[Api], Coroutine[Any, Any, None]]
    audit_every: int


class Site(RuleBasedStateMachine):
    """One run, on a site with options of its own."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground
        self.acts_done = 0
        self.is_sound = True
        self.api, self.db, people = self.run(ground.open_site())
        self.acts = AllActs(Client(self.api), people)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.ground.runner.run(work)

    @initialize(options=OPTIONS)
    def begin(self, options: dict[str, object]) -> None:
        self.run(choose(self.db, options))

    # One rule for all acts: of several, Hypothesis leaves out a good part in each run.
    @rule(pause=PAUSE, act=ACT)
    def go_on(self, pause: int, act: Act) -> None:
        self.is_sound = False
        self.ground.clock.pass_(pause)
        who = self.acts.who(act.name)
        self.run(getattr(self.acts, act.deed)(who, **act.details))
        self.acts_done += 1
        if self.acts_done % self.ground.audit_every == 0:
            self.run(self._audit())
        self.is_sound = True

    def teardown(self) -> None:
        try:
            # Where something went wrong already, that is what has to be told.
            if self.is_sound:
                self.run(self._audit())
                self.run(self._recalculate())
        finally:
            self.run(self.ground.close_site(self.api))

    async def _audit(self) -> None:
        """`waggle recount` finds nothing to change."""
        async with self.db.read() as connection:
            found = [str(difference) async for difference in audit.differences(connection)]
        assert not found, found

    async def _recalculate(self) -> None:
        """q2a's own recalculation would change nothing; and when it is done, nobody notices."""
        async with self.db.read() as connection:
            found = await recalculation.differences(connection)
        assert not found, found
        before = await self.portraits()
        async with self.db.begin() as connection:
            await recalculation.write(connection)
        after = await self.portraits()
        assert before == after, [(b, a) for b, a in zip(before, after, strict=True) if b != a]
        async with self.db.read() as connection:
            found = await recalculation.differences(connection, notes=False)
        assert not found, found

    async def portraits(self) -> list[Any]:
        """The site as some people see it, and each post that there has ever been."""
        client, acts = self.acts.client, self.acts
        viewers = [acts.who(name) for name in ("admin", "bee", "guest")]
        posts = [acts.number(post) for post in acts.posts]
        return [await client.answer(PORTRAIT, who) for who in viewers] + [
            await client.answer(READ, viewers[0], id=post) for post in posts
        ]
