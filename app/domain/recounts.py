"""Recounts: the denormalised columns of posts, from the rows that they sum up (FACTS 3 and 4).

Each is one statement that reads what has been committed until then, never a number that was read
earlier. Lock the posts before.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    case,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from app.domain import hotness
from app.domain.options import Options
from app.models import Post, Vote


async def votes(connection: AsyncConnection, *, post_id: int) -> None:
    """Recount the votes and flags on a post."""
    await connection.execute(update(Post).where(Post.id == post_id).values(_votes_on(post_id)))


async def votes_on_question(
    connection: AsyncConnection, *, options: Options, question_id: int
) -> None:
    """Recount the votes and flags on a question, and its hotness with them."""
    values = _votes_on(question_id)
    # MySQL would see the new score in its column, and SQLite the old one.
    values[Post.hotness] = hotness.of_question(options, question_id, score=values[Post.score])
    await connection.execute(update(Post).where(Post.id == question_id).values(values))


async def votes_on_answer(connection: AsyncConnection, *, question_id: int, answer_id: int) -> None:
    """Recount the votes and flags on a visible answer, and its question's best score with it."""
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
    await connection.execute(these.values(values))


def _votes_on(post_id: int) -> dict[Any, Any]:
    given = select(Vote.post_id).where(Vote.post_id == post_id)
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
    answer = aliased(Post)
    found = (
        select(func.count().label("count"), func.max(answer.score).label("best"))
        .where(answer.parent_id == question_id, answer.type == "A")
        # MySQL reads the table that it changes only where it has to make a copy of what it reads.
        .subquery("found")
    )
    best: ScalarSelect[int] = select(
        case((found.c.best > 0, found.c.best), else_=0)
    ).scalar_subquery()
    values: dict[Any, Any] = {
        Post.answer_count: select(found.c.count).scalar_subquery(),
        Post.best_answer_score: best,
        Post.hotness: hotness.of_question(options, question_id),
    }
    await connection.execute(update(Post).where(Post.id == question_id).values(values))


async def best_answer(connection: AsyncConnection, *, question_id: int) -> None:
    """Recount only the best score among a question's visible answers: a vote changed it."""
    answer = aliased(Post)
    found = (
        select(func.max(answer.score).label("best"))
        .where(answer.parent_id == question_id, answer.type == "A")
        .subquery("found")
    )
    best: ScalarSelect[int] = select(
        case((found.c.best > 0, found.c.best), else_=0)
    ).scalar_subquery()
    statement = update(Post).where(Post.id == question_id)
    await connection.execute(statement.values({Post.best_answer_score: best}))


async def question_hotness(
    connection: AsyncConnection, *, options: Options, question_id: int
) -> None:
    """Reckon a question's hotness anew: votes on it, or views, have changed."""
    statement = update(Post).where(Post.id == question_id)
    value = hotness.of_question(options, question_id)
    await connection.execute(statement.values({Post.hotness: value}))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
