"""What every kind of user sees of a question page, and what they may do with each post there."""

from typing import Any

import pytest

from tests.conftest import Api
from tests.golden import GOLDEN

PAGE = """
    query ($id: Int!) {
        question(databaseId: $id) {
            ...Rules
            isClosed viewerCanAnswer viewerCanRetag viewerCanAccept viewerCanClose
            viewerCanReopen
            comments(first: 50) { nodes { ...Rules } }
            answers(first: 50) {
                nodes {
                    ...Rules
                    viewerCanFollowUp
                    comments(first: 50) { nodes { ...Rules } }
                    followUps(first: 50) { nodes { databaseId createdAt } }
                }
            }
        }
    }
    fragment Rules on Post {
        databaseId viewerIsAuthor viewerCanComment viewerCanEdit viewerCanFlag viewerCanUnflag
        viewerCanClearFlags viewerCanModerate viewerCanHide viewerCanReshow viewerCanDelete
        viewerCanClaim createdAt
    }
"""
# The field that says what one of q2a's rules says. Those of `BUTTONS` also hold for people who
# would be refused in the end, so the field may say less than they do.
FIELDS = {
    "isbyuser": "viewerIsAuthor",
    "commentable": "viewerCanComment",
    "editable": "viewerCanEdit",
    "retagcatable": "viewerCanRetag",
    "aselectable": "viewerCanAccept",
    "unflaggable": "viewerCanUnflag",
    "clearflaggable": "viewerCanClearFlags",
    "closeable": "viewerCanClose",
    "reopenable": "viewerCanReopen",
    "moderatable": "viewerCanModerate",
    "hideable": "viewerCanHide",
    "reshowable": "viewerCanReshow",
    "deleteable": "viewerCanDelete",
    "claimable": "viewerCanClaim",
    "closed": "isClosed",
}
BUTTONS = {
    "answerbutton": "viewerCanAnswer",
    "flagbutton": "viewerCanFlag",
    "followable": "viewerCanFollowUp",
}
PERMITS = {
    "viewerCanAnswer": "permit_post_a",
    "viewerCanFlag": "permit_flag",
    "viewerCanFollowUp": "permit_post_q",
}
ERRORS = {viewer["userid"]: viewer["error_by_option"] for viewer in GOLDEN["permissions"]}
VIEWS = [
    (view["userid"], question)
    for view in GOLDEN["question_views_by_user"]
    for question in view["questions"]
]


@pytest.mark.parametrize("view", GOLDEN["question_views_by_user"], ids=lambda view: view["handle"])
async def test_everybody_sees_and_may_do_what_q2a_lets_them(golden: Api, view: Any) -> None:
    differences = []
    for expected in view["questions"]:
        viewer = view["userid"]
        page = (await golden.ask(PAGE, viewer=viewer, id=expected["id"]))["question"]
        if not expected["viewable"]:
            assert page is None
            continue
        differences += list(page_differences(viewer, page, expected))
    assert not differences


def page_differences(viewer: int, page: Any, expected: Any) -> Any:
    yield from rule_differences(viewer, page, expected)
    yield from list_differences(viewer, page["comments"]["nodes"], expected["comments"])
    answers = page["answers"]["nodes"]
    yield from list_differences(viewer, answers, expected["answers"])
    for answer, shown in zip(answers, expected["answers"], strict=False):
        below = answer["comments"]["nodes"] + answer["followUps"]["nodes"]
        below.sort(key=lambda post: (post["createdAt"], post["databaseId"]))
        yield from list_differences(viewer, below, shown["comments"])


def list_differences(viewer: int, nodes: Any, expected: Any) -> Any:
    ids = [node["databaseId"] for node in nodes]
    if ids != [post["id"] for post in expected]:
        yield (viewer, "order", ids, [post["id"] for post in expected])
    for node, post in zip(nodes, expected, strict=False):
        yield from rule_differences(viewer, node, post)


def rule_differences(viewer: int, node: Any, expected: Any) -> Any:
    rules = set(expected["rules"])
    for rule, field in FIELDS.items():
        if field in node and node[field] != (rule in rules):
            yield (viewer, expected["id"], field, node[field])
    for rule, field in BUTTONS.items():
        if field in node and node[field] != (rule in rules and may(viewer, field)):
            yield (viewer, expected["id"], field, node[field])


def may(viewer: int, field: str) -> bool:
    """Whether the permission behind a button is given."""
    return ERRORS[viewer][PERMITS[field]] is False
