"""Links in mails that end mails of their kind: opened, clicked, forged, and what they end."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain import outbox, unsubscribing
from app.domain.mail_texts import MailKind
from app.domain.outbox import Recipient
from app.domain.sites import SiteCache
from app.domain.unsubscribing import Offer
from app.domain.viewers import Flag, Viewer
from app.domain.writing import Writer
from app.models import Post, User
from app.models.waggle import Mail
from tests.api.test_notifications import Thread, add_thread, answer, ask, recipients
from tests.conftest import Api, database_of, statements_of

SENT = (MailKind.ANSWERED, MailKind.WALL_POST, MailKind.MESSAGE)


async def offer_to(db: Database, user_id: int, kind: str = MailKind.ANSWERED.value) -> Offer:
    """What a mail of a kind to somebody has to say of how to end it."""
    site = await SiteCache(db).get()
    async with db.read() as connection:
        key = await unsubscribing.secret(connection)
    offered = unsubscribing.offer(site, key, user_id=user_id, kind=kind)
    assert offered is not None
    return offered


def address_of(offered: Offer) -> str:
    """The path and query of the link that an offer's header has."""
    url = urlsplit(offered.headers["List-Unsubscribe"].strip("<>"))
    return f"{url.path}?{url.query}"


async def write_to(db: Database, user_id: int, kinds: Sequence[str]) -> list[str]:
    """Queue a mail of each kind to somebody; returns those that went into the outbox."""
    writer = Writer(Viewer(), await SiteCache(db).get(), datetime(2026, 3, 2, tzinfo=UTC))
    to = Recipient("bee@example.org", "bee", user_id)
    async with db.begin() as connection:
        for kind in kinds:
            await outbox.queue(
                connection, writer=writer, kind=kind, to=to, subject="It hums", body="Hm."
            )
        found = await connection.execute(select(Mail.kind).where(Mail.user_id == user_id))
        return list(found.scalars())


async def column_of(db: Database, column: Any, id: int) -> Any:
    async with db.read() as connection:
        return await connection.scalar(select(column).where(column.table.c.id == id))


async def test_one_click_ends_mails_about_all_ones_posts(api: Api, db: Database) -> None:
    thread = await add_thread(db, site_language="")
    offered = await offer_to(db, thread.asker)

    done = await api.http.post(
        address_of(offered), data={"List-Unsubscribe": "One-Click"}, headers={"accept": "*/*"}
    )
    await answer(api, thread, viewer=thread.member)

    assert (done.status_code, "no more mails" in done.text) == (200, True)
    assert offered.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert offered.headers["List-Unsubscribe"].strip("<>") in offered.footer
    assert await recipients(db) == []
    # PHP looks at the posts only.
    assert await column_of(db, Post.notify, thread.question) is None
    assert await column_of(db, Post.notify, thread.answer) is not None


async def test_opening_the_link_asks_and_changes_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    page = await api.http.get(address_of(await offer_to(db, thread.asker)))
    head = await api.http.head(address_of(await offer_to(db, thread.asker)))
    await answer(api, thread, viewer=thread.member)

    assert (page.status_code, head.status_code) == (200, 200)
    assert '<form method="post"><button>No more mails</button></form>' in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert len(await recipients(db)) == 1


async def test_the_page_speaks_the_language_of_the_site(api: Api, db: Database) -> None:
    title = '<script>alert("ミツバチ")</script>'
    thread = await add_thread(db, site_language="ja", site_title=title)
    page = await api.http.get(address_of(await offer_to(db, thread.asker)))

    assert '<html lang="ja">' in page.text
    assert "メールを停止する" in page.text
    assert "<script>" not in page.text
    assert "停止する: https://bees.example/mails" in (await offer_to(db, thread.asker)).footer


async def test_a_link_that_was_not_sent_does_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    path, _, token = address_of(await offer_to(db, thread.asker)).partition("token=")
    account, topic, code = token.split(".")
    forged = [
        "",
        token[:-1],
        token + "A",
        f"{thread.answerer}.{topic}.{code}",
        f"{account}.wall.{code}",
        f"{account}.{topic}.",
        f"-{token}",
        f"0{token}",
        "٣.posts.x",
        f"{10**30}.{topic}.{code}",
        "é" * 1000,
    ]
    for text in forged:
        for method in ("GET", "POST"):
            refused = await api.http.request(method, path, params={"token": text})
            assert (refused.status_code, "<form" in refused.text) == (404, False), text
    assert (await api.http.put(f"{path}token={token}")).status_code == 405
    await answer(api, thread, viewer=thread.member)
    assert len(await recipients(db)) == 1


