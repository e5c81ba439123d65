"""Who may do what, and who may not and why: every mutation, by what q2a offered on its pages.

`question_views_by_user` has the names of the rules that hold for a viewer and a post; where one
does not, the reason follows from the state of the post and from `permissions`.
"""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app import migrations
from app.api import schema
from app.domain.viewers import Identity
from tests.conftest import SERVERS, settings_for
from tests.golden import GOLDEN
from tests.mariadb import MariaDB
from tests.mutations import ABOUT_FILES
from tests.rehearsing import Rehearsal, Stage
from tests.thread import id_of

NO_RULES: frozenset[str] = frozenset()
GUESTS_ARE_TOLD = ("SIGNED_OUT", "NOT_DONE", "VISIBLE", "OPEN")
# Mutations that are about no post, or about any that is seen; with the option that allows it.
OF_THE_SITE: dict[str, tuple[dict[str, Any], str | None]] = {
    "postOnWall": (
        {"userId": id_of("User", 2), "content": "Your bees are in my garden."},
        "permit_post_wall",
    ),
    "sendMessage": ({"userId": id_of("User", 46), "content": "Are your bees well?"}, None),
    "favorite": ({"id": id_of("Question", 66)}, None),
    "unfavorite": ({"id": id_of("Question", 66)}, None),
    "updateProfile": ({"acceptsMailings": False}, None),
}
# What q2a has no rule for: one's own messages and notices, views, and old versions of posts.
OF_ONES_OWN = {"deleteWallPost", "dismissNotice", "recordView", "rollbackTo"}
REASONS = {
    "login": "SIGNED_OUT",
    "level": "LEVEL",
    "userblock": "BLOCKED",
    "confirm": "UNCONFIRMED",
    "approve": "UNAPPROVED",
    "ipblock": "IP_BLOCKED",
}
ERRORS = {viewer["userid"]: viewer["error_by_option"] for viewer in GOLDEN["permissions"]}
# A day later nobody has done anything too often: q2a leaves that out of its rules.
NOW = datetime.fromisoformat(GOLDEN["about"]["now_utc"]).replace(tzinfo=UTC) + timedelta(days=1)
TYPES = {"Q": "Question", "A": "Answer", "C": "Comment"}
LEVELS = {viewer["userid"]: viewer.get("level", 0) for viewer in GOLDEN["permissions"]}
# Options of the site that give a permission to those with enough points (FACTS 9).
BY_POINTS = ("permit_retag_cat", "permit_vote_down")
EXPERT = 20
BUTTONS = ("answerbutton", "flagbutton", "followable")
TEXT = "Drones of {} hum in June, and nobody knows the tune."
CATEGORY = GOLDEN["categories"][0]["path"]


class Case(NamedTuple):
    """A viewer and a post that they see, with the names of the rules that hold."""

    viewer: int | None
    id: int
    type: str
    rules: frozenset[str]
    question_id: int
    question_type: str
    question_rules: frozenset[str]

    @property
    def letter(self) -> str:
        return self.type[0]

    @property
    def global_id(self) -> str:
        return id_of(TYPES[self.letter], self.id)


Reason = Callable[[Case], str | None]


def no_reason(case: Case) -> None:
    return None


def state(case: Case) -> str | None:
    return {"HIDDEN": "HIDDEN", "QUEUED": "QUEUED"}.get(case.type[2:])


def hidden(case: Case) -> str | None:
    return "HIDDEN" if case.type.endswith("_HIDDEN") else None


def not_hidden(case: Case) -> str | None:
    return None if hidden(case) else state(case) or "VISIBLE"


def not_queued(case: Case) -> str | None:
    return None if case.type.endswith("_QUEUED") else state(case) or "VISIBLE"


def others_queued(case: Case) -> str | None:
    return "QUEUED" if case.type.endswith("_QUEUED") and "isbyuser" not in case.rules else None


def closed(case: Case) -> str | None:
    return "CLOSED" if case.letter == "Q" and "closed" in case.rules else None


def open_(case: Case) -> str | None:
    return None if "closed" in case.rules else "OPEN"


def own(case: Case) -> str | None:
    return "OWN_POST" if "isbyuser" in case.rules else None


def own_blocked(case: Case) -> str | None:
    """Authors need no permission, but must not be blocked."""
    is_blocked = ERRORS[case.viewer]["permit_view_q_page"] == "userblock"
    return "BLOCKED" if is_blocked and "isbyuser" in case.rules else None


def of_question(reason: Reason) -> Reason:
    """The same of the question that the post stands below."""
    return lambda case: reason(
        case._replace(type=case.question_type, rules=case.question_rules, id=case.question_id)
    )


def on_comment(case: Case) -> str | None:
    return "WRONG_KIND" if case.letter == "C" else None


def always(reason: str) -> Reason:
    return lambda case: reason


def without(rule: str, reason: str) -> Reason:
    """The post is one to which a rule applies for nobody, not even a super administrator."""
    return lambda case: None if case.id in _having(rule) else reason


def if_not(rule: str, reason: Reason) -> Reason:
    """A reason that does not count where a rule holds: levels in categories are not the site's."""
    return lambda case: None if rule in case.rules else reason(case)


