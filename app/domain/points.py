"""Points and the figures they are made of (FACTS 5): the one place of each formula."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Update,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import assigns_in_order, upsert
from app.db.prepared import Prepared, many, prepared
from app.db.running import run
from app.domain import counters
from app.domain.options import Options
from app.domain.placed import PLACED, numbers
from app.models import Post, UserPoints, Vote
from app.models.kinds import KINDS, PostKind
from app.models.tables import aliased

Figure = Column[int]
Figures = Mapping[Figure, ColumnElement[int]]
CHUNK = 1_000
# With more people, locking them all costs less than a statement for each.
MOST_ONE_BY_ONE = 2
# Which figures a vote changes: of the voter, and of the author of the post, by its kind (FACTS 3).
GIVEN: Mapping[PostKind, Sequence[Figure]] = {
    PostKind.QUESTION: (UserPoints.question_upvotes_given, UserPoints.question_downvotes_given),
    PostKind.ANSWER: (UserPoints.answer_upvotes_given, UserPoints.answer_downvotes_given),
    PostKind.COMMENT: (UserPoints.comment_upvotes_given, UserPoints.comment_downvotes_given),
}
VOTE_POINTS: Mapping[PostKind, Figure] = {
    PostKind.QUESTION: UserPoints.question_vote_points,
    PostKind.ANSWER: UserPoints.answer_vote_points,
    PostKind.COMMENT: UserPoints.comment_vote_points,
}

RECEIVED: Sequence[Figure] = (UserPoints.upvotes_received, UserPoints.downvotes_received)
# Which figure counts a person's posts of a kind.
POSTED: Mapping[PostKind, Figure] = {
    PostKind.QUESTION: UserPoints.question_count,
    PostKind.ANSWER: UserPoints.answer_count,
    PostKind.COMMENT: UserPoints.comment_count,
}


class VoteWorth(NamedTuple):
    """What votes on one post of a kind are worth to its author, up to a limit each way."""

    each_up: int
    most_gain: int
    each_down: int
    most_loss: int

    def of_upvotes(self, votes: Any) -> ColumnElement[int]:
        return _limited(votes, self.each_up, self.most_gain)

    def of_downvotes(self, votes: Any) -> ColumnElement[int]:
        """What they take away, as a number above zero."""
        return _limited(votes, self.each_down, self.most_loss)


def vote_worths(options: Options) -> dict[PostKind, VoteWorth]:
    """What votes on posts of each kind are worth, before that is multiplied."""
    return {
        PostKind.QUESTION: VoteWorth(
            options.points_per_q_voted_up,
            options.points_q_voted_max_gain,
            options.points_per_q_voted_down,
            options.points_q_voted_max_loss,
        ),
        PostKind.ANSWER: VoteWorth(
            options.points_per_a_voted_up,
            options.points_a_voted_max_gain,
            options.points_per_a_voted_down,
            options.points_a_voted_max_loss,
        ),
        PostKind.COMMENT: VoteWorth(
            options.points_per_c_voted_up,
            options.points_c_voted_max_gain,
            options.points_per_c_voted_down,
            options.points_c_voted_max_loss,
        ),
    }


def total(options: Options, figures: Mapping[str, Any]) -> Any:
    """The points that a row of `UserPoints` is worth.

    :param figures: the figures by attribute name: numbers, or columns for a SQL expression
    """
    multiplied = sum(weight * figures[figure.key] for figure, weight in weights(options).items())
    return options.points_base + options.points_multiple * multiplied + figures["bonus"]


def weights(options: Options) -> dict[Figure, int]:
    """What each figure counts, before all of them are multiplied by `points_multiple`."""
    return {
        UserPoints.question_count: options.points_post_q,
        UserPoints.answer_count: options.points_post_a,
        UserPoints.accepted_by_user_count: options.points_select_a,
        UserPoints.accepted_answer_count: options.points_a_selected,
        UserPoints.question_upvotes_given: options.points_vote_up_q,
        UserPoints.question_downvotes_given: options.points_vote_down_q,
        UserPoints.answer_upvotes_given: options.points_vote_up_a,
        UserPoints.answer_downvotes_given: options.points_vote_down_a,
        UserPoints.question_vote_points: 1,
        UserPoints.answer_vote_points: 1,
        UserPoints.comment_vote_points: 1,
    }


async def recount(
    connection: AsyncConnection,
    *,
    options: Options,
    user_ids: Iterable[int | None],
    figures: Collection[Figure] | None = None,
) -> None:
    """Recount figures of these people, and their points from all figures in their rows.

    The rows are locked in the order of their ids. People whose row is missing get one.

    :param user_ids: None among them, the author of an anonymous post, is nobody
    :param figures: those that may have changed; None: all
    """
    people = sorted({user_id for user_id in user_ids if user_id is not None})
    if not people:
        return
    names = None if figures is None else frozenset(figure.key for figure in figures)
    statement = _counted_anew(connection.dialect.name, names)
    if await _store(connection, people, statement, options) < len(people):
        await _insert_missing(connection, people)
        await _store(connection, people, statement, options)


@prepared
def _counted_anew(dialect: str, names: frozenset[str] | None) -> Update:
    now_counted = counted(PLACED, names)
    current: dict[str, Any] = {f.key: f for f in [*weights(PLACED), UserPoints.bonus]}
    if not assigns_in_order(dialect):
        # What is counted has to be counted again for the sum.
        current |= {figure.key: expression for figure, expression in now_counted.items()}
    values = [*now_counted.items(), (UserPoints.points, total(PLACED, current))]
    return update(UserPoints).where(UserPoints.user_id.in_(many("people"))).ordered_values(*values)


async def _store(
    connection: AsyncConnection, people: Sequence[int], statement: Prepared, options: Options
) -> int:
    """Store the figures of people, by ascending ids; returns how many rows there were.

    A statement counts what was committed when it had locked its first row. While it waits for
    another row somebody may commit what that row's figures are counted from, so that each row has
    a statement of its own, or all are locked before (decision 51).
    """
    if len(people) > MOST_ONE_BY_ONE:
        these = select(UserPoints.user_id).where(UserPoints.user_id.in_(people))
        await connection.execute(these.order_by(UserPoints.user_id).with_for_update())
        groups = [people]
    else:
        groups = [[person] for person in people]
    stored, weighing = 0, numbers(options, statement)
    for group in groups:
        values = {"people": group, **weighing}
        stored += (await run(connection, statement, values)).row_count
    return stored


def counted(
    options: Options, names: Collection[str] | None = None
) -> dict[Figure, ScalarSelect[int]]:
    """The figures, each counted for the row of `UserPoints` that it is in.

    :param names: of the attributes that are wanted; None: all
    """
    found = {}
    for source, _, user_id, expressions in _sources(options):
        for figure, expression in expressions.items():
            if names is None or figure.key in names:
                mine = source.with_only_columns(func.coalesce(expression, 0))
                mine = mine.where(user_id == UserPoints.user_id).correlate(UserPoints)
                found[figure] = mine.scalar_subquery()
    return found


async def _insert_missing(connection: AsyncConnection, people: Sequence[int]) -> None:
    """Make rows of points for those who have none, and count them (FACTS 5)."""
    query = select(UserPoints.user_id).where(UserPoints.user_id.in_(people))
    present = set((await connection.execute(query)).scalars())
    missing = [user_id for user_id in people if user_id not in present]
    rows = [{UserPoints.user_id: user_id} for user_id in missing]
    await connection.execute(
        upsert(connection.dialect.name, UserPoints, rows, keys=[UserPoints.user_id])
    )
    await counters.add_to_options(connection, changes={"cache_userpointscount": len(missing)})


async def insert_all(
    connection: AsyncConnection,
    *,
    options: Options,
    user_ids: Sequence[int],
    bonuses: Mapping[int, int],
) -> None:
    """Make the rows of points of a new site: everybody's at once, counted in three passes."""
    figures = [figure for _, _, _, expressions in _sources(options) for figure in expressions]
    nothing = {figure.key: 0 for figure in figures}
    rows = {user_id: nothing | {"bonus": bonuses.get(user_id, 0)} for user_id in user_ids}
    for source, joined, user_id, expressions in _sources(options):
        query = source.with_only_columns(user_id, *expressions.values())
        # A server that has not yet seen how large the tables are would go through all of them.
        query = query.prefix_with("STRAIGHT_JOIN", dialect="mysql")
        for post in joined:
            query = query.with_hint(post, "FORCE INDEX (PRIMARY)", "mysql")
        found = await connection.execute(query.where(user_id.is_not(None)).group_by(user_id))
        for person, *values in found:
            if person in rows:
                counted = zip(expressions, values, strict=True)
                rows[person].update({figure.key: int(value or 0) for figure, value in counted})

    columns = [UserPoints.user_id, UserPoints.points, UserPoints.bonus, *figures]
    statement = insert(UserPoints).values({c: bindparam(c.key) for c in columns})
    made = [
        {"user_id": user_id, "points": total(options, row), **row} for user_id, row in rows.items()
    ]
    for start in range(0, len(made), CHUNK):
        await connection.execute(statement, made[start : start + CHUNK])


