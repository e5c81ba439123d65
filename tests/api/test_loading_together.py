"""What stands at several levels of a page is read together, but every list ends by itself."""

import pytest

from app.db import Database
from tests.conftest import Api, statements_of
from tests.meadow import add_post
from tests.thread import add_thread

PAGE = """query($id: Int!, $own: Int!, $theirs: Int!) { question(databaseId: $id) {
    comments(first: $own) { nodes { databaseId %s } pageInfo { hasNextPage } }
    answers { nodes {
        databaseId %s
        comments(first: $theirs) { nodes { databaseId %s } pageInfo { hasNextPage } }
    } }
} }"""


async def test_comments_of_a_question_and_of_its_answers_are_read_at_once(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await api.ask("{ __typename }")
    sent = statements_of(api)

    page = await api.ask(PAGE % ("", "", ""), id=thread.question, own=10, theirs=5)

    assert len(sent) == 3
    question = page["question"]
    assert [node["databaseId"] for node in question["comments"]["nodes"]] == [
        thread.question_comment
    ]
    below = {
        answer["databaseId"]: [node["databaseId"] for node in answer["comments"]["nodes"]]
        for answer in question["answers"]["nodes"]
    }
    assert below == {
        thread.answer: [thread.comment],
        thread.other_answer: [thread.other_comment],
    }


async def test_votes_of_the_viewer_on_a_whole_page_are_read_at_once(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await api.ask("{ __typename }", viewer=thread.fan)
    sent = statements_of(api)

    page = await api.ask(
        PAGE % ("viewerVote", "viewerVote", "viewerVote"),
        viewer=thread.fan,
        id=thread.question,
        own=5,
        theirs=5,
    )

    assert sum("qa_uservotes" in text for text in sent) == 1
    comments = [*page["question"]["comments"]["nodes"]]
    for answer in page["question"]["answers"]["nodes"]:
        comments += [answer, *answer["comments"]["nodes"]]
    assert [node["viewerVote"] for node in comments] == ["UP"] * 5


@pytest.mark.parametrize(
    ("own", "theirs", "statements"), [(2, 1, 3), (1, 2, 3), (1, 1, 3), (3, 1, 4)]
)
async def test_lists_of_several_lengths_each_end_where_they_should(
    api: Api, db: Database, own: int, theirs: int, statements: int
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        parents: dict[int, list[int]] = {
            thread.question: [],
            thread.answer: [],
            thread.other_answer: [],
        }
        for parent_id, ids in parents.items():
            for _ in range(3):
                ids.append(await add_post(connection, "C", parent_id=parent_id))
    first = {
        thread.question: thread.question_comment,
        thread.answer: thread.comment,
        thread.other_answer: thread.other_comment,
    }
    await api.ask("{ __typename }")
    sent = statements_of(api)

    page = await api.ask(PAGE % ("", "", ""), id=thread.question, own=own, theirs=theirs)

    assert len(sent) == statements
    lists = {thread.question: (own, page["question"]["comments"])}
    for answer in page["question"]["answers"]["nodes"]:
        lists[answer["databaseId"]] = (theirs, answer["comments"])
    assert lists.keys() == parents.keys()
    for parent_id, (length, shown) in lists.items():
        expected = [first[parent_id], *parents[parent_id]][:length]
        assert [node["databaseId"] for node in shown["nodes"]] == expected
        assert shown["pageInfo"] == {"hasNextPage": True}


async def test_what_is_asked_for_alone_waits_for_nothing(api: Api, db: Database) -> None:
    thread = await add_thread(db)
    await api.ask("{ __typename }")
    sent = statements_of(api)

    page = await api.ask(
        "query($id: Int!) { question(databaseId: $id) { comments { nodes { databaseId } } } }",
        id=thread.question,
    )

    assert len(sent) == 2
    assert page["question"]["comments"]["nodes"] == [{"databaseId": thread.question_comment}]


async def test_whoever_waits_for_what_fails_goes_on_without_it(api: Api, db: Database) -> None:
    thread = await add_thread(db)

    response = await api.post(
        """query($id: Int!) {
            broken: question(databaseId: $id) {
                answers(after: "nonsense") { nodes { comments { nodes { databaseId } } } }
            }
            whole: question(databaseId: $id) { comments { nodes { databaseId } } }
        }""",
        id=thread.question,
    )

    answer = response.json()
    [error] = answer["errors"]
    assert error["extensions"]["field"] == "after"
    own = {"nodes": [{"databaseId": thread.question_comment}]}
    assert answer["data"] == {"broken": None, "whole": {"comments": own}}


async def test_long_lists_of_several_lengths_are_each_cut_by_an_index(
    api: Api, db: Database
) -> None:
    thread = await add_thread(db)
    await api.ask("{ __typename }")
    sent = statements_of(api)

    await api.ask(
        """query($handle: String!) { user(handle: $handle) {
            some: questions(first: 1) { nodes { databaseId } }
            more: questions(first: 2) { nodes { databaseId } }
        } }""",
        handle=f"bee{thread.asker}",
    )

    assert len(sent) == 3
    assert not any("row_number" in text.lower() for text in sent)


@pytest.mark.parametrize("comments", [46, 48])
async def test_short_lists_are_read_to_their_ends_only_while_they_are_few(
    api: Api, db: Database, comments: int
) -> None:
    thread = await add_thread(db)
    async with db.begin() as connection:
        for _ in range(comments):
            await add_post(connection, "C", parent_id=thread.answer)
    await api.ask("{ __typename }")
    sent = statements_of(api)

    # A window of which no other test has found such lists to be long.
    own = theirs = comments // 2 - (16 if db.engine.dialect.name == "mysql" else 12)
    pages = [
        await api.ask(PAGE % ("", "", ""), id=thread.question, own=own, theirs=theirs)
        for _ in range(3)
    ]

    numbering = ["row_number" in text.lower() for text in sent]
    assert numbering == (
        [False] * 9 if comments == 46 else [*[False] * 3, True, *[False, False, True] * 2]
    )
    assert pages[0] == pages[1] == pages[2]
    answers = pages[0]["question"]["answers"]["nodes"]
    lists = {node["databaseId"]: node["comments"] for node in answers}
    assert len(lists[thread.answer]["nodes"]) == theirs
    assert lists[thread.answer]["pageInfo"] == {"hasNextPage": True}
    assert lists[thread.other_answer]["pageInfo"] == {"hasNextPage": False}


ANSWERS = """answers(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    nodes { databaseId } edges { cursor } pageInfo { hasNextPage hasPreviousPage }
}"""
WINDOW = "$first: Int, $after: String, $last: Int, $before: String, $order: AnswerOrder"


@pytest.mark.parametrize("order", ["OLDEST", "VOTES"])
@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize("within", [False, True])
async def test_a_list_is_the_same_alone_and_among_others(
    api: Api, db: Database, order: str, end: str, within: bool
) -> None:
    async with db.begin() as connection:
        ids = []
        for answers in (0, 3, 9):
            ids.append(await add_post(connection, "Q"))
            for n in range(answers):
                await add_post(connection, "A", parent_id=ids[-1], score=n % 3)
    one = f"query($id: Int!, {WINDOW}) {{ question(databaseId: $id) {{ {ANSWERS} }} }}"
    several = " ".join(f"q{id}: question(databaseId: {id}) {{ {ANSWERS} }}" for id in ids)
    options = {"order": order}
    whole = (await api.ask(one, id=ids[-1], **options))["question"]["answers"]
    if within:
        ends = whole["edges"][1]["cursor"], whole["edges"][7]["cursor"]
        options |= dict(zip(("after", "before"), ends, strict=True))

    for size in (2, 4, 20):
        together = await api.ask(f"query({WINDOW}) {{ {several} }}", **{end: size}, **options)
        alone = [await api.ask(one, id=id, **{end: size}, **options) for id in ids]

        assert list(together.values()) == [page["question"] for page in alone]
