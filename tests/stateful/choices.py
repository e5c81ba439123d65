"""What may be done next on the site of a run: the strategies from which its acts are drawn."""

from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st

from schema import nodes
from tests.stateful.acts import TO_POSTS
from tests.stateful.community import CATEGORIES, PATHS, PEOPLE, TAGS

Details: TypeAlias = "st.SearchStrategy[dict[str, Any]]"

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
NOTIFY: Details = st.sampled_from(
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
SELDOM = st.sampled_from([False, False, False, True])
TITLE = TEXT.map(lambda title: {"title": title})
EDIT = st.fixed_dictionaries({}, optional={"title": TEXT, "silent": SELDOM})
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
# Seconds that pass before an act.
PAUSE = st.sampled_from([0] * 24 + [1, 100, 400, 4000])


class Act(NamedTuple):
    """Who does what: `deed` is the name of a method of `AllActs`, `details` its arguments."""

    deed: str
    name: str
    details: dict[str, Any]


def _all_of(*parts: Details) -> Details:
    """The fields of all parts in one input."""
    return st.tuples(*parts).map(lambda found: {k: v for part in found for k, v in part.items()})


def _act(deed: str, **details: "st.SearchStrategy[Any]") -> "st.SearchStrategy[Act]":
    return st.builds(Act, st.just(deed), WHO, st.fixed_dictionaries(details))


def _post(deed: str, *parts: Details, **details: "st.SearchStrategy[Any]") -> Any:
    input = _all_of(*parts, CONTENT, NOTIFY, BY)
    return _act(deed, **details, again=SELDOM, input=input)


def _edit(kind: str, *parts: Details) -> Any:
    # Mails are the author's own affair.
    notify = st.sampled_from([{}, {}, {}, {}, {"notify": True}])
    input = _all_of(*parts, EDIT, notify)
    return _act("edit", kind=st.just(kind), place=PLACE, input=input)


POSTING = [
    _post("ask", TITLE, LABELS, follows=st.none() | PLACE),
    _post("answer", question=PLACE),
    _post("comment", parent=PLACE),
]
EDITING = [
    _edit("Question", st.just({}) | CONTENT, LABELS),
    *(_edit(kind, CONTENT) for kind in ("Question", "Answer", "Answer", "Comment")),
    _act("roll_back", place=PLACE, revision=PLACE),
]
JUDGING = [
    *(_act("do", mutation=st.just(mutation), place=PLACE) for mutation in TO_POSTS),
    _act("vote", place=PLACE, direction=st.sampled_from(["UP", "DOWN", "NONE"])),
    _act("accept", place=PLACE),
    _act("unaccept", place=PLACE),
    _act("close", place=PLACE, original=st.none() | PLACE, note=TEXT),
    _act("reopen", place=PLACE),
    _act("view", place=PLACE),
    _act("convert", place=PLACE, parent=st.none() | PLACE),
]
FOLLOWING = st.sampled_from(["favorite", "favorite", "unfavorite"])
TELLING = {"again": SELDOM, "input": TEXT.map(lambda text: {"content": text})}
LIVING = [
    _act("follow", mutation=FOLLOWING, thing=st.sampled_from(THINGS) | PLACE),
    _act("follow_tag", mutation=FOLLOWING, name=st.sampled_from(TAGS)),
    _act("unfollow", place=PLACE),
    _act("post_on_wall", owner=PERSON, **TELLING),
    _act("take_from_wall", owner=PERSON, place=PLACE),
    _act("send", to=PERSON, **TELLING),
    _act("dismiss", place=PLACE),
    _act("change_profile", input=PROFILE),
    _act("upload", purpose=st.sampled_from(["AVATAR", "CONTENT"]), sends=SENDS),
    _act("set_avatar", place=st.none() | PLACE),
]
# A run consists of the first at its simplest, and Hypothesis always begins with that run.
REST = _act("rest")
ACT = st.one_of(REST, *POSTING, *POSTING, *POSTING, *EDITING, *JUDGING, *LIVING)
