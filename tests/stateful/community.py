"""The community in which the runs happen: people of every kind, categories, posts, and options."""

from typing import Any

from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.domain import recounts
from app.models import (
    Category,
    CategoryLevel,
    GuestCookie,
    Message,
    Notice,
    ProfileField,
    User,
    UserPoints,
    Vote,
)
from tests.meadow import BEGINNING, HERE, add_post, add_user, set_option, settle

CONFIRMED, BLOCKED, MUST_CONFIRM = 1, 2, 128
PEOPLE: dict[str, dict[str, int]] = {
    "bee": {},
    "drone": {},
    "unconfirmed": {"flags": 0},
    "must confirm": {"flags": MUST_CONFIRM},
    "approved": {"level": 10},
    "expert": {"level": 20},
    "editor": {"level": 50},
    "moderator": {"level": 80},
    "admin": {"level": 100},
    "blocked": {"flags": CONFIRMED | BLOCKED},
    "blocked moderator": {"flags": CONFIRMED | BLOCKED, "level": 80},
    "rich": {},
    "editor of hives": {},
}
BONUS = {"rich": 2000, "drone": -60}
# Id, parent, slug: four levels, one below the other, and a branch beside them.
CATEGORIES = [
    (1, None, "hives"),
    (2, 1, "wood"),
    (3, 2, "old"),
    (4, 3, "rotten"),
    (5, None, "wasps"),
    (6, 1, "straw"),
]
PATHS = ["hives", "hives/wood", "hives/wood/old", "hives/wood/old/rotten", "wasps", "hives/straw"]
TAGS = ["varroa", "swarm", "queen bee", "late-summer", "蜂蜜", "Swarm", "it's", "a/b"]


GUEST = 2**63 + 11
# The types of the posts that are there to begin with, by their ids from 1 on.
POSTS = (
    *("Question", "Answer", "Comment", "Question", "Answer", "Comment", "Question"),
    *("Answer", "Comment", "Answer", "Comment", "Question"),
)
# Who has flagged which of them, and on whose wall somebody has written.
FLAGS = (("admin", 1), ("admin", 5), ("bee", 2), ("drone", 2))
WALL = ("bee", "drone")


async def add_community(connection: AsyncConnection) -> dict[str, int]:
    """The people, by what they are, with categories, profile fields and notices."""
    people = {name: await add_user(connection, **row) for name, row in PEOPLE.items()}
    for name, bonus in BONUS.items():
        own = update(UserPoints).where(UserPoints.user_id == people[name])
        await connection.execute(own.values({UserPoints.bonus: bonus}))
    await _add_categories(connection)
    editor = {"user_id": people["editor of hives"], "entity_type": "C", "entity_id": 1, "level": 50}
    await _add(connection, CategoryLevel, [editor])
    fields = [
        {"id": position, "name": name, "flags": 0, "position": position}
        for position, name in enumerate(("name", "about"), start=1)
    ]
    await _add(connection, ProfileField, fields)
    notices = [
        {"user_id": user_id, "content": "Swarm!", "format": "", "created_at": BEGINNING}
        for user_id in people.values()
    ]
    await _add(connection, Notice, notices)
    await _add_posts(connection, people)
    return people


