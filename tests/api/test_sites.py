"""The site through the API: what everybody may know of it, and nothing else."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert

from app.api import schema
from app.db import Database
from app.domain.addresses import packed
from app.models import AddressLimit, Page, UserLimit
from tests.conftest import Api
from tests.meadow import add_user, set_option

PAGES = "{ site { pages { title slug url menu isExternal opensNewWindow contentHtml } } }"
LIMITS = "{ rateLimit { action limit remaining resetAt } }"


async def add_page(connection: Any, position: int, **values: Any) -> None:
    row = {
        "id": position,
        "title": f"P{position}",
        "nav": "M",
        "position": position,
        "flags": 0,
        "slug": "page",
    }
    named = {getattr(Page, name): value for name, value in (row | values).items()}
    await connection.execute(insert(Page).values(named))


async def test_the_owners_options_are_told_with_q2as_defaults(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        await set_option(connection, "site_title", "Meadow")
        await set_option(connection, "site_language", "ja")
        await set_option(connection, "tags_or_categories", "t")
        await set_option(connection, "permit_post_a", 120)
        await set_option(connection, "max_len_q_title", 90)

    data = await api.ask(
        """{ site {
            title language textDirection usesTags usesCategories isInMaintenance
            asking { guestsMay minTitleLength maxTitleLength tagSeparator extraFieldLabel }
            answering { guestsMay minContentLength } commenting { onQuestions onAnswers }
            voting { onQuestions onComments flagsToHide } members { registrationIsOpen }
            pageSizes { questions tags } viewerCanAsk viewerCanModerate
        } }"""
    )

    assert data["site"] == {
        "title": "Meadow",
        "language": "ja",
        "textDirection": "LTR",
        "usesTags": True,
        "usesCategories": False,
        "isInMaintenance": False,
        "asking": {
            "guestsMay": True,
            "minTitleLength": 12,
            "maxTitleLength": 90,
            "tagSeparator": "BLANK",
            "extraFieldLabel": None,
        },
        "answering": {"guestsMay": False, "minContentLength": 12},
        "commenting": {"onQuestions": False, "onAnswers": True},
        "voting": {"onQuestions": True, "onComments": False, "flagsToHide": 5},
        "members": {"registrationIsOpen": True},
        "pageSizes": {"questions": 20, "tags": 30},
        "viewerCanAsk": True,
        "viewerCanModerate": False,
    }


async def test_counters_are_as_they_stand_now_and_never_below_zero(api: Api, db: Database) -> None:
    document = "{ site { questionCount tagCount } }"
    assert (await api.ask(document))["site"] == {"questionCount": 0, "tagCount": 0}

    async with db.begin() as connection:
        await set_option(connection, "cache_qcount", 7)
        await set_option(connection, "cache_tagcount", -3)

    assert (await api.ask(document))["site"] == {"questionCount": 7, "tagCount": 0}


async def test_custom_pages_are_shown_to_those_who_may_see_them(api: Api, db: Database) -> None:
    async with db.begin() as connection:
        member = await add_user(connection)
        await add_page(connection, 2, slug="rules", content="<p onclick='x()'>Be kind.</p>")
        await add_page(connection, 1, slug="members", permit=120, nav="F", content="Honey")
        await add_page(connection, 3, slug="https://example.org/", flags=3, nav="O")
        await add_page(connection, 4, slug="javascript:alert(1)", flags=1, nav="?")

    guests = (await api.ask(PAGES))["site"]["pages"]
    members = (await api.ask(PAGES, viewer=member))["site"]["pages"]

    assert [page["title"] for page in guests] == ["P2", "P3", "P4"]
    assert [page["title"] for page in members] == ["P1", "P2", "P3", "P4"]
    rules, link, odd = guests
    assert (rules["slug"], rules["contentHtml"]) == ("rules", "<p>Be kind.</p>")
    assert rules["url"].endswith("rules")
    assert (link["url"], link["slug"]) == ("https://example.org/", None)
    assert (link["isExternal"], link["opensNewWindow"]) == (True, True)
    assert link["menu"] == "OPPOSITE"
    assert not odd["url"].startswith("javascript:")
    assert odd["menu"] == "NOWHERE"


@pytest.mark.parametrize("secret", ["salt", "smtp", "feedback", "fromEmail", "blockIps"])
def test_no_secret_of_the_site_is_in_the_schema(secret: str) -> None:
    fields = schema.get_type_by_name("Site").fields  # type: ignore[union-attr]
    names = [field.graphql_name or field.python_name for field in fields]
    assert not [name for name in names if secret.lower() in name.lower().replace("_", "")]


async def test_a_guests_limits_are_those_of_the_address(api: Api, db: Database) -> None:
    limits = {limit["action"]: limit for limit in (await api.ask(LIMITS))["rateLimit"]}
    assert (limits["ASK"]["limit"], limits["ASK"]["remaining"]) == (20, 20)
    hour = hour_before(limits["ASK"]["resetAt"])

    async with db.begin() as connection:
        counted = {"address": b"\x0a\x00\x00\x01", "action": "Q", "period": hour, "count": 5}
        values = {getattr(AddressLimit, name): value for name, value in counted.items()}
        await connection.execute(insert(AddressLimit).values(values))
    one = "{ rateLimit(action: ASK) { remaining } }"
    assert (await api.ask(one, address="10.0.0.1"))["rateLimit"] == [{"remaining": 15}]
    assert (await api.ask(one, address="10.0.0.2"))["rateLimit"] == [{"remaining": 20}]


async def test_a_network_leaves_its_addresses_what_it_has_left(api: Api, db: Database) -> None:
    hour = hour_before((await api.ask(LIMITS))["rateLimit"][0]["resetAt"])
    async with db.begin() as connection:
        for address, count in (("2001:db8::", 7), ("2001:db8::1", 2), ("2001:db8::2", 8)):
            counted = {"address": packed(address), "action": "Q", "period": hour, "count": count}
            values = {getattr(AddressLimit, name): value for name, value in counted.items()}
            await connection.execute(insert(AddressLimit).values(values))

    one = "{ rateLimit(action: ASK) { remaining } }"
    left = [
        (await api.ask(one, address=address))["rateLimit"][0]["remaining"]
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1")
    ]

    assert left == [13, 12, 13, 20]


async def test_a_members_limits_are_their_own_as_well(api: Api, db: Database) -> None:
    first = (await api.ask(LIMITS))["rateLimit"][0]
    async with db.begin() as connection:
        member = await add_user(connection)
        hour = hour_before(first["resetAt"])
        for action, period in (("Q", hour), ("A", hour - 1)):
            counted = {"user_id": member, "action": action, "period": period, "count": 50}
            values = {getattr(UserLimit, name): value for name, value in counted.items()}
            await connection.execute(insert(UserLimit).values(values))

    limits = (await api.ask(LIMITS, viewer=member))["rateLimit"]

    left = {limit["action"]: (limit["limit"], limit["remaining"]) for limit in limits}
    # More than allowed leaves nothing; another hour's count does not count.
    assert left["ASK"] == (10, 0)
    assert left["ANSWER"] == (25, 25)


def hour_before(reset_at: str) -> int:
    return int(datetime.fromisoformat(reset_at).timestamp()) // 3600 - 1
