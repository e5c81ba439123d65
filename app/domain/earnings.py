"""Earnings: the points that people have earned by the posts of each question, of late or ever.

They are what `points` counts (FACTS 5), parted by question and by time. A post counts when it was
written, a vote when it was last changed, an acceptance when the answer says so (decision 64). The
points of a period are those of today less those that there would be without what happened in it,
so that they never add up to more than were ever earned.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    select,
)

from app.db.dialects import as_number
from app.domain import points
from app.domain.changes import ChangeKind
from app.domain.options import Options
from app.domain.points import GIVEN, VoteWorth
from app.domain.threads import (
    ANSWERS,
    COMMENTS,
    GRANDPARENT,
    IS_GRANDPARENT,
    IS_PARENT,
    PARENT,
    QUESTIONS,
    ROOT_ID,
    WITH_ANCESTORS,
)
from app.models import Post, PostKind, UserPoints, Vote
from app.models.kinds import post_type
from app.models.tables import aliased

QUESTION, ANSWER = post_type(PostKind.QUESTION), post_type(PostKind.ANSWER)
# The question that a post belongs to, in `WITH_ANCESTORS`.
THREAD_ID = func.coalesce(ROOT_ID, Post.id)
VOTED_AT: Any = func.coalesce(Vote.changed_at, Vote.cast_at)


class Source(Enum):
    """What points were earned by; the values are the tables'."""

    AUTHOR = 1
    LATE_VOTES = 2
    ASKER = 3
    ANSWERER = 4
    VOTER = 5


class Since(NamedTuple):
    """Where the two periods begin, in the zone of the tables."""

    month: datetime
    week: datetime


class Earned(NamedTuple):
    """Points earned ever, in the month and in the week: expressions of SQL."""

    ever: Any
    month: Any
    week: Any


def of_posts(
    options: Options, *, since: Since, first_id: int, last_id: int
) -> Sequence[Select[Any]]:
    """What people have earned by the posts with these ids, except by votes on them of late.

    The columns are those of `RANKING_EARNINGS`. Posts below nothing count as questions.
    """
    chunk = Post.id.between(first_id, last_id)
    return [
        _authors(options, since, chunk),
        _askers(options, since, chunk),
        _answerers(options, since, chunk),
    ]


def of_late(options: Options, *, since: Since) -> Select[Any]:
    """What the votes of the two periods have brought the authors of the posts in that time."""
    votes = _votes_of_late(since).subquery("votes")
    worths = points.vote_worths(options)
    up, down = as_number(Post.upvote_count), as_number(Post.downvote_count)
    now = _vote_points(worths, up, down)
    month = _vote_points(worths, _less(up, votes.c.month_up), _less(down, votes.c.month_down))
    week = _vote_points(worths, _less(up, votes.c.week_up), _less(down, votes.c.week_down))
    earned = Earned(literal(0), now - month, now - week)
    rows = _rows(options, Source.LATE_VOTES, THREAD_ID, Post.id, Post.author_id, earned)
    # From the few votes to their posts: the server would look up the votes of all posts.
    rows = rows.prefix_with("STRAIGHT_JOIN", dialect="mysql")
    rows = rows.join_from(votes, Post, Post.id == votes.c.post_id)
    rows = rows.outerjoin(PARENT, IS_PARENT).outerjoin(GRANDPARENT, IS_GRANDPARENT)
    return rows.where(Post.author_id.is_not(None))


def _votes_of_late(since: Since) -> Select[Any]:
    """How many votes of the periods each post has, up and down."""
    up, down = Vote.direction > 0, Vote.direction < 0
    in_week = _is_since(VOTED_AT, since.week)
    counts: list[Any] = [
        _count(up).label("month_up"),
        _count(down).label("month_down"),
        _count(and_(in_week, up)).label("week_up"),
        _count(and_(in_week, down)).label("week_down"),
    ]
    return (
        select(Vote.post_id, *counts)
        .where(_is_since(VOTED_AT, since.month), Vote.direction != 0)
        .group_by(Vote.post_id)
    )


def _authors(options: Options, since: Since, chunk: ColumnElement[bool]) -> Select[Any]:
    """What posts bring their authors: by being there, and by all votes on them."""
    weights = points.weights(options)
    posting = case(
        (Post.type == QUESTION, weights[UserPoints.question_count]),
        (Post.type == ANSWER, weights[UserPoints.answer_count]),
        else_=0,
    )
    up, down = as_number(Post.upvote_count), as_number(Post.downvote_count)
    earned = _dated(posting, Post.created_at, since)
    earned = earned._replace(ever=posting + _vote_points(points.vote_worths(options), up, down))
    rows = _rows(options, Source.AUTHOR, THREAD_ID, Post.id, Post.author_id, earned)
    of_interest = [*QUESTIONS, *ANSWERS]
    comment = points.vote_worths(options)[PostKind.COMMENT]
    if comment.each_up or comment.each_down:
        of_interest += COMMENTS
    return rows.select_from(WITH_ANCESTORS).where(
        chunk, Post.author_id.is_not(None), Post.type.in_(of_interest)
    )


