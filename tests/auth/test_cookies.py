"""q2a's cookies: whom they sign in, and on which requests they are honoured at all."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from app.auth.cookies import SessionCookie, guest_id_of, session_of
from app.domain.viewers import Flag
from app.models import GuestCookie, User
from tests.auth.conftest import WHO, Door, OpenDoor
from tests.auth.pool import Pool
from tests.auth.test_accounts import knows, prepare
from tests.meadow import BEGINNING, HERE, add_post

CODE = "0e123456"
HACHI = "hachi%2F0e123456%2F1"
JSON = {"content-type": "application/json"}
BODY = b'{"query": "{ viewer { user { handle } } }"}'


@pytest.fixture
async def shared(open_door: OpenDoor, site_url: str) -> Door:
    """A site that accepts q2a's sessions, with people who have some."""
    door = open_door(site_url, ACCEPT_Q2A_SESSIONS="true", CORS_ORIGINS="https://app.example")
    people: list[dict[str, Any]] = [
        {"handle": "hachi", "session_code": CODE},
        {"handle": "みつ ばち", "session_code": "abcd1234", "session_source": "facebook"},
        {"handle": "nobody", "session_code": ""},
        {"handle": "wasp", "session_code": "wasp1234", "flags": Flag.BLOCKED.value},
    ]
    await prepare(door.db, *people, site_url="https://bees.example/forum/")
    return door


async def who(door: Door, cookie: str, **headers: str) -> str | None:
    return await door.handle(cookie=f"qa_session={cookie}", **headers)


async def test_the_owner_of_a_session_is_signed_in(shared: Door) -> None:
    assert await who(shared, HACHI) == "hachi"
    assert await who(shared, "hachi%2F0e123456%2F0") == "hachi"
    assert await who(shared, "hachi/0e123456/1") == "hachi"
    assert await who(shared, "%E3%81%BF%E3%81%A4+%E3%81%B0%E3%81%A1%2Fabcd1234%2F1") == "みつ ばち"
    assert await who(shared, "%E3%81%BF%E3%81%A4%20%E3%81%B0%E3%81%A1/abcd1234/1") == "みつ ばち"
    assert await who(shared, "wasp%2Fwasp1234%2F1") == "wasp"


@pytest.mark.parametrize(
    "cookie",
    [
        "hachi%2F0e999999%2F1",
        "hachi%2F0%2F1",
        "hachi%2F0E123456%2F1",
        "hachi%2F0e12345%2F1",
        "hachi%2F0e123456 %2F1",
        "hachi%2F%2F1",
        "nobody%2F%2F1",
        "nobody%2F+%2F1",
        "%2F0e123456%2F1",
        "somebody%2F0e123456%2F1",
        "hachi%2F0e123456",
        "hachi%2F0e123456%2F2",
        "hachi%2F0e123456%2F1%2F1",
        "hachi%00%2F0e123456%2F1",
        "hachi%FF%2F0e123456%2F1",
        "%F0%9F%90%9D%2F0e123456%2F1",
        "x" * 5000,
        "",
        "%",
    ],
)
async def test_a_session_that_is_not_genuine_is_a_guest(shared: Door, cookie: str) -> None:
    assert await who(shared, cookie) is None


async def test_a_session_ends_when_the_code_changes(shared: Door) -> None:
    assert await who(shared, HACHI) == "hachi"
    async with shared.db.begin() as connection:
        await connection.execute(update(User).values(session_code="zzzz9999"))

    assert await who(shared, HACHI) is None


async def test_sessions_are_not_accepted_by_default(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url)
    await prepare(door.db, {"handle": "hachi", "session_code": CODE})

    assert await who(door, HACHI) is None


@pytest.mark.parametrize(
    "origin",
    [
        "https://bees.example",
        "http://bees.example",
        "HTTPS://BEES.example",
        "https://app.example",
    ],
)
async def test_the_sites_own_pages_may_send_cookies(shared: Door, origin: str) -> None:
    assert await who(shared, HACHI, origin=origin) == "hachi"


