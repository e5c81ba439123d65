"""Who writes in the storm, and what they write about: 46 accounts and 4 guests, 20 posts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert

from app.auth.issuer import LocalIssuer
from app.auth.local import LocalSignIn
from app.db import Database
from app.domain.sites import SiteCache
from app.models import Category, CategoryLevel, Favorite, GuestCookie
from schema import nodes
from tests.meadow import BEGINNING, HERE, add_post, add_user, set_option, settle

CLIENTS = 50
OPTIONS: Mapping[str, object] = {
    "allow_close_questions": 1,
    "comment_on_qs": 1,
    "confirm_user_emails": 1,
    "db_version": 67,
    "feedback_email": "owner@example.org",
    "flagging_hide_after": 15,
    "moderate_anon_post": 1,
    "moderate_notify_admin": 1,
    "notify_admin_q_post": 1,
    "permit_edit_c": 110,
    "permit_select_a": 120,
    "voting_on_cs": 1,
}
LIMITED = ("qs", "as", "cs", "votes", "flags", "messages")
UNLIMITED = 60_000
# The levels of FACTS 9 by how many have them; then those who may do less than a beginner.
LEVELS = {0: 26, 10: 3, 20: 4, 50: 3, 80: 5, 100: 2, 120: 1}
CONFIRMED, BLOCKED, WRITES_UNCONFIRMED = 1, 2, 0
WEAK = (CONFIRMED | BLOCKED, WRITES_UNCONFIRMED)
GUEST_COOKIES = (10**12 + 7, 18_446_743_999_999_999_001, None, None)
NEIGHBORS = 2


class Client(NamedTuple):
    """Somebody who writes: an account with its token, or a guest, perhaps with a cookie."""

    user_id: int | None
    token: str | None
    cookie: int | None
    address: str

    @property
    def headers(self) -> dict[str, str]:
        headers = {"x-forwarded-for": self.address}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if self.cookie:
            headers["cookie"] = f"qa_id={self.cookie}"
        return headers


class Posts(NamedTuple):
    """The global ids of the twenty posts, and of the other things that people follow."""

    questions: list[str]
    answers: list[str]
    comments: list[str]
    users: list[str]
    places: list[str]


class Crowd(NamedTuple):
    """The site: `neighbors` are accounts that only write by way of q2a."""

    clients: list[Client]
    posts: Posts
    neighbors: list[int]


async def gather(db: Database, *, key_file: Path) -> Crowd:
    """Fill an empty site.

    :param key_file: where the key of the local issuer is, or is to be
    """
    async with db.begin() as connection:
        for name, value in OPTIONS.items():
            await set_option(connection, name, value)
        for name in LIMITED:
            await set_option(connection, f"max_rate_user_{name}", UNLIMITED)
            await set_option(connection, f"max_rate_ip_{name}", UNLIMITED)
        people = await _people(connection)
        neighbors = [await add_user(connection) for _ in range(NEIGHBORS)]
        posts = await _posts(connection, people)
        await _follow(connection, people)
        await settle(connection)
    return Crowd(await _clients(db, people, key_file), posts, neighbors)


async def _people(connection: Any) -> list[int]:
    people = []
    for level, count in LEVELS.items():
        people += [await add_user(connection, level=level) for _ in range(count)]
    people += [await add_user(connection, flags=flags) for flags in WEAK]
    places = {"entity_type": "C", "entity_id": 1, "level": 80}
    row = {"user_id": people[0], **places}
    await connection.execute(
        insert(CategoryLevel).values(
            {getattr(CategoryLevel, name): value for name, value in row.items()}
        )
    )
    for number in filter(None, GUEST_COOKIES):
        values: dict[Any, Any] = {
            GuestCookie.id: number,
            GuestCookie.created_at: BEGINNING,
            GuestCookie.created_from: HERE,
        }
        await connection.execute(insert(GuestCookie).values(values))
    return people


async def _posts(connection: Any, people: list[int]) -> Posts:
    """Five questions, seven answers and eight comments, by people who also vote on others."""
    await _categories(connection)
    authors = iter(people * 2)
    questions, answers, comments = [], [], []
    for number in range(5):
        place = {"category_id": 1 + number % 2, "category_1_id": 1 + number % 2}
        asked = {"author_id": next(authors), "notify": "@", "tags": "wings,queens", **place}
        questions.append((await add_post(connection, "Q", **asked), place))
    for number in range(7):
        question, place = questions[number % 5]
        said = {"author_id": next(authors), "parent_id": question, "notify": "@", **place}
        answers.append((await add_post(connection, "A", **said), place))
    for number in range(8):
        parent, place = [*answers, *questions][number]
        said = {"author_id": next(authors), "parent_id": parent, "notify": "@", **place}
        comments.append(await add_post(connection, "C", **said))
    return Posts(
        questions=[nodes.encode("Question", id) for id, _ in questions],
        answers=[nodes.encode("Answer", id) for id, _ in answers],
        comments=[nodes.encode("Comment", id) for id in comments],
        users=[nodes.encode("User", id) for id in people[:5]],
        places=[nodes.encode("Category", 1), nodes.encode("Category", 2)],
    )


async def _categories(connection: Any) -> None:
    for number, slug in enumerate(("hives", "wasps"), start=1):
        row = {"id": number, "title": slug, "slug": slug, "reversed_path": slug}
        values = {getattr(Category, name): value for name, value in row.items()}
        await connection.execute(insert(Category).values({**values, Category.position: number}))


async def _follow(connection: Any, people: list[int]) -> None:
    """Some people follow the first question, or somebody who asks."""
    rows = [("Q", 1, person) for person in people[10:16]]
    rows += [("U", people[1], person) for person in people[16:20]]
    for type, id, person in rows:
        values: dict[Any, Any] = {
            Favorite.user_id: person,
            Favorite.entity_type: type,
            Favorite.entity_id: id,
            Favorite.reads_shared_events: 0,
        }
        await connection.execute(insert(Favorite).values(values))


async def _clients(db: Database, people: list[int], key_file: Path) -> list[Client]:
    """Two clients each share an address, as people behind one network do."""
    sign_in = LocalSignIn(db, SiteCache(db), LocalIssuer(key_file))
    clients = []
    for number, user_id in enumerate(people):
        tokens = await sign_in.by_handle(f"bee{user_id}")
        address = f"192.0.2.{number // 2}"
        clients.append(Client(user_id, tokens.access_token, None, address))
    guests = [Client(None, None, cookie, "192.0.2.200") for cookie in GUEST_COOKIES]
    return [*clients, *guests][:CLIENTS]
