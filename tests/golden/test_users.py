"""Users: every figure, list and stream of q2a's pages about people."""

from itertools import groupby
from typing import Any

import pytest

from tests.conftest import Api
from tests.golden import GOLDEN, seconds

USERS = GOLDEN["users"]
SUPER = 1
ABOUT = """
    query ($id: Int!) {
        user(databaseId: $id) {
            handle points rank title level isBlocked
            profile { name value }
            counts {
                questions answers comments acceptedByUser acceptedAnswers
                questionUpvotesGiven questionDownvotesGiven answerUpvotesGiven
                answerDownvotesGiven commentUpvotesGiven commentDownvotesGiven
                upvotesGiven downvotesGiven upvotesReceived downvotesReceived bonus
            }
            questions(first: 40) { nodes { databaseId } }
            answers(first: 40) { nodes { databaseId question { databaseId } } }
            comments(first: 40) { nodes { databaseId question { databaseId } } }
            activity(first: 20) { nodes { question { databaseId } post { databaseId } } }
            wall(first: 40) { nodes { databaseId } }
        }
    }
"""
OWN = """
    {
        viewer {
            favorites {
                questions(first: 100) { nodes { databaseId } }
                users(first: 100) { nodes { databaseId } }
                tags(first: 100) { nodes { id } }
                categories(first: 100) { nodes { databaseId } }
            }
            updates(first: 30) {
                nodes { kind isPersonal at question { databaseId } post { databaseId } }
            }
            messages {
                inbox(first: 100) { nodes { databaseId } }
                outbox(first: 100) { nodes { databaseId } }
            }
        }
    }
"""
PERMISSIONS = "{ viewer { permissions { permit denial } moderationReason } }"
# The figures by q2a's names of them.
COUNTS = {
    "qposts": "questions",
    "aposts": "answers",
    "cposts": "comments",
    "aselects": "acceptedByUser",
    "aselecteds": "acceptedAnswers",
    "qupvotes": "questionUpvotesGiven",
    "qdownvotes": "questionDownvotesGiven",
    "aupvotes": "answerUpvotesGiven",
    "adownvotes": "answerDownvotesGiven",
    "cupvotes": "commentUpvotesGiven",
    "cdownvotes": "commentDownvotesGiven",
    "upvoteds": "upvotesReceived",
    "downvoteds": "downvotesReceived",
    "bonus": "bonus",
}
LEVELS = {
    0: "BASIC",
    10: "APPROVED",
    20: "EXPERT",
    50: "EDITOR",
    80: "MODERATOR",
    100: "ADMIN",
    120: "SUPER",
}
KINDS = {
    None: "WRITTEN",
    "F": "FOLLOWED_UP",
    "U": "COMMENTED_ON_QUESTION",
    "N": "COMMENTED_ON_ANSWER",
    "S": "ACCEPTED",
    "E": "EDITED",
    "T": "RETAGGED",
    "A": "CATEGORY",
    "C": "CLOSED",
    "H": "VISIBILITY",
    "M": "MOVED",
    "Y": "CONVERTED",
}
DENIALS = {
    False: None,
    "login": "SIGNED_OUT",
    "level": "LEVEL",
    "userblock": "BLOCKED",
    "confirm": "UNCONFIRMED",
    "approve": "UNAPPROVED",
    "ipblock": "IP_BLOCKED",
    "points": "POINTS",
}


@pytest.mark.parametrize("user", USERS, ids=lambda user: user["handle"])
async def test_a_user_has_q2as_figures_profile_and_posts(golden: Api, user: Any) -> None:
    about = (await golden.ask(ABOUT, viewer=SUPER, id=user["userid"]))["user"]

    assert about["handle"] == user["handle"]
    assert about["points"] == user["userpoints"]["points"]
    assert about["rank"] == user["rank"]
    assert (about["title"] or "") == user["points_title"]
    assert about["level"] == LEVELS[user["level"]]
    assert about["isBlocked"] == bool(user["flags"] & 2)
    assert {field["name"]: field["value"] for field in about["profile"]} == dict(user["profile"])
    counts = about["counts"]
    assert {name: counts[ours] for name, ours in COUNTS.items()} == {
        name: user["userpoints"][name] for name in COUNTS
    }
    assert counts["upvotesGiven"] == sum(user["userpoints"][f"{kind}upvotes"] for kind in "qac")
    assert counts["downvotesGiven"] == sum(user["userpoints"][f"{kind}downvotes"] for kind in "qac")
    shown = [question["databaseId"] for question in about["questions"]["nodes"]]
    assert head(shown, user["recent_questions"], counts["questions"])
    assert head(pairs(about["answers"]), user["recent_answers"], counts["answers"])
    assert head(pairs(about["comments"]), user["recent_comments"], counts["comments"])
    assert [post["databaseId"] for post in about["wall"]["nodes"]] == user["wall"]


