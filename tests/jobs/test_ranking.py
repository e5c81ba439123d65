"""Rankings, against points counted one by one; made by one at a time, and seen only when whole."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, update

from app import migrations
from app.db import Database
from app.domain import generations, ranking, recounts
from app.domain.categories import CategoryTree
from app.domain.options import Options, load
from app.domain.ranking import Overtaken
from app.domain.sites import SiteCache
from app.domain.viewers import Flag
from app.jobs import JOBS
from app.jobs.job import Outcome, Stopped, Work
from app.jobs.locks import AlreadyDone, Held
from app.jobs.logs import Log
from app.jobs.running import run
from app.models import Option, Post, PostTag, User, UserPoints, Vote, Word
from app.models.waggle import Ranking, RankingGeneration
from tests.conftest import SERVERS, Api, database_of
from tests.jobs.test_locks import outlive
from tests.mariadb import MariaDB
from tests.meadow import add_post, add_user, settle

RANKING = """
    query ($period: RankingPeriod, $category: String, $tag: String, $after: String) {
        ranking(first: 40, after: $after, period: $period, category: $category, tag: $tag) {
            nodes { rank points user { databaseId handle } }
            totalCount
            pageInfo { hasNextPage endCursor }
        }
    }
"""
ROOT = Path(__file__).parents[2]
DAYS = {"WEEK": 7, "MONTH": 30, "ALL": None}
Place = tuple[int, int, int]


@pytest.fixture(params=SERVERS)
def real(
    request: pytest.FixtureRequest,
    golden_url: Callable[[str], str],
    serve: Callable[..., Api],
    tmp_path: Path,
) -> Api:
    """The API of a copy of the real site that may be written to."""
    url = golden_url(request.param)
    if request.param == "sqlite":
        copy = shutil.copy(url.partition("///")[2], tmp_path / "real.sqlite")
        return serve(f"sqlite+aiosqlite:///{copy}")
    server: MariaDB = request.getfixturevalue("mariadb")
    return serve(server.url(server.clone("golden")))


async def rows_of(db: Database, model: Any) -> list[Any]:
    table: Table = model.__table__
    columns = [column.label(column.key) for column in table.columns]
    async with db.read() as connection:
        return list((await connection.execute(select(*columns).select_from(table))).all())


class Recount:
    """Every ranking, reckoned in plain Python from what is in q2a's tables (FACTS 5)."""

    def __init__(self, options: Options, tables: dict[Any, list[Any]], now: datetime) -> None:
        self.options = options
        self.now = now
        self.posts = {post.id: post for post in tables[Post]}
        self.votes = [vote for vote in tables[Vote] if vote.direction]
        points = {row.user_id for row in tables[UserPoints]}
        self.people = {u.id for u in tables[User] if not u.flags & 2 and u.id in points}
        self.stored = {row.user_id: row.points for row in tables[UserPoints]}
        self.questions = {post.id for post in tables[Post] if post.type[0] == "Q"}
        self.tags = defaultdict(set)
        for tag in tables[PostTag]:
            self.tags[tag.word_id].add(tag.post_id)
        self.received = defaultdict(list)
        for vote in self.votes:
            self.received[vote.post_id].append(vote)

    def everybody(self, days: int | None) -> list[Place]:
        if days is None:
            return self._ranked(self.stored, everybody=True)
        earned = Counter(self._by_posts(days, set(self.posts)))
        earned.update(self._by_voting(days))
        return self._ranked(earned)

    def within(self, questions: set[int], days: int | None) -> list[Place]:
        visible = {id for id in questions if self.posts[id].type == "Q"}
        return self._ranked(self._by_posts(days, visible))

    def _ranked(self, earned: dict[int, int], *, everybody: bool = False) -> list[Place]:
        kept = {u: n for u, n in earned.items() if u in self.people and (n > 0 or everybody)}
        order = sorted(kept, key=lambda user: (-kept[user], -user))[:100]
        return [(1 + sum(n > kept[u] for n in kept.values()), kept[u], u) for u in order]

    def _is_in(self, at: datetime | None, days: int | None) -> bool:
        return days is None or (at is not None and at >= self.now - timedelta(days=days))

    def _root(self, post: Any) -> int:
        while post.type[0] != "Q" and post.parent_id:
            post = self.posts[post.parent_id]
        return int(post.id)

    def _by_posts(self, days: int | None, questions: set[int]) -> Counter[int]:
        o, earned = self.options, Counter[int]()
        for post in self.posts.values():
            if self._root(post) not in questions or post.type == "NOTE":
                continue
            new = self._is_in(post.created_at, days)
            posting = {"Q": o.points_post_q, "A": o.points_post_a}.get(post.type, 0) * new
            earned[post.author_id] += posting + self._by_votes(post, days)
            answer = self.posts.get(post.accepted_answer_id)
            if answer is None:
                continue
            at = answer.changed_at if answer.change == "S" else answer.created_at
            if not self._is_in(at, days):
                continue
            if post.type == "Q":
                earned[post.author_id] += o.points_select_a
            if answer.type == "A" and answer.author_id != post.author_id:
                earned[answer.author_id] += o.points_a_selected
        return Counter({user: n * o.points_multiple for user, n in earned.items()})

    def _by_votes(self, post: Any, days: int | None) -> int:
        kind, options = post.type[0].lower(), self.options

        def worth(up: int, down: int) -> int:
            gain = min(
                up * getattr(options, f"points_per_{kind}_voted_up"),
                getattr(options, f"points_{kind}_voted_max_gain"),
            )
            loss = min(
                down * getattr(options, f"points_per_{kind}_voted_down"),
                getattr(options, f"points_{kind}_voted_max_loss"),
            )
            return int(gain - loss)

        if days is None:
            return worth(post.upvote_count, post.downvote_count)
        late = [v.direction for v in self.received[post.id] if self._is_in(voted_at(v), days)]
        before = worth(post.upvote_count - late.count(1), post.downvote_count - late.count(-1))
        return worth(post.upvote_count, post.downvote_count) - before

    def _by_voting(self, days: int) -> Counter[int]:
        earned, options = Counter[int](), self.options
        for vote in self.votes:
            kind = self.posts[vote.post_id].type[0].lower()
            if kind in "qa" and self._is_in(voted_at(vote), days):
                way = "up" if vote.direction > 0 else "down"
                weight = getattr(options, f"points_vote_{way}_{kind}")
                earned[vote.user_id] += weight * options.points_multiple
        return earned