async def _add_posts(connection: AsyncConnection, people: dict[str, int]) -> None:
    """Two threads, one of them a guest's, and a hidden question that follows on from the first;
    some posts are hidden, flagged, closed, or wait for a moderator.
    """
    cookie = {"id": GUEST, "created_at": BEGINNING, "created_from": HERE}
    await _add(connection, GuestCookie, [cookie])
    wood = {"category_id": 2, "category_1_id": 1, "category_2_id": 2}
    bee, drone, guest = (
        {"author_id": people["bee"]},
        {"author_id": people["drone"]},
        {"cookie_id": GUEST},
    )
    await add_post(connection, "Q", tags="varroa,swarm", **bee, **wood)
    await add_post(connection, "A", parent_id=1, **drone, **wood)
    await add_post(connection, "C", parent_id=2, **bee, **wood)
    await add_post(connection, "Q", **guest)
    await add_post(connection, "A", parent_id=4, **guest)
    await add_post(connection, "C", parent_id=4, **drone)
    await add_post(connection, "Q_HIDDEN", parent_id=2, tags="swarm", **drone, **wood)
    await add_post(connection, "A_QUEUED", parent_id=4, **bee)
    await add_post(connection, "C_QUEUED", parent_id=1, **guest, **wood)
    await add_post(connection, "A_HIDDEN", parent_id=4, **drone)
    await add_post(connection, "C_HIDDEN", parent_id=4, **guest)
    await add_post(connection, "Q", closed_by_id=4, **bee)
    for name, post_id in FLAGS:
        vote = {"user_id": people[name], "post_id": post_id, "direction": 0, "flagged": 1}
        await _add(connection, Vote, [vote])
        await recounts.votes(connection, post_id=post_id)
    owner, sender = (people[name] for name in WALL)
    message = {"type": "PUBLIC", "recipient_id": owner, "sender_id": sender, "content": "Sweet!"}
    await _add(connection, Message, [message | {"format": "", "created_at": BEGINNING}])
    own = update(User).where(User.id == owner)
    await connection.execute(own.values({User.wall_post_count: 1}))


async def _add_categories(connection: AsyncConnection) -> None:
    backward: dict[int | None, str] = {None: ""}
    rows = []
    for id, parent, slug in CATEGORIES:
        backward[id] = f"{slug}/{backward[parent]}".rstrip("/")
        rows.append(
            {
                "id": id,
                "parent_id": parent,
                "title": slug.title(),
                "slug": slug,
                "position": id,
                "reversed_path": backward[id],
            }
        )
    await _add(connection, Category, rows)


