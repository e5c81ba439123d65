"""What surrounds the threads of the demo site: accounts, options, pages and messages."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from app.demo.clock import Calendar
from app.demo.images import DemoImage
from app.demo.people import CONFIRMED, PASSWORD_HASH, SHOW_AVATAR, Community, Person
from app.demo.tree import category_rows, places

OPTIONS = {
    "site_title": "The Apiary / 養蜂ひろば",
    "neat_urls": "1",
    "site_language": "",
    "points_to_titles": "0 Egg,200 Larva,500 House bee,1500 Guard bee,4000 Forager,12000 Queen",
    "allow_no_category": "0",
    "comment_on_qs": "1",
    "voting_on_cs": "1",
    "do_count_q_views": "1",
    "show_view_counts": "1",
    "extra_field_active": "1",
    "extra_field_display": "1",
    "extra_field_label": "Your colonies",
    "extra_field_prompt": "Which bees do you keep, and how many?",
    "tags_or_categories": "tc",
    "max_num_q_tags": "5",
    "q_urls_title_length": "60",
    "confirm_user_emails": "1",
    "caching_enabled": "0",
    "wysiwyg_editor_upload_images": "1",
    "show_notice_visitor": "1",
    "notice_visitor": "Welcome to the apiary. Look around, nobody stings here.",
    "home_description": "Questions and answers about bees, in English and Japanese.",
    "show_home_description": "1",
    "block_bad_words": "snake*oil,クソ",
}
# Never before all else is in place: whoever reads the site sees by it that it is complete.
DB_VERSION = {"db_version": "67"}
WALL = {
    "en": (
        "Welcome back! How did your bees come through the winter?",
        "Your answer about the entrance saved my hive, thank you.",
        "Are you coming to the meeting on Saturday?",
    ),
    "ja": ("先日の回答、とても助かりました。", "春の分蜂はいかがでしたか。"),
}
MESSAGES = {
    "en": (
        "Could I have some of your queen cells in May?",
        "I have moved your question to the other category, I hope that is all right.",
        "Do you still sell the old extractor?",
    ),
    "ja": ("待ち箱の寸法を教えていただけますか。", "写真をありがとうございました。"),
}
FIELDS = (
    # Title, label (none: q2a's own), flags (1: several lines, 2: a link), who may see it.
    ("name", None, 0, 150),
    ("location", None, 0, 150),
    ("website", None, 2, 150),
    ("about", None, 1, 150),
    ("years", "Years with bees", 0, 120),
)
ABOUT_PAGE = (
    "<p>This is a site for people who keep bees, wherever they keep them.</p>"
    "<p>ここはミツバチを飼う人のための質問と回答の場です。</p>"
)


def user_rows(
    community: Community, calendar: Calendar, wall_counts: dict[int, int]
) -> Iterator[dict[str, Any]]:
    """The accounts; everybody has the same password, see `people.PASSWORD`."""
    for person in community.people:
        last = max(person.created, person.last_written or 0)
        signed_in = min(last + person.id * 7919 % 600_000, calendar.span - 1)
        has_avatar = person.avatar is not None
        yield {
            "id": person.id,
            "created_at": calendar.at(person.created),
            "created_from": person.address,
            "email": person.email,
            "handle": person.handle,
            "avatar_blob_id": person.avatar,
            "avatar_width": 200 if has_avatar else None,
            "avatar_height": 200 if has_avatar else None,
            "password_hash": PASSWORD_HASH,
            "level": person.level,
            "signed_in_at": calendar.at(signed_in),
            "signed_in_from": person.address,
            "written_at": calendar.maybe(person.last_written),
            "written_from": person.address if person.last_written is not None else None,
            "email_code": "" if person.flags & CONFIRMED else f"c{person.id:07d}",
            "session_code": "",
            "session_source": None,
            "flags": person.flags | (SHOW_AVATAR if has_avatar else 0),
            "wall_post_count": wall_counts.get(person.id, 0),
        }


def profile_rows(community: Community) -> list[dict[str, Any]]:
    return [
        {"user_id": person.id, "name": title, "value": getattr(person, title)}
        for person in community.people
        for title, *_ in FIELDS
        if getattr(person, title)
    ]


def field_rows() -> list[dict[str, Any]]:
    return [
        {
            "id": place,
            "name": title,
            "label": label,
            "position": place,
            "flags": flags,
            "permit": permit,
        }
        for place, (title, label, flags, permit) in enumerate(FIELDS, start=1)
    ]


def category_values() -> list[dict[str, Any]]:
    return [row._asdict() for row in category_rows()]


def category_level_rows(levels: Iterable[tuple[int, str, int]]) -> list[dict[str, Any]]:
    """Who has which level in which category, from person, path and level."""
    return [
        {
            "user_id": person,
            "entity_type": "C",
            "entity_id": places()[path].category_id,
            "level": level,
        }
        for person, path, level in levels
    ]


def option_rows(site_url: str) -> list[dict[str, Any]]:
    options = OPTIONS | {"site_url": site_url}
    return [{"name": name, "value": value} for name, value in options.items()]


def message_rows(rng: Random, community: Community, calendar: Calendar) -> list[dict[str, Any]]:
    """Wall posts and private messages among people of one language, in order of time."""
    count = 40 + len(community.people) // 5
    times = sorted(rng.randrange(calendar.span * 3 // 4, calendar.span) for _ in range(count))
    rows = []
    for number, time in enumerate(times, start=1):
        language = "ja" if rng.random() < 0.35 else "en"
        writer, owner = _two(rng, community.by_language[language], time)
        is_wall = number % 2 == 0
        rows.append(
            {
                "id": number,
                "type": "PUBLIC" if is_wall else "PRIVATE",
                "sender_id": writer.id,
                "recipient_id": owner.id,
                "deleted_by_sender": int(not is_wall and number % 9 == 0),
                "deleted_by_recipient": 0,
                "content": rng.choice((WALL if is_wall else MESSAGES)[language]),
                "format": "",
                "created_at": calendar.at(time),
            }
        )
    return rows


def _two(rng: Random, people: list[Person], time: int) -> tuple[Person, Person]:
    present = [p for p in people[:200] if p.created < time and p.flags & CONFIRMED]
    writer, owner = rng.sample(present, 2)
    return writer, owner


def notice_rows(community: Community, calendar: Calendar) -> list[dict[str, Any]]:
    texts = {
        "en": ("", "Your account is five years old today. Have some cake."),
        "ja": ("html", "<p>登録から<strong>五年</strong>がたちました。</p>"),
    }
    return [
        {
            "user_id": person.id,
            "content": texts[person.language][1],
            "format": texts[person.language][0],
            "tags": None,
            "created_at": calendar.at(calendar.span - 86_400),
        }
        for person in community.people[9:13]
    ]


def page_rows() -> list[dict[str, Any]]:
    about = ("About us", "F", 0, "about", "About this site", ABOUT_PAGE)
    club = ("Bee club", "M", 1, "https://club.example.org/", None, None)
    names = ("title", "nav", "flags", "slug", "heading", "content")
    return [
        dict(zip(names, page, strict=True)) | {"id": position, "position": position, "permit": None}
        for position, page in enumerate((about, club), start=1)
    ]


def widget_rows() -> list[dict[str, Any]]:
    return [
        {"id": 1, "place": "SH", "position": 1, "templates": "all", "title": "Categories"},
        {
            "id": 2,
            "place": "ML",
            "position": 2,
            "templates": "question",
            "title": "Related Questions",
        },
    ]


def blob_rows(blobs: list[DemoImage], calendar: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "id": blob.id,
            "format": blob.format,
            "content": blob.content,
            "filename": blob.filename,
            "user_id": blob.owner_id,
            "cookie_id": None,
            "created_from": None,
            "created_at": calendar.at(blob.owner_id * 4000),
        }
        for blob in blobs
    ]