async def test_the_origin_of_the_sites_address_may_send_cookies(shared: Door) -> None:
    origin = "https://bees.example"
    assert await who(shared, HACHI, origin=origin, host="api.internal:8000") == "hachi"
    assert await who(shared, HACHI, origin="http://bees.example", host="api.internal") is None


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "https://bees.example.evil.example",
        "https://bees.example:8443",
        "https://evil.example/https://bees.example",
        "bees.example",
        "",
        "file://",
    ],
)
async def test_a_foreign_page_cannot_send_cookies(shared: Door, origin: str) -> None:
    assert await who(shared, HACHI, origin=origin) is None


async def test_two_origins_are_none_of_the_sites_own(shared: Door) -> None:
    both = [("origin", "https://bees.example"), ("origin", "https://evil.example")]
    headers = [("cookie", f"qa_session={HACHI}"), ("content-type", "application/json"), *both]

    response = await shared.http.post("/graphql", content=BODY, headers=headers)

    assert response.json() == {"data": {"viewer": None}}


async def test_a_link_or_a_picture_elsewhere_cannot_use_cookies(shared: Door) -> None:
    response = await shared.http.get(
        "/graphql",
        params={"query": WHO},
        headers={"cookie": f"qa_session={HACHI}", "content-type": "application/json"},
    )
    assert response.json() == {"data": {"viewer": None}}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
async def test_a_form_elsewhere_is_refused_before_anybody_is_asked_for(
    shared: Door, content_type: str
) -> None:
    headers = {"cookie": f"qa_session={HACHI}", "content-type": content_type}
    response = await shared.http.post("/graphql", content=BODY, headers=headers)
    assert response.status_code == 415


async def test_all_origins_do_not_include_those_that_may_send_cookies(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url, ACCEPT_Q2A_SESSIONS="true", CORS_ORIGINS="*")
    await prepare(door.db, {"handle": "hachi", "session_code": CODE})

    assert await who(door, HACHI) == "hachi"
    assert await who(door, HACHI, origin="https://evil.example") is None


async def test_a_token_counts_more_than_a_cookie(shared: Door, pool: Pool) -> None:
    knows(pool, "bee", "mitsu@example.org", preferred_username="mitsu")

    assert await who(shared, HACHI, authorization=f"Bearer {pool.token('bee')}") == "mitsu"
    response = await shared.post(cookie=f"qa_session={HACHI}", authorization="Bearer nonsense")
    assert response.status_code == 401


def test_a_session_is_read_from_its_cookie() -> None:
    assert session_of({"qa_session": HACHI}) == SessionCookie("hachi", CODE)
    assert session_of({}) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", None),
        ("0", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1.5", None),
        ("1e5", None),
        ("٣", None),
        ("0" * 30, None),
        ("", None),
        ("bee", None),
    ],
)
def test_a_guest_has_an_unsigned_number_of_64_bits(text: str, number: int | None) -> None:
    assert guest_id_of({"qa_id": text}) == number


async def test_a_guest_who_comes_back_is_the_author_of_what_they_wrote(shared: Door) -> None:
    number = 2**64 - 5
    async with shared.db.begin() as connection:
        cookie = {"id": number, "created_at": BEGINNING, "created_from": HERE}
        await connection.execute(insert(GuestCookie).values(**cookie))
        question = await add_post(connection, "Q", cookie_id=number)
    document = f"{{ question(databaseId: {question}) {{ viewerIsAuthor }} }}"

    async def is_author(**headers: str) -> Any:
        data = (await shared.post(document, **headers)).json()["data"]
        return data["question"]["viewerIsAuthor"]

    assert await is_author(cookie=f"qa_id={number}") is True
    assert await is_author(cookie=f"qa_id={number - 1}") is False
    assert await is_author() is False
    assert await is_author(cookie=f"qa_id={number}", origin="https://evil.example") is False
