"""Question pages: every text, figure, order and permission that q2a showed on them."""

from html import unescape
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.conftest import Api
from tests.domain.test_contents import tokens
from tests.golden import GOLDEN, seconds

AUTHORED = """
    fragment Authored on Post {
        databaseId createdAt contentHtml score upvoteCount downvoteCount
        lastChange { kind at by { handle } }
        author { databaseId handle points }
    }
"""
PAGE = (
    """
    query ($id: Int!) {
        question(databaseId: $id) {
            ...Authored
            url title isClosed extra answerCount viewCount
            tags { name } category { databaseId } categoryPath { databaseId }
            acceptedAnswer { databaseId }
            closing { note duplicateOf { databaseId title } }
            followsAnswer { databaseId question { databaseId } }
            comments(first: 100) { nodes { ...Authored } }
            answers(first: 100) {
                totalCount
                nodes {
                    ...Authored
                    isAccepted
                    comments(first: 100) { nodes { ...Authored } }
                    followUps(first: 100) { nodes { databaseId createdAt } }
                }
            }
        }
    }
    """
    + AUTHORED
)
CHANGES = {
    "A": "CATEGORY",
    "C": "CLOSED",
    "E": "EDITED",
    "H": "VISIBILITY",
    "M": "MOVED",
    "S": "ACCEPTED",
    "T": "RETAGGED",
    "Y": "CONVERTED",
}
SHOWN = [question for question in GOLDEN["questions"] if question["viewable"]]
UNSHOWN = [question for question in GOLDEN["questions"] if not question["viewable"]]


@pytest.mark.parametrize("expected", SHOWN, ids=lambda question: str(question["id"]))
async def test_a_question_page_is_as_q2a_shows_it(golden: Api, expected: Any) -> None:
    page = (await golden.ask(PAGE, id=expected["id"]))["question"]

    check_post(page, expected)
    assert page["title"] == expected["title_shown"]
    assert page["url"].endswith("/" + encoded(expected["request"]))
    assert [tag["name"] for tag in page["tags"]] == expected["tags"]
    assert page["viewCount"] == expected["views"]
    assert page["answerCount"] == expected["acount"]
    assert page["extra"] == expected["extra"]
    check_category(page, expected)
    check_closing(page, expected)
    accepted = page["acceptedAnswer"]
    assert (accepted and accepted["databaseId"]) == expected["selected"]
    follows = page["followsAnswer"]
    assert (follows and follows["databaseId"]) == seen_parent(expected["follows"])
    check_below(page["comments"]["nodes"], expected["comments"]["all"])


@pytest.mark.parametrize("expected", SHOWN, ids=lambda question: str(question["id"]))
async def test_answers_come_in_q2as_order_with_their_comments(golden: Api, expected: Any) -> None:
    page = (await golden.ask(PAGE, id=expected["id"]))["question"]

    answers = page["answers"]["nodes"]
    assert [a["databaseId"] for a in answers] == [a["id"] for a in expected["answers"]]
    assert page["answers"]["totalCount"] == len(expected["answers"])
    for answer, shown in zip(answers, expected["answers"], strict=True):
        check_post(answer, shown)
        assert answer["isAccepted"] == shown["selected"]
        comments = [c for c in shown["comments"]["all"] if c["kind"] == "comment"]
        check_below(answer["comments"]["nodes"], comments)
        follow_ups = [c["id"] for c in shown["comments"]["all"] if c["kind"] == "follow-on"]
        assert [q["databaseId"] for q in answer["followUps"]["nodes"]] == follow_ups


@pytest.mark.parametrize("expected", UNSHOWN, ids=lambda question: str(question["id"]))
async def test_what_q2a_hides_from_a_guest_is_not_there(golden: Api, expected: Any) -> None:
    assert await golden.ask(PAGE, id=expected["id"]) == {"question": None}


def check_post(post: Any, expected: Any) -> None:
    author = expected["author"]
    assert tokens(post["contentHtml"]) == tokens(expected["html"])
    figures = [post[name] for name in ("score", "upvoteCount", "downvoteCount")]
    assert figures == [expected[name] for name in ("netvotes", "upvotes", "downvotes")]
    assert seconds(post["createdAt"]) == expected["created"]
    if author.get("userid") is None:
        assert post["author"] is None
    else:
        assert post["author"]["handle"] == author["handle"]
        assert post["author"]["points"] == author["points"]
    change = post["lastChange"]
    if expected["updated"] is None:
        assert change is None
    else:
        assert seconds(change["at"]) == expected["updated"]
        assert change["kind"] == CHANGES[expected["updatetype"]]
        assert (change["by"] and change["by"]["handle"]) == expected["lasthandle"]


def check_below(comments: Any, expected: Any) -> None:
    assert [c["databaseId"] for c in comments] == [c["id"] for c in expected]
    for comment, shown in zip(comments, expected, strict=True):
        assert seconds(comment["createdAt"]) == shown["created"]
        assert comment["score"] == shown["netvotes"]
        assert tokens(comment["contentHtml"]) == tokens(shown["html"])


def check_category(page: Any, expected: Any) -> None:
    category = page["category"]
    assert (category and category["databaseId"]) == expected["category"]
    ids = [int(id) for id in (expected["categoryids"] or "").split(",") if id]
    path = [step["databaseId"] for step in page["categoryPath"]]
    # q2a lists the levels and then the chosen category once more.
    assert path == list(dict.fromkeys(ids))


def check_closing(page: Any, expected: Any) -> None:
    closed = expected["closed"]
    assert page["isClosed"] == bool(closed)
    if closed is None:
        assert page["closing"] is None
    elif closed["kind"] == "note":
        assert page["closing"]["note"] == unescape(closed["html"])
    else:
        assert page["closing"]["duplicateOf"] == {
            "databaseId": closed["of"],
            "title": closed["title"],
        }


def seen_parent(follows: Any) -> Any:
    hidden = {question["id"] for question in UNSHOWN}
    return follows["parentid"] if follows and follows["question"] not in hidden else None


def encoded(path: str) -> str:
    return "/".join(quote_plus(part) for part in path.split("/"))
