"""How hot a question is (FACTS 4): the one place of the formula, for Python and for SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.db.dialects import as_number, epoch
from app.domain.options import Options
from app.models import Post
from app.models.tables import aliased

BEGINNING = datetime(2010, 1, 1)  # noqa: DTZ001 - in the zone of the tables
ANSWER_OR_VOTE = 160_000
VIEW = 4_000


def of(
    options: Options, *, created: int, last_answer: int, answers: int, score: int, views: int
) -> int:
    """The hotness of a question from its figures.

    :param created: seconds from `BEGINNING` to the creation of the question
    :param last_answer: the same for its newest visible answer, or `created` if it has none
    :param answers: how many visible answers it has
    """
    return (
        created * options.hot_weight_q_age
        + last_answer * options.hot_weight_a_age
        + answers * options.hot_weight_answers * ANSWER_OR_VOTE
        + score * options.hot_weight_votes * ANSWER_OR_VOTE
        + views * options.hot_weight_views * VIEW
    )


def of_question(
    options: Options, question_id: Any, *, score: Any = Post.score
) -> ColumnElement[int]:
    """The same as `expression` for one question, in a form in which MySQL can update its row.

    :param question_id: a number, or what stands for one
    :param score: the question's score, if the same statement changes it
    """
    answer = aliased(Post)
    answers = (
        select(func.count().label("count"), func.max(epoch(answer.created_at)).label("last"))
        .where(answer.parent_id == question_id, answer.type == "A")
        # MySQL reads the table that it changes only where it has to make a copy of what it reads.
        .subquery("answers")
    )
    created = epoch(Post.created_at)
    last_answer = func.coalesce(select(answers.c.last).scalar_subquery(), created)
    count = select(answers.c.count).scalar_subquery()
    return _total(options, created, last_answer, count, score)


def expression(options: Options) -> ColumnElement[int]:
    """The same in SQL for a row of `Post`, from its answers and its other columns."""
    answer = aliased(Post)

    def over_answers(figure: ColumnElement[int]) -> Select[int]:
        return select(figure).where(answer.parent_id == Post.id, answer.type == "A")

    created = epoch(Post.created_at)
    last_answer = func.coalesce(
        over_answers(func.max(epoch(answer.created_at))).scalar_subquery(), created
    )
    answers = over_answers(func.count()).scalar_subquery()
    return _total(options, created, last_answer, answers, Post.score)


def _total(
    options: Options, created: Any, last_answer: Any, answers: Any, score: Any
) -> ColumnElement[int]:
    # Signed: before 2010 it was below zero, where MySQL's unsigned numbers end in an error.
    total: ColumnElement[int] = (
        (as_number(created) - as_number(epoch(BEGINNING))) * options.hot_weight_q_age
        + (as_number(last_answer) - as_number(epoch(BEGINNING))) * options.hot_weight_a_age
        + answers * options.hot_weight_answers * ANSWER_OR_VOTE
        + score * options.hot_weight_votes * ANSWER_OR_VOTE
        + as_number(Post.view_count) * options.hot_weight_views * VIEW
    )
    return total