def voted_at(vote: Any) -> datetime | None:
    at: datetime | None = vote.changed_at or vote.cast_at
    return at


async def recount_of(db: Database, now: datetime) -> Recount:
    tables = {m: await rows_of(db, m) for m in (Post, Vote, User, UserPoints, PostTag)}
    async with db.read() as connection:
        options = await load(connection)
    return Recount(options, tables, now)


async def shown(api: Api, **variables: Any) -> list[Place]:
    """A whole ranking, page by page."""
    found: list[Place] = []
    after = None
    while True:
        page = (await api.ask(RANKING, after=after, **variables))["ranking"]
        found += [(n["rank"], n["points"], n["user"]["databaseId"]) for n in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found


def subjects(tree: CategoryTree, recount: Recount) -> dict[tuple[str, int], set[int]]:
    """What rankings there are beside that of everybody, with the questions that each is about."""
    found = {("T", word_id): questions for word_id, questions in recount.tags.items()}
    for category in tree.by_id.values():
        inside = {c.id for c in tree.by_id.values() if category in tree.path(c)}
        found["C", category.id] = {
            post.id for post in recount.posts.values() if post.category_id in inside
        } & recount.questions
    return found


def named(tree: CategoryTree, words: dict[int, str], scope: str, id: int) -> dict[str, str]:
    """How a client names a category or a tag."""
    if scope == "-":
        return {}
    if scope == "T":
        return {"tag": words[id]}
    return {"category": tree.slug_path(tree.by_id[id])}


async def all_places(db: Database) -> dict[tuple[str, int, int], list[Place]]:
    """All rankings as they are stored."""
    found = defaultdict(list)
    for row in sorted(await rows_of(db, Ranking), key=lambda row: row.place):
        place = (row.standing, row.points, row.user_id)
        found[row.scope, row.group_id, row.days].append(place)
    return dict(found)


async def test_rankings_are_what_points_counted_one_by_one_say(
    real: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = database_of(real)
    await migrations.upgrade(db)
    # So that a small site has several chunks, batches of tags, and removals.
    monkeypatch.setattr(ranking, "POSTS_AT_ONCE", 400)
    monkeypatch.setattr(ranking, "QUESTIONS_AT_ONCE", 100)
    monkeypatch.setattr(ranking, "TAGS_AT_ONCE", 20)
    monkeypatch.setattr(generations, "ROWS_DELETED_AT_ONCE", 500)
    async with db.begin() as connection:
        per_comment = update(Option).where(Option.name == "points_per_c_voted_up")
        await connection.execute(per_comment.values({Option.value: "2"}))
        most = select(UserPoints.user_id).order_by(UserPoints.points.desc()).limit(1)
        leader = (await connection.execute(most)).scalar_one()
        await connection.execute(
            update(User).where(User.id == leader).values({User.flags: User.flags.bitwise_or(2)})
        )
        last: Any = (await connection.execute(select(func.max(Vote.cast_at)))).scalar_one()
        now: datetime = last + timedelta(hours=1)
    site = await SiteCache(db).get()

    for _ in range(2):
        places = await ranking.make(db, site=site, now=site.zone.to_utc(now), tell=lambda *_: None)

    recount = await recount_of(db, now)
    words = {word.id: word.text for word in await rows_of(db, Word)}
    stored = await all_places(db)
    asked = 0
    for period, days in DAYS.items():
        expected = {("-", 0): recount.everybody(days)}
        for subject, questions in subjects(site.categories, recount).items():
            expected[subject] = recount.within(questions, days)
        for (scope, id), wanted in expected.items():
            assert stored.pop((scope, id, days or 0), []) == wanted, (period, scope, id)
            if scope == "-" or id % 7 == 0:
                arguments = named(site.categories, words, scope, id)
                assert await shown(real, period=period, **arguments) == wanted
                asked += bool(wanted)
    assert stored == {}
    assert asked > 10
    assert leader not in {user for _, _, user in await shown(real)}
    # Nothing is left of the first making.
    [generation] = await rows_of(db, RankingGeneration)
    rows = await rows_of(db, Ranking)
    assert {row.generation_id for row in rows} == {generation.id}
    assert len(rows) == places


def run_job(db: Database, **options: Any) -> Any:
    return run(JOBS["ranking"], Work(db, Log("ranking"), **options))


async def add_site(db: Database) -> list[int]:
    """A thread of today: who asked, who answered, and who voted for both."""
    now = (await SiteCache(db).get()).zone.to_local(datetime.now(UTC))
    async with db.begin() as connection:
        people = [await add_user(connection) for _ in range(3)]
        new = {"created_at": now}
        question = await add_post(connection, "Q", author_id=people[0], tags="swarm", **new)
        answer = {"author_id": people[1], "parent_id": question, **new}
        for post in (question, await add_post(connection, "A", **answer)):
            row = {"post_id": post, "user_id": people[2], "direction": 1, "flagged": 0}
            values = {getattr(Vote, name): value for name, value in row.items()}
            await connection.execute(insert(Vote).values({**values, Vote.cast_at: now}))
            await recounts.votes(connection, post_id=post)
        await settle(connection)
    return people


async def test_a_making_is_seen_when_it_is_whole_and_done_once(api: Api, db: Database) -> None:
    asker, answerer, voter = await add_site(db)
    assert await shown(api) == []

    job, slot = JOBS["ranking"], datetime.now(UTC)
    runs = (run(job, Work(db, Log(job.name)), slot=slot) for _ in range(3))
    made = await asyncio.gather(*runs, return_exceptions=True)

    # Whoever comes late may find it done.
    others = [outcome for outcome in made if not isinstance(outcome, Outcome)]
    assert [type(other) in (Held, AlreadyDone) for other in others] == [True, True]
    # 4 and 2 for the answer and the vote on it, 2 and 1 for the question, 1 and 1 for voting.
    week = [(1, 60, answerer), (2, 30, asker), (3, 20, voter)]
    assert await shown(api, period="WEEK") == week
    assert await shown(api, period="MONTH", tag="Swarm") == week[:2]
    ever = [(1, 160, answerer), (2, 130, asker), (3, 120, voter)]
    assert await shown(api) == ever

    async with db.begin() as connection:
        later = update(UserPoints).where(UserPoints.user_id == voter)
        await connection.execute(later.values({UserPoints.points: 500}))
    steps = 0
    while await is_stopped(db, after=steps):
        assert await shown(api) == ever
        steps += 1
    assert steps > 2
    assert await shown(api) == [(1, 500, voter), (2, 160, answerer), (3, 130, asker)]
    assert len(await rows_of(db, RankingGeneration)) == 1

    async with db.begin() as connection:
        await connection.execute(
            update(User).where(User.id == voter).values({User.flags: Flag.BLOCKED.value})
        )
    assert [user for _, _, user in await shown(api)] == [answerer, asker]


async def is_stopped(db: Database, *, after: int) -> bool:
    """Whether the job ends before it is done when it is asked to so many steps after its start."""
    asked = iter(range(after))
    try:
        await run_job(db, must_stop=lambda: next(asked, None) is None)
    except Stopped:
        return True
    return False


async def test_whoever_is_killed_leaves_the_former_rankings(
    site_url: str, api: Api, db: Database
) -> None:
    await add_site(db)
    await run_job(db)
    before = await shown(api)
    [former] = await rows_of(db, RankingGeneration)

    command = [sys.executable, "-c", "from app.cli import main; main()", "job", "ranking"]
    environment = {**os.environ, "DATABASE_URL": site_url}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    while process.returncode is None:
        if len(await rows_of(db, RankingGeneration)) > 1:
            break
    process.kill()
    await process.wait()

    assert await shown(api) == before
    await outlive(db)
    await run_job(db)
    assert await shown(api) == before
    [last] = await rows_of(db, RankingGeneration)
    assert last.id > former.id
    assert {row.generation_id for row in await rows_of(db, Ranking)} == {last.id}


async def test_who_is_overtaken_shows_nothing(api: Api, db: Database) -> None:
    await add_site(db)
    site = await SiteCache(db).get()
    now = datetime.now(UTC)

    # As if the leases of all but one had come to an end.
    made = await asyncio.gather(
        *(ranking.make(db, site=site, now=now, tell=lambda *_: None) for _ in range(4)),
        return_exceptions=True,
    )

    # Some of them may have had to wait until another was done.
    assert {"int"} <= {type(outcome).__name__ for outcome in made} <= {"int", "Overtaken"}
    assert [points for _, points, _ in await shown(api)] == [160, 130, 120]
    assert len(await rows_of(db, RankingGeneration)) == 1
    # A making whose row another has taken away cannot finish, whatever it has done.
    assert await is_stopped(db, after=1)
    unfinished = max(row.id for row in await rows_of(db, RankingGeneration))
    await run_job(db)
    [whole] = await rows_of(db, RankingGeneration)
    async with db.engine.connect() as connection:
        with pytest.raises(Overtaken):
            await ranking._finish(connection, unfinished)
    assert {row.generation_id for row in await rows_of(db, Ranking)} == {whole.id}

    # Nor does it remove what the one that has overtaken it has made so far.
    assert await is_stopped(db, after=2)
    begun = await rows_of(db, Ranking)
    assert {row.generation_id for row in begun} > {whole.id}
    async with db.engine.connect() as connection:
        await generations.remove_unseen(connection, before=unfinished)
        await generations.remove_before(connection, whole.id)
    assert await rows_of(db, Ranking) == begun


async def test_what_cannot_be_ranked_is_named(api: Api, db: Database) -> None:
    both = await api.refused(RANKING, category="hives", tag="swarm")
    assert both["extensions"]["code"] == "BAD_USER_INPUT"
    assert both["extensions"]["field"] == "tag"
    for unknown in ({"category": "hives"}, {"tag": "swarm"}):
        refused = await api.refused(RANKING, **unknown)
        assert refused["extensions"]["code"] == "NOT_FOUND"
