"""All that can be done to the posts of one thread, done to it by many at once."""

import asyncio
import random
from typing import Any

import pytest

from app.db import Database
from tests.conftest import Api
from tests.meadow import expect_no_differences
from tests.thread import Thread, add_thread, id_of, perform

OPTIONS = {
    "comment_on_qs": 1,
    "permit_delete_hidden": 120,
    "permit_hide_show": 120,
    "permit_select_a": 120,
    "permit_close_q": 120,
    "permit_edit_a": 120,
    "permit_moderate": 120,
    "voting_on_cs": 1,
    "max_rate_user_cs": 1000,
    "max_rate_ip_cs": 1000,
}
AT_ONCE, ROUNDS = 6, 12


def step(thread: Thread, chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A mutation with its input; not all that come out are possible just then."""
    answers, comments = [thread.answer, thread.other_answer], thread[11:14]
    answer = id_of("Answer", chance.choice(answers))
    question = id_of("Question", chance.choice([thread.question, thread.follow_up]))
    comment = id_of("Comment", chance.choice([*comments, *answers]))
    post = chance.choice([answer, question, comment, comment])
    original = id_of("Question", thread.follow_up)
    return chance.choice(
        [
            ("acceptAnswer", {"answerId": answer}),
            ("unacceptAnswer", {"questionId": question}),
            ("closeQuestion", {"id": question, "note": f"Ask the {chance.random()} drones."}),
            ("closeQuestion", {"id": question, "duplicateOf": original}),
            ("reopenQuestion", {"id": question}),
            ("hidePost", {"id": post}),
            ("reshowPost", {"id": post}),
            ("reshowPost", {"id": post}),
            ("deletePost", {"id": comment}),
            ("convertAnswerToComment", {"answerId": answer}),
            (
                "convertAnswerToComment",
                {"answerId": answer, "parentId": id_of("Answer", chance.choice(answers))},
            ),
            ("castVote", {"id": post, "direction": chance.choice(["UP", "DOWN", "NONE"])}),
        ]
    )


@pytest.mark.mariadb
@pytest.mark.parametrize("seed", range(3))
async def test_every_figure_is_right_after_many_changes_at_once(
    api: Api, db: Database, seed: int
) -> None:
    thread = await add_thread(db, **OPTIONS)
    chance = random.Random(seed)
    done: set[str] = set()

    for _ in range(ROUNDS):
        steps = [step(thread, chance) for _ in range(AT_ONCE)]
        results = await asyncio.gather(
            *(
                perform(api, mutation, who=chance.choice(thread[:8]), **input)
                for mutation, input in steps
            )
        )
        done |= {result["__typename"] for result in results}
        await expect_no_differences(db)

    expected = {"NotFound", "NotAllowed", "Invalid"}
    assert {name for name in done if not name.endswith("Success")} <= expected
    assert len(done - expected) >= 5