def _sources(options: Options) -> list[tuple[Select[Any], list[Any], Any, Figures]]:
    """Where figures are counted: rows, what they join, whose they are, and the sums."""
    question, answer = aliased(Post), aliased(Post)
    # Asker and answerer must differ; two unknown ones count as the same.
    accepted = select(question.id).select_from(question)
    accepted = accepted.join(answer, answer.id == question.accepted_answer_id)
    accepted = accepted.where(
        answer.type == "A", question.author_id.is_distinct_from(answer.author_id)
    )
    votes = (
        select(Vote.post_id)
        .select_from(Vote)
        .join(Post, Post.id == Vote.post_id)
        .where(Vote.direction != 0)
    )
    return [
        (select(Post.id), [], Post.author_id, _posting_figures(options)),
        (accepted, [answer], answer.author_id, {UserPoints.accepted_answer_count: func.count()}),
        (votes, [Post], Vote.user_id, _voting_figures()),
    ]


def _posting_figures(options: Options) -> Figures:
    has_accepted = (Post.type == "Q") & Post.accepted_answer_id.is_not(None)
    return {
        UserPoints.question_count: _count(Post.type == "Q"),
        UserPoints.answer_count: _count(Post.type == "A"),
        UserPoints.comment_count: _count(Post.type == "C"),
        UserPoints.accepted_by_user_count: _count(has_accepted),
        **{
            VOTE_POINTS[kind]: _vote_points(kind, worth)
            for kind, worth in vote_worths(options).items()
        },
        UserPoints.upvotes_received: func.sum(Post.upvote_count),
        UserPoints.downvotes_received: func.sum(Post.downvote_count),
    }


