"""A site on which people of every kind do everything that the schema lets them, in any order."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.db import Database
from app.domain import audit
from schema import nodes
from tests import recalculation
from tests.conftest import Api
from tests.stateful.acts import TO_POSTS
from tests.stateful.client import Client, Clock
from tests.stateful.community import CATEGORIES, OPTIONS, PATHS, PEOPLE, TAGS, choose
from tests.stateful.documents import PORTRAIT, READ
from tests.stateful.people import AllActs

# Those who can do more come more often.
WHO = st.sampled_from(
    [*PEOPLE, "bee", "moderator", "admin", "admin", "admin", "guest", "guest", "newcomer"]
)
PERSON = st.sampled_from(list(PEOPLE))
PLACE = st.integers(min_value=0, max_value=60)
WORDS = ["hive", "drone", "swarm's", "蜂蜜", "naïve", "Queen", "e-mail", "wax", "1:1", "sting"]
PLAIN = st.lists(st.sampled_from(WORDS), min_size=3, max_size=8).map(" ".join)
# `{n}` stands for a number of its own.
TEXT = PLAIN.map(lambda text: f"{text} {{n}}")
HTML = TEXT.map(lambda text: f"<p>{text} &amp; <b>{text}</b><br>{text}</p><p>{text}</p>")
MARKDOWN = TEXT.map(lambda text: f"*{text}*\n\n- {text}\n- {text}")
CONTENT = st.one_of(
    TEXT.map(lambda text: {"content": text, "contentFormat": "PLAIN"}),
    HTML.map(lambda text: {"content": text, "contentFormat": "HTML"}),
    MARKDOWN.map(lambda text: {"content": text, "contentFormat": "MARKDOWN"}),
    st.sampled_from([{"content": "bzz"}, *[{"content": f"Bees {n} fly {{n}}"} for n in range(9)]]),
)
NOTIFY: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"notify": True}, {"notify": True, "notifyEmail": "a@bees.example"}]
)
BY = st.sampled_from([{}, {"authorName": "Passer-by"}])
LABELS = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(TAGS), max_size=3),
        "category": st.sampled_from([*PATHS, "nowhere"]),
        "extra": st.sampled_from(["", "Made of wood"]),
    },
)
EDIT = st.fixed_dictionaries({}, optional={"title": TEXT, "silent": st.booleans()})
ONCE_OR_TWICE = st.sampled_from([False, False, False, True])
SENDS = st.sampled_from([True, True, False])
PROFILE = st.fixed_dictionaries(
    {},
    optional={
        "handle": st.sampled_from(["forager", "bee1", "a@b"]),
        "email": st.sampled_from(["new@bees.example", "bee2@example.org"]),
        "fields": st.sampled_from([[{"name": "about", "value": "I sting."}]]),
        "avatar": st.sampled_from(["NONE", "GRAVATAR"]),
        "acceptsMessages": st.booleans(),
        "acceptsWallPosts": st.booleans(),
        "acceptsMailings": st.booleans(),
    },
)
THINGS = [
    *(nodes.encode("Category", id) for id, _, _ in CATEGORIES),
    *(nodes.encode("User", id) for id in range(1, len(PEOPLE) + 2)),
]


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

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        self.is_sound = False
        self.run(work)
        self.acts_done += 1
        if self.acts_done % self.ground.audit_every == 0:
            self.run(self._audit())
        self.is_sound = True

    @initialize(options=OPTIONS)
    def begin(self, options: dict[str, object]) -> None:
        self.run(choose(self.db, options))

    @rule(seconds=st.sampled_from([1, 100, 400, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.ground.clock.pass_(seconds)

    # Writing

    @rule(
        name=WHO,
        title=TEXT,
        content=CONTENT,
        labels=LABELS,
        notify=NOTIFY,
        by=BY,
        follows=st.none() | PLACE,
        again=ONCE_OR_TWICE,
    )
    def ask(
        self,
        name: str,
        title: str,
        content: dict[str, Any],
        labels: dict[str, Any],
        notify: dict[str, Any],
        by: dict[str, Any],
        follows: int | None,
        again: bool,
    ) -> None:
        input = {"title": title, **content, **labels, **notify, **by}
        self.do(self.acts.ask(self.acts.who(name), follows, again, input))

    @rule(name=WHO, question=PLACE, content=CONTENT, notify=NOTIFY, by=BY, again=ONCE_OR_TWICE)
    def answer(
        self,
        name: str,
        question: int,
        content: dict[str, Any],
        notify: dict[str, Any],
        by: dict[str, Any],
        again: bool,
    ) -> None:
        input = {**content, **notify, **by}
        self.do(self.acts.answer(self.acts.who(name), question, again, input))

    @rule(name=WHO, parent=PLACE, content=CONTENT, notify=NOTIFY, by=BY, again=ONCE_OR_TWICE)
    def comment(
        self,
        name: str,
        parent: int,
        content: dict[str, Any],
        notify: dict[str, Any],
        by: dict[str, Any],
        again: bool,
    ) -> None:
        input = {**content, **notify, **by}
        self.do(self.acts.comment(self.acts.who(name), parent, again, input))

    @rule(
        name=WHO, post=PLACE, content=st.just({}) | CONTENT, labels=LABELS, edit=EDIT, notify=NOTIFY
    )
    def edit(
        self,
        name: str,
        post: int,
        content: dict[str, Any],
        labels: dict[str, Any],
        edit: dict[str, Any],
        notify: dict[str, Any],
    ) -> None:
        input = {**content, **labels, **edit, **notify}
        self.do(self.acts.edit(self.acts.who(name), post, input))

    @rule(name=WHO, post=PLACE, revision=PLACE)
    def roll_back(self, name: str, post: int, revision: int) -> None:
        self.do(self.acts.roll_back(self.acts.who(name), post, revision))

    # Judging

    @rule(name=WHO, mutation=st.sampled_from(list(TO_POSTS)), post=PLACE)
    def do_to_post(self, name: str, mutation: str, post: int) -> None:
        self.do(self.acts.do(mutation, self.acts.who(name), post))

    @rule(name=WHO, post=PLACE, direction=st.sampled_from(["UP", "DOWN", "NONE"]))
    def vote(self, name: str, post: int, direction: str) -> None:
        self.do(self.acts.vote(self.acts.who(name), post, direction))

    @rule(name=WHO, answer=PLACE)
    def accept(self, name: str, answer: int) -> None:
        self.do(self.acts.accept(self.acts.who(name), answer))

    @rule(name=WHO, question=PLACE)
    def unaccept(self, name: str, question: int) -> None:
        self.do(self.acts.unaccept(self.acts.who(name), question))

    @rule(name=WHO, question=PLACE, original=st.none() | PLACE, note=TEXT)
    def close(self, name: str, question: int, original: int | None, note: str) -> None:
        self.do(self.acts.close(self.acts.who(name), question, original, note))

    @rule(name=WHO, question=PLACE)
    def reopen(self, name: str, question: int) -> None:
        self.do(self.acts.reopen(self.acts.who(name), question))

    @rule(name=WHO, answer=PLACE, parent=st.none() | PLACE)
    def convert(self, name: str, answer: int, parent: int | None) -> None:
        self.do(self.acts.convert(self.acts.who(name), answer, parent))

    @rule(name=WHO, question=PLACE)
    def view(self, name: str, question: int) -> None:
        self.do(self.acts.view(self.acts.who(name), question))

    # People

    @rule(
        name=WHO,
        mutation=st.sampled_from(["favorite", "favorite", "unfavorite"]),
        thing=st.sampled_from(THINGS) | PLACE,
    )
    def follow(self, name: str, mutation: str, thing: str | int) -> None:
        self.do(self.acts.follow(self.acts.who(name), mutation, thing))

    @rule(name=WHO, mutation=st.sampled_from(["favorite", "unfavorite"]), tag=st.sampled_from(TAGS))
    def follow_tag(self, name: str, mutation: str, tag: str) -> None:
        self.do(self.acts.follow_tag(self.acts.who(name), mutation, tag))

    @rule(name=WHO, owner=PERSON, text=TEXT, again=ONCE_OR_TWICE)
    def post_on_wall(self, name: str, owner: str, text: str, again: bool) -> None:
        self.do(self.acts.post_on_wall(self.acts.who(name), owner, again, {"content": text}))

    @rule(name=WHO, owner=PERSON, place=PLACE)
    def take_from_wall(self, name: str, owner: str, place: int) -> None:
        self.do(self.acts.take_from_wall(self.acts.who(name), owner, place))

    @rule(name=WHO, to=PERSON, text=TEXT, again=ONCE_OR_TWICE)
    def send(self, name: str, to: str, text: str, again: bool) -> None:
        self.do(self.acts.send(self.acts.who(name), to, again, {"content": text}))

    @rule(name=WHO, notice=st.integers(min_value=1, max_value=len(PEOPLE)))
    def dismiss(self, name: str, notice: int) -> None:
        self.do(self.acts.dismiss(self.acts.who(name), notice))

    @rule(name=WHO, input=PROFILE)
    def change_profile(self, name: str, input: dict[str, Any]) -> None:
        self.do(self.acts.change_profile(self.acts.who(name), input))

    @rule(name=WHO, purpose=st.sampled_from(["AVATAR", "CONTENT"]), sends=SENDS)
    def upload(self, name: str, purpose: str, sends: bool) -> None:
        self.do(self.acts.upload(self.acts.who(name), purpose, sends=sends))

    @rule(name=WHO, upload=st.none() | PLACE)
    def set_avatar(self, name: str, upload: int | None) -> None:
        self.do(self.acts.set_avatar(self.acts.who(name), upload))

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