def _askers(options: Options, since: Since, chunk: ColumnElement[bool]) -> Select[Any]:
    """What accepting answers brings those who asked."""
    weight = points.weights(options)[UserPoints.accepted_by_user_count]
    answer = aliased(Post)
    earned = _dated(literal(weight), _accepted_at(answer), since)
    rows = _rows(options, Source.ASKER, Post.id, Post.id, Post.author_id, earned)
    rows = rows.outerjoin_from(Post, answer, answer.id == Post.accepted_answer_id)
    return rows.where(
        chunk,
        Post.type == QUESTION,
        Post.accepted_answer_id.is_not(None),
        Post.author_id.is_not(None),
    )


def _answerers(options: Options, since: Since, chunk: ColumnElement[bool]) -> Select[Any]:
    """What accepted answers bring their authors, unless they asked themselves."""
    weight = points.weights(options)[UserPoints.accepted_answer_count]
    answer = aliased(Post)
    earned = _dated(literal(weight), _accepted_at(answer), since)
    rows = _rows(options, Source.ANSWERER, Post.id, Post.id, answer.author_id, earned)
    rows = rows.join_from(Post, answer, answer.id == Post.accepted_answer_id)
    return rows.where(
        chunk,
        answer.type == ANSWER,
        answer.author_id.is_not(None),
        Post.author_id.is_distinct_from(answer.author_id),
    )


def by_voting(options: Options, *, since: Since) -> Select[Any]:
    """What voting in the two periods has brought those who voted; comments bring nothing (FACTS 5).

    It is earned on no question: the rows have 0 for it, and for the post.
    """
    weights = points.weights(options)
    given = case(
        *(
            (and_(points.of_kind(kind), vote), weights[figure])
            for kind in (PostKind.QUESTION, PostKind.ANSWER)
            for vote, figure in zip(
                (Vote.direction > 0, Vote.direction < 0), GIVEN[kind], strict=True
            )
        ),
        else_=0,
    )
    dated = _dated(given, VOTED_AT, since)
    earned = Earned(literal(0), func.sum(dated.month), func.sum(dated.week))
    rows = _rows(options, Source.VOTER, literal(0), literal(0), Vote.user_id, earned)
    rows = rows.prefix_with("STRAIGHT_JOIN", dialect="mysql")
    rows = rows.join_from(Vote, Post, Post.id == Vote.post_id)
    of_late = _is_since(VOTED_AT, since.month)
    return rows.where(of_late, Vote.direction != 0).group_by(Vote.user_id)


def _accepted_at(answer: Any) -> ColumnElement[datetime]:
    """When an answer was accepted; when it was written, if a later change hides that.

    That is earlier than it was, but an edit must not let an acceptance count once more.
    """
    return case(
        (answer.change == ChangeKind.ACCEPTED.value, answer.changed_at), else_=answer.created_at
    )


def _dated(value: ColumnElement[int], at: Any, since: Since) -> Earned:
    """A number of points that somebody got at a time; without a time it is none of the periods'."""
    return Earned(
        value,
        case((_is_since(at, since.month), value), else_=0),
        case((_is_since(at, since.week), value), else_=0),
    )


def _is_since(at: Any, moment: datetime) -> ColumnElement[bool]:
    is_since: ColumnElement[bool] = at >= moment
    return is_since


def _vote_points(
    worths: dict[PostKind, VoteWorth], up: ColumnElement[int], down: ColumnElement[int]
) -> ColumnElement[int]:
    """What so many votes on a post are worth, by its kind."""
    return case(
        *(
            (points.of_kind(kind), worth.of_upvotes(up) - worth.of_downvotes(down))
            for kind, worth in worths.items()
        ),
        else_=0,
    )


def _less(all_of_them: Any, of_late: Any) -> ColumnElement[int]:
    """So many votes without those of late; none where the column lags behind the votes."""
    before = all_of_them - func.coalesce(of_late, 0)
    return case((before > 0, before), else_=0)


def _rows(
    options: Options, source: Source, question_id: Any, post_id: Any, user_id: Any, earned: Earned
) -> Select[Any]:
    values = (
        (options.points_multiple * value).label(name)
        for name, value in zip(Earned._fields, earned, strict=True)
    )
    return select(
        question_id.label("question_id"),
        user_id.label("user_id"),
        post_id.label("post_id"),
        literal(source.value).label("source"),
        *values,
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