@cache
def _having(rule: str) -> set[int]:
    return {case.id for case in cases() if rule in case.rules}


def permit(name: str) -> Reason:
    """What stands between the viewer and an option; `*` stands for the letter of the post."""

    def reason(case: Case) -> str | None:
        option = name.replace("*", case.letter.lower())
        error = ERRORS[case.viewer][option]
        if error == "level" and option in BY_POINTS and LEVELS[case.viewer] < EXPERT:
            return "POINTS"
        return REASONS[error] if error else None

    return reason


class Act(NamedTuple):
    """A mutation, the rules of q2a's under all of which it may be done, and why it may not be.

    `question_rule` is one that has to hold for the question; with a reason of `unless` the rules do
    not count. The first reason that there is counts.
    """

    mutation: str
    letters: str
    input: Callable[[Case], dict[str, Any]]
    reasons: tuple[Reason, ...]
    rule: str | None = None
    question_rule: str | None = None
    unless: Reason = no_reason


def by_id(case: Case) -> dict[str, Any]:
    return {"id": case.global_id}


def text_of(case: Case) -> str:
    return TEXT.format(case.id)


def in_direction(direction: str) -> Callable[[Case], dict[str, Any]]:
    return lambda case: {"id": case.global_id, "direction": direction}


ACTS = [
    Act(
        "answerQuestion",
        "Q",
        lambda case: {"questionId": case.global_id, "content": text_of(case)},
        (state, closed, permit("permit_post_a")),
        "answerbutton",
    ),
    Act(
        "addComment",
        "QAC",
        lambda case: {"parentId": case.global_id, "content": text_of(case)},
        (on_comment, state, permit("permit_post_c")),
        "commentable",
    ),
    Act(
        "askQuestion",
        "A",
        lambda case: {
            "title": text_of(case),
            "content": text_of(case),
            "category": CATEGORY,
            "followsAnswerId": case.global_id,
        },
        (state, permit("permit_post_q")),
        "followable",
    ),
    *(
        Act(
            mutation,
            letter,
            lambda case: {"id": case.global_id, "content": text_of(case)},
            (hidden, closed, others_queued, permit("permit_edit_*")),
            "editable",
        )
        for mutation, letter in (
            ("editQuestion", "Q"),
            ("editAnswer", "A"),
            ("editComment", "C"),
        )
    ),
    Act(
        "editQuestion",
        "Q",
        lambda case: {"id": case.global_id, "tags": ["drones"]},
        (hidden, permit("permit_retag_cat")),
        "retagcatable",
    ),
    Act(
        "acceptAnswer",
        "A",
        lambda case: {"answerId": case.global_id},
        (state, of_question(state), of_question(own_blocked), permit("permit_select_a")),
        question_rule="aselectable",
        unless=state,
    ),
    Act(
        "unacceptAnswer",
        "Q",
        lambda case: {"questionId": case.global_id},
        (state, own_blocked, permit("permit_select_a")),
        "aselectable",
    ),
    Act(
        "closeQuestion",
        "Q",
        lambda case: {"id": case.global_id, "note": "The drones have left."},
        (state, closed, own_blocked, permit("permit_close_q")),
        "closeable",
    ),
    Act(
        "reopenQuestion",
        "Q",
        by_id,
        (state, open_, own_blocked, permit("permit_close_q")),
        "reopenable",
    ),
    Act("flagPost", "QAC", by_id, (state, own, permit("permit_flag")), "flagbutton"),
    Act("unflagPost", "QAC", by_id, (state, always("NOT_DONE")), "unflaggable"),
    Act(
        "clearFlags",
        "QAC",
        by_id,
        (without("clearflaggable", "NOT_DONE"), permit("permit_hide_show")),
        "clearflaggable",
    ),
    Act(
        "hidePost",
        "QAC",
        by_id,
        (hidden, others_queued, own_blocked, permit("permit_hide_show")),
        "hideable",
    ),
    Act(
        "reshowPost",
        "QAC",
        by_id,
        (not_hidden, own_blocked, permit("permit_hide_show")),
        "reshowable",
    ),
    Act(
        "deletePost",
        "QAC",
        by_id,
        (not_hidden, without("deleteable", "HAS_DEPENDENTS"), permit("permit_delete_hidden")),
        "deleteable",
    ),
    Act("approvePost", "QAC", by_id, (not_queued, permit("permit_moderate")), "moderatable"),
    Act("rejectPost", "QAC", by_id, (not_queued, permit("permit_moderate")), "moderatable"),
    Act("claimPost", "QAC", by_id, (always("OTHERS_POST"),), "claimable"),
    Act(
        "convertAnswerToComment",
        "A",
        lambda case: {"answerId": case.global_id},
        (
            hidden,
            others_queued,
            if_not("editable", permit("permit_edit_*")),
            of_question(state),
            permit("permit_post_c"),
        ),
        "editable",
        "commentable",
    ),
    *(
        Act(
            "castVote",
            "QAC",
            in_direction(direction),
            (state, own, permit("permit_vote_*"), *more),
        )
        for direction, more in (
            ("UP", ()),
            ("NONE", ()),
            ("DOWN", (permit("permit_vote_down"),)),
        )
    ),
]