def _voting_figures() -> Figures:
    up, down = Vote.direction > 0, Vote.direction < 0
    question, answer = of_kind(PostKind.QUESTION), of_kind(PostKind.ANSWER)
    comment = of_kind(PostKind.COMMENT)
    return {
        UserPoints.question_upvotes_given: _count(up & question),
        UserPoints.question_downvotes_given: _count(down & question),
        UserPoints.answer_upvotes_given: _count(up & answer),
        UserPoints.answer_downvotes_given: _count(down & answer),
        UserPoints.comment_upvotes_given: _count(up & comment),
        UserPoints.comment_downvotes_given: _count(down & comment),
    }


def _vote_points(kind: PostKind, worth: VoteWorth) -> ColumnElement[int]:
    """What the votes on a person's posts are worth, limited for each post, whatever its state."""
    won, lost = worth.of_upvotes(Post.upvote_count), worth.of_downvotes(Post.downvote_count)
    # Two sums, as MySQL's unsigned numbers cannot be subtracted to less than nothing.
    return func.sum(case((of_kind(kind), won), else_=0)) - func.sum(
        case((of_kind(kind), lost), else_=0)
    )


def _limited(votes: Any, each: int, most: int) -> ColumnElement[int]:
    return case((votes * each > most, most), else_=votes * each)


def of_kind(kind: PostKind) -> ColumnElement[bool]:
    return Post.type.in_([stored for stored, its_kind in KINDS.items() if its_kind is kind])


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