@pytest.mark.parametrize("user", USERS, ids=lambda user: user["handle"])
async def test_a_user_did_what_q2a_says(golden: Api, user: Any) -> None:
    activity = (await golden.ask(ABOUT, id=user["userid"]))["user"]["activity"]["nodes"]

    done = [[node["question"]["databaseId"], node["post"]["databaseId"]] for node in activity]
    assert done == user["activity"]


@pytest.mark.parametrize("user", USERS, ids=lambda user: user["handle"])
async def test_a_viewer_has_q2as_favorites_and_messages(golden: Api, user: Any) -> None:
    viewer = (await golden.ask(OWN, viewer=user["userid"]))["viewer"]

    followed: dict[str, set[int]] = {kind: set() for kind in "QUTC"}
    for favorite in user["favorites"]:
        followed[favorite["entitytype"]].add(int(favorite["entityid"]))
    lists = viewer["favorites"]
    assert {node["databaseId"] for node in lists["users"]["nodes"]} == followed["U"]
    assert {node["databaseId"] for node in lists["categories"]["nodes"]} == followed["C"]
    assert len(lists["tags"]["nodes"]) == len(followed["T"])
    # Of hidden questions one learns nothing here, though one follows them.
    shown = {node["databaseId"] for node in lists["questions"]["nodes"]}
    assert shown <= followed["Q"]
    for id in followed["Q"] - shown:
        question = await golden.ask("query ($id: Int!) { question(databaseId: $id) { id } }", id=id)
        assert question["question"] is None
    for box in ("inbox", "outbox"):
        assert [node["databaseId"] for node in viewer["messages"][box]["nodes"]] == user[box]


@pytest.mark.parametrize("user", USERS, ids=lambda user: user["handle"])
async def test_a_viewer_reads_q2as_updates(golden: Api, user: Any) -> None:
    viewer = (await golden.ask(OWN, viewer=user["userid"]))["viewer"]

    # Posts that the viewer sees no more are null here; q2a names, but does not link them.
    lines = [
        (
            seconds(node["at"]),
            node["kind"],
            node["isPersonal"],
            node["question"] and node["question"]["databaseId"],
            node["post"] and node["post"]["databaseId"],
        )
        for node in viewer["updates"]["nodes"]
    ]
    expected = [
        (
            line["time"],
            KINDS[line["update"]],
            bool(line["personal"]),
            line["question"] if seen[3] else None,
            line["post"] if seen[4] else None,
        )
        for line, seen in zip(user["updates"], lines, strict=True)
    ]
    # What happened in the same second stands in no defined order.
    assert tied(lines) == tied(expected)


async def test_most_updates_have_their_posts(golden: Api) -> None:
    seen = unseen = 0
    for user in USERS:
        viewer = (await golden.ask(OWN, viewer=user["userid"]))["viewer"]
        for node in viewer["updates"]["nodes"]:
            seen += node["post"] is not None
            unseen += node["post"] is None

    assert seen > 500
    assert unseen < seen / 50


@pytest.mark.parametrize("user", GOLDEN["permissions"], ids=lambda user: str(user["userid"]))
async def test_the_site_allows_what_q2a_does(golden: Api, user: Any) -> None:
    viewer = (await golden.ask(PERMISSIONS, viewer=user["userid"]))["viewer"]
    if user["userid"] is None:
        assert viewer is None
        return

    expected = {name: DENIALS[error] for name, error in user["error_by_option"].items()}
    assert viewer["moderationReason"] == expected.pop("moderation_reason")
    denials = {
        f"permit_{permission['permit'].lower()}": permission["denial"]
        for permission in viewer["permissions"]
    }
    # q2a does not tell too few points from too low a level.
    by_points = {name for name, denial in denials.items() if denial == "POINTS"}
    assert by_points <= {"permit_retag_cat", "permit_vote_down"}
    assert denials | dict.fromkeys(by_points, "LEVEL") == expected


async def test_the_users_with_most_points_come_first(golden: Api) -> None:
    document = "query { users(first: 50) { nodes { databaseId handle points } } }"

    nodes = (await golden.ask(document))["users"]["nodes"]

    expected = [(user["points"], user["userid"], user["handle"]) for user in GOLDEN["top_users"]]
    found = [(node["points"], node["databaseId"], node["handle"]) for node in nodes]
    assert tied(found[:-1]) == tied(expected[:-1])
    assert found[-1][0] == expected[-1][0]


def pairs(connection: Any) -> list[list[int]]:
    """Posts as q2a names them: with their questions."""
    return [[node["question"]["databaseId"], node["databaseId"]] for node in connection["nodes"]]


def head(found: list[Any], expected: list[Any], written: int) -> bool:
    """Whether ours begins like q2a's list: of the 20 newest posts those that can be reached."""
    return found[: len(expected)] == expected and (written > 20 or found == expected)


def tied(lines: list[Any]) -> list[set[Any]]:
    """The lines, those together of which the first value is the same."""
    return [set(group) for _, group in groupby(lines, key=lambda line: line[0])]
