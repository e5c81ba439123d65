"""Recounts: the denormalised columns of posts, from the rows that they sum up (FACTS 3 and 4).

Each is one statement that reads what has been committed until then, never a number that was read
earlier. Lock the posts before.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Update,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import Prepared, prepared
from app.db.running import run
from app.domain import hotness
from app.domain.options import Options
from app.domain.placed import PLACED, numbers
from app.models import Post, Vote
from app.models.tables import aliased

# The post that a statement is about.
ID: Any = bindparam("this", type_=Post.id.type)
THIS = update(Post).where(Post.id == ID)


async def votes(connection: AsyncConnection, *, post_id: int) -> None:
    """Recount the votes and flags on a post."""
    await run(connection, _votes(), {"this": post_id})


@prepared
def _votes() -> Update:
    return THIS.values(_votes_on())


async def votes_on_question(
    connection: AsyncConnection, *, options: Options, question_id: int
) -> None:
    """Recount the votes and flags on a question, and its hotness with them."""
    await _run(connection, _votes_on_question(), options, question_id)


@prepared
def _votes_on_question() -> Update:
    values = _votes_on()
    # MySQL would see the new score in its column, and SQLite the old one.
    values[Post.hotness] = hotness.of_question(PLACED, ID, score=values[Post.score])
    return THIS.values(values)


async def votes_on_answer(connection: AsyncConnection, *, question_id: int, answer_id: int) -> None:
    """Recount the votes and flags on a visible answer, and its question's best score with it."""
    values = {"question": question_id, "answer": answer_id}
    await run(connection, _votes_on_answer(), values)


@prepared
def _votes_on_answer() -> Update:
    question_id, answer_id = (
        bindparam(name, type_=Post.id.type) for name in ("question", "answer")
    )
    given = select(Vote.post_id).where(Vote.post_id == answer_id)
    values: dict[Any, Any] = {
        column: case(
            (Post.id == answer_id, given.with_only_columns(figure).scalar_subquery()), else_=column
        )
        for column, figure in vote_figures().items()
    }
    answer = aliased(Post)
    others = select(answer.score.label("score")).where(
        answer.parent_id == question_id, answer.type == "A", answer.id != answer_id
    )
    own = given.with_only_columns(func.coalesce(func.sum(Vote.direction), 0))
    scores = union_all(others, own, select(literal(0))).subquery("scores")
    best = select(func.max(scores.c.score)).scalar_subquery()
    values[Post.best_answer_score] = case(
        (Post.id == question_id, best), else_=Post.best_answer_score
    )
    these = update(Post).where(Post.id.in_([question_id, answer_id]))
    return these.values(values)


def _votes_on() -> dict[Any, Any]:
    given = select(Vote.post_id).where(Vote.post_id == ID)
    return {
        column: given.with_only_columns(figure).scalar_subquery()
        for column, figure in vote_figures().items()
    }


def vote_figures() -> dict[Any, ColumnElement[int]]:
    """What each of the columns is, as a sum over the votes on a post."""
    return {
        Post.upvote_count: _count(Vote.direction > 0),
        Post.downvote_count: _count(Vote.direction < 0),
        Post.score: func.coalesce(func.sum(Vote.direction), 0),
        Post.flag_count: _count(Vote.flagged == 1),
    }


async def answers(connection: AsyncConnection, *, options: Options, question_id: int) -> None:
    """Recount a question's visible answers, the best score among them, and its hotness."""
    await _run(connection, _answers(), options, question_id)


@prepared
def _answers() -> Update:
    answer = aliased(Post)
    found = (
        select(func.count().label("count"), func.max(answer.score).label("best"))
        .where(answer.parent_id == ID, answer.type == "A")
        # MySQL reads the table that it changes only where it has to make a copy of what it reads.
        .subquery("found")
    )
    best: ScalarSelect[int] = select(
        case((found.c.best > 0, found.c.best), else_=0)
    ).scalar_subquery()
    values: dict[Any, Any] = {
        Post.answer_count: select(found.c.count).scalar_subquery(),
        Post.best_answer_score: best,
        Post.hotness: hotness.of_question(PLACED, ID),
    }
    return THIS.values(values)


async def question_hotness(
    connection: AsyncConnection, *, options: Options, question_id: int
) -> None:
    """Reckon a question's hotness anew: votes on it, or views, have changed."""
    await _run(connection, _hotness(), options, question_id)


@prepared
def _hotness() -> Update:
    return THIS.values({Post.hotness: hotness.of_question(PLACED, ID)})


async def _run(
    connection: AsyncConnection, statement: Prepared, options: Options, post_id: int
) -> None:
    await run(connection, statement, {"this": post_id, **numbers(options, statement)})


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