async def _add(connection: AsyncConnection, model: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        values = {getattr(model, name): value for name, value in row.items()}
        await connection.execute(insert(model).values(values))


async def choose(db: Database, options: dict[str, object]) -> None:
    """Give the site these options, with every figure right to begin with."""
    async with db.begin() as connection:
        for name, value in options.items():
            await set_option(connection, name, value)
        await settle(connection)


SWITCH = st.sampled_from([0, 1])
FEW = st.sampled_from([1, 2, 3])
SCALE = st.sampled_from([150, 120, 110, 106, 104, 103, 102, 100, 70, 40])
# What lets nearly everybody do nearly everything, so that much happens.
OPEN = {
    "permit_hide_show": 120,
    "permit_delete_hidden": 120,
    "permit_select_a": 120,
    "permit_close_q": 120,
    "permit_edit_q": 120,
    "permit_edit_a": 120,
    "permit_edit_c": 120,
    "permit_moderate": 100,
    "permit_flag": 120,
}
WIDE: dict[str, object] = {
    "comment_on_qs": 1,
    "voting_on_cs": 1,
    "allow_no_category": 1,
    "allow_no_sub_category": 1,
    "extra_field_active": 1,
    "wysiwyg_editor_upload_images": 1,
    "site_title": "Meadow",
    "site_url": "https://bees.example/",
    "feedback_email": "keeper@bees.example",
    **{
        f"max_rate_{whose}_{what}": 10_000
        for whose in ("user", "ip")
        for what in ("qs", "as", "cs", "votes", "flags", "messages")
    },
}
MODERATION = {
    "moderate_anon_post": SWITCH,
    "moderate_users": SWITCH,
    "moderate_unapproved": SWITCH,
    "moderate_unconfirmed": SWITCH,
    "moderate_by_points": SWITCH,
    "moderate_points_limit": st.sampled_from([90, 150, 400]),
    "moderate_edited_again": SWITCH,
    "moderate_update_time": SWITCH,
    "confirm_user_emails": SWITCH,
}
POINTS = {
    "points_multiple": st.sampled_from([1, 3]),
    "points_base": st.sampled_from([0, 50]),
    "points_post_q": st.sampled_from([0, -1, 5]),
    "points_a_selected": st.sampled_from([0, 7]),
    "points_vote_up_q": st.sampled_from([-1, 3]),
    "points_vote_down_a": st.sampled_from([-2, 2]),
    "points_per_q_voted_up": st.sampled_from([0, 6]),
    "points_per_a_voted_down": st.sampled_from([0, 4]),
    "points_per_c_voted_up": FEW,
    "points_per_c_voted_down": FEW,
    "points_q_voted_max_gain": st.sampled_from([0, 1]),
    "points_a_voted_max_loss": st.sampled_from([0, 1]),
}
# Without `recalc_hotness_q_view`: where it is off, a view leaves the hotness behind, as in q2a.
RULES = {
    "flagging_hide_after": FEW,
    "flagging_notify_first": FEW,
    "flagging_of_posts": SWITCH,
    "do_close_on_select": SWITCH,
    "tag_separator_comma": SWITCH,
    "tags_or_categories": st.sampled_from(["tc", "t", "c", ""]),
    "allow_no_category": SWITCH,
    "allow_no_sub_category": SWITCH,
    "min_num_q_tags": st.sampled_from([0, 1]),
    "max_num_q_tags": FEW,
    "comment_on_qs": SWITCH,
    "comment_on_as": SWITCH,
    "follow_on_as": SWITCH,
    "voting_on_qs": SWITCH,
    "voting_on_as": SWITCH,
    "voting_on_cs": SWITCH,
    "allow_self_answer": SWITCH,
    "allow_multi_answers": SWITCH,
    "allow_close_questions": SWITCH,
    "allow_close_own_questions": SWITCH,
    "allow_anonymous_naming": SWITCH,
    "allow_change_usernames": SWITCH,
    "allow_private_messages": SWITCH,
    "allow_user_walls": SWITCH,
    "show_message_history": SWITCH,
    "do_count_q_views": SWITCH,
    "hot_weight_votes": st.sampled_from([0, 30, 200]),
    "hot_weight_views": st.sampled_from([0, 50]),
    "hot_weight_a_age": st.sampled_from([0, 140]),
    "max_copy_user_updates": FEW,
    "max_store_user_updates": st.sampled_from([2, 6]),
    "block_bad_words": st.just("drone*"),
    "block_ips_write": st.just("192.0.2.9"),
    "max_rate_user_votes": FEW,
    "max_rate_ip_cs": FEW,
}
PERMITS: dict[str, Any] = dict.fromkeys(
    [
        "permit_post_q",
        "permit_post_a",
        "permit_post_c",
        "permit_vote_q",
        "permit_vote_a",
        "permit_vote_c",
        "permit_vote_down",
        "permit_retag_cat",
        "permit_edit_silent",
        "permit_post_wall",
        *OPEN,
    ],
    SCALE,
)
LEAST_POINTS = {f"{name}_points": st.sampled_from([80, 130, 500]) for name in PERMITS}


def _some(options: dict[str, Any], most: int) -> "st.SearchStrategy[dict[str, Any]]":
    """At most so many of the options, each with one of its values."""
    chosen = st.lists(st.sampled_from(sorted(options)), max_size=most, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({n: options[n] for n in names}))


def _together(is_open: bool, *groups: dict[str, Any]) -> dict[str, Any]:
    chosen = WIDE | (OPEN if is_open else {})
    for group in groups:
        chosen |= group
    return chosen


OPTIONS = st.builds(
    _together,
    st.booleans(),
    _some(MODERATION, 5),
    _some(POINTS, 6),
    _some(RULES, 8),
    _some(PERMITS, 3),
    _some(LEAST_POINTS, 3),
)