def cases() -> Iterator[Case]:
    """Every post on the pages of every viewer."""
    for view in GOLDEN["question_views_by_user"]:
        for page in filter(lambda page: page["viewable"], view["questions"]):
            of_page = (page["id"], page["type"], frozenset(page["rules"]))
            answers = page["answers"]
            comments = [comment for post in (page, *answers) for comment in post["comments"]]
            for post in (page, *answers, *comments):
                # A question that follows on has a page of its own.
                if post is page or not post["type"].startswith("Q"):
                    rules = frozenset(post["rules"])
                    yield Case(view["userid"], post["id"], post["type"], rules, *of_page)


def tries() -> list[tuple[Act, Case]]:
    """Each mutation for each viewer, once for whatever can make a difference to it.

    That the rules are the same for all other posts, `test_permissions` has seen.
    """
    found: dict[Any, tuple[Act, Case]] = {}
    for case in cases():
        for number, act in enumerate(ACTS):
            if case.letter in act.letters:
                reasons = tuple(reason(case) for reason in act.reasons)
                situation = (number, case.viewer, case.type, holds(act, case), reasons)
                found.setdefault(situation, (act, case))
    return list(found.values())


def holds(act: Act, case: Case) -> bool:
    """Whether q2a offers it."""
    by_question = act.question_rule is None or act.question_rule in case.question_rules
    by_post = act.rule is None or act.rule in case.rules
    return by_question and by_post and act.unless(case) is None


def outcome(act: Act, case: Case) -> str:
    """What a mutation has to come to."""
    first = next((found for reason in act.reasons if (found := reason(case))), None)
    if act.rule in BUTTONS or act.mutation == "castVote":
        # Shown also to those who would have to do something first, or no rule at all.
        return first or "Success"
    return "Success" if holds(act, case) else first or "no reason"


@pytest.fixture(params=SERVERS)
async def stage(
    request: pytest.FixtureRequest, golden_file: Path, tmp_path: Path
) -> AsyncIterator[Stage]:
    """The real site with Waggle's own tables, to rehearse on."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(golden_file, tmp_path / 'golden.sqlite')}"
    else:
        server: MariaDB = request.getfixturevalue("mariadb")
        request.getfixturevalue("golden_url")("mariadb")
        url = server.url(server.clone("golden"))
    db = Rehearsal(settings_for(url))
    await migrations.upgrade(db)
    yield Stage(db, NOW)
    await db.close()


async def test_everybody_may_do_what_q2a_offers_them_and_is_told_why_not(
    stage: Stage,
) -> None:
    is_sample = stage.db.engine.dialect.name == "mysql"
    differences: list[Any] = []
    for act, case in tries()[:: 20 if is_sample else 1]:
        found = await stage.attempt(act.mutation, act.input(case), who=Identity(case.viewer))
        expected = outcome(act, case)
        if found != expected:
            differences.append(
                (act.mutation, case.viewer, case.type, case.id, found, outcome(act, case))
            )

    assert not differences, "\n".join(map(str, differences))


def as_guest() -> Iterator[tuple[Act, Case]]:
    """Each mutation by a guest, for a post that anybody sees."""
    page = next(page for page in GOLDEN["questions"] if page["viewable"] and page["answers"])
    for act in ACTS:
        letter = act.letters[0]
        post = {"Q": page, "A": page["answers"][0]}.get(letter) or page["comments"]["all"][0]
        yield act, Case(None, post["id"], letter, NO_RULES, page["id"], "Q", NO_RULES)


async def test_guests_may_ask_and_answer_and_have_to_sign_in_for_all_else(stage: Stage) -> None:
    for act, case in as_guest():
        found = await stage.attempt(act.mutation, act.input(case), who=Identity())
        # To take back what was never done is refused for that reason.
        expected = "SIGNED_OUT" if act.mutation == "claimPost" else outcome(act, case)
        assert found == expected, act.mutation
        is_theirs = act.mutation in ("askQuestion", "answerQuestion")
        assert found in (("Success",) if is_theirs else GUESTS_ARE_TOLD), act.mutation


@pytest.mark.parametrize("mutation", list(OF_THE_SITE))
async def test_what_is_about_no_post_is_allowed_by_the_permissions(
    stage: Stage, mutation: str
) -> None:
    input, permit_name = OF_THE_SITE[mutation]
    for viewer, errors in ERRORS.items():
        found = await stage.attempt(mutation, input, who=Identity(viewer))
        # Without an option for it: whoever is signed in and not blocked.
        blocked = errors["permit_view_q_page"] == "userblock"
        error: Any = "login" if viewer is None else blocked and "userblock"
        if permit_name is not None:
            error = errors[permit_name]
        assert found == (REASONS[error] if error else "Success"), viewer


def test_no_mutation_is_missing() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    tested = {act.mutation for act in ACTS} | set(OF_THE_SITE)
    assert set(mutations.fields) - tested == OF_ONES_OWN | ABOUT_FILES