@pytest.mark.parametrize("kind", SENT)
async def test_a_link_ends_mails_about_its_topic_only(
    api: Api, db: Database, kind: MailKind
) -> None:
    thread = await add_thread(db, show_message_history="1")
    link = address_of(await offer_to(db, thread.member, kind.value))
    for _ in range(2):
        assert (await api.http.post(link)).status_code == 200

    kinds = [kind.value for kind in SENT] + [MailKind.CONFIRM.value, "digest", "mailing"]
    assert await write_to(db, thread.member, kinds) == [k for k in kinds if k != kind.value]
    assert len(await write_to(db, thread.asker, kinds)) == len(kinds)
    assert await column_of(db, User.flags, thread.member) == Flag.CONFIRMED


async def test_ending_mailings_is_q2as_flag_and_ends_digests_too(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    link = address_of(await offer_to(db, thread.member, "mailing"))
    await api.http.post(link)

    flags = await column_of(db, User.flags, thread.member)
    assert flags == Flag.CONFIRMED | Flag.NO_MAILINGS
    assert await write_to(db, thread.member, ["digest", "mailing", "message"]) == ["message"]


async def test_where_messages_are_not_kept_nobody_can_send_one_that_is_not_mailed(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db, show_message_history="")
    await api.http.post(address_of(await offer_to(db, thread.member, "message")))

    flags = await column_of(db, User.flags, thread.member)
    assert flags == Flag.CONFIRMED | Flag.NO_MESSAGES


async def test_who_wants_mails_about_a_post_again_gets_them(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await api.http.post(address_of(await offer_to(db, thread.asker)))

    assert await write_to(db, thread.asker, ["answered"]) == []

    await ask(api, thread.asker, notify=False)
    assert await write_to(db, thread.asker, ["answered"]) == []

    await ask(api, thread.asker, notify=True, title="Why do bees hum?", content="Do they sing?")
    assert await write_to(db, thread.asker, ["answered"]) == ["answered"]
    assert await column_of(db, Post.notify, thread.question) is None


async def test_mails_can_be_had_again_by_the_profile(api: Api, db: Database) -> None:
    thread = await add_thread(db, show_message_history="1")
    fields = "wantsWallMails wantsMessageMails"
    choice = f"""
        mutation ($input: UpdateProfileInput!) {{
            result: updateProfile(input: $input) {{
                ... on UpdateProfileSuccess {{ viewer {{ {fields} }} }}
            }}
        }}
    """
    for kind in ("wall post", "message"):
        await api.http.post(address_of(await offer_to(db, thread.member, kind)))
    viewer = (await api.ask(f"{{ viewer {{ {fields} }} }}", viewer=thread.member))["viewer"]
    assert viewer == {"wantsWallMails": False, "wantsMessageMails": False}

    input = {"wantsWallMails": True}
    changed = await api.ask(choice, viewer=thread.member, input=input)

    viewer = {"wantsWallMails": True, "wantsMessageMails": False}
    assert changed["result"]["viewer"] == viewer
    assert await write_to(db, thread.member, ["wall post", "message"]) == ["wall post"]
    await api.ask(choice, viewer=thread.member, input={"wantsWallMails": False})
    assert await write_to(db, thread.member, ["wall post"]) == ["wall post"]


async def test_a_deleted_account_has_no_link(api: Api, db: Database) -> None:
    thread: Thread = await add_thread(db)
    link = address_of(await offer_to(db, 4_000_000_000))
    assert (await api.http.get(link)).status_code == 404
    assert (await api.http.post(link)).status_code == 404
    assert thread.asker


def test_what_cannot_be_done_without_has_no_link(db: Database) -> None:
    kinds = [MailKind.CONFIRM, MailKind.WELCOME, MailKind.REGISTERED, MailKind.QUEUED]
    assert [unsubscribing.topic_of(kind.value) for kind in kinds] == [None] * 4
    assert unsubscribing.topic_of("flag") is None


async def test_links_lead_to_where_the_api_is(site_url: str, serve: Any) -> None:
    api = serve(site_url, API_URL="https://api.bees.example/waggle")
    db = database_of(api)
    thread = await add_thread(db)
    sent = statements_of(api)
    offered = await offer_to(db, thread.asker)

    assert "<https://api.bees.example/waggle/mails/unsubscribe?token=" in str(offered.headers)
    assert len([statement for statement in sent if "waggle_secrets" in statement]) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_without_a_database_the_page_says_when_to_come_back(serve: Any, method: str) -> None:
    api = serve("mysql+aiomysql://bee@127.0.0.1:1/nowhere")
    answered = await api.http.request(method, "/mails/unsubscribe", params={"token": "1.posts.x"})

    assert (answered.status_code, answered.headers["retry-after"]) == (503, "10")
    assert answered.text == "The database cannot be reached."
