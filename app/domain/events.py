"""Events: posts that were written or changed, as they stand in the table of posts (FACTS 15)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    join,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import Values, rows_of, value_of
from app.domain import categories, pages
from app.domain.orders import Key, KeyValues, Order
from app.domain.pages import Shape
from app.domain.posts import NOBODY
from app.domain.threads import (
    GRANDPARENT,
    PARENT,
    ROOT_ID,
    WITH_ANCESTORS,
    WITH_PARENT,
    is_reachable,
)
from app.models import Post, PostKind
from app.models.kinds import post_type

KINDS = (PostKind.QUESTION, PostKind.ANSWER, PostKind.COMMENT)


# In one second, events come as the index of changes has them: by the number of the post's type.
PLACES = {post_type(kind): place for place, kind in enumerate(KINDS, start=1)}


class Event(NamedTuple):
    """What happened to a post; the first four tell any two events apart, and are their order.

    `edited` is 0 if the post was written, 1 if it was changed; `change` is the code of the
    change, `at` is in the tables' zone.
    """

    at: datetime
    edited: int
    place: int
    post_id: int
    question_id: int
    change: str | None
    by_id: int | None

    @property
    def key(self) -> KeyValues:
        return self[:KEYS]

    @property
    def kind(self) -> PostKind:
        """The kind of the post."""
        return KINDS[self.place - 1]


KEYS = 4
_LIMIT: Any = bindparam("limit", type_=Integer())


class Chosen(NamedTuple):
    """Which events are meant: kinds of posts that were written, changes, where, and by whom.

    `depth` is that of the category that they are in or below, 0 where any will do.
    """

    written: frozenset[PostKind]
    edited: bool
    depth: int = 0
    category_id: int | None = None
    by_id: int | None = None

    def placed(self) -> tuple[Self, Values]:
        """The same with room for the numbers in it, and these: for prepared statements."""
        numbers = {"category_id": self.category_id, "by_id": self.by_id}
        given = {name: number for name, number in numbers.items() if number is not None}
        return self._replace(**{name: _ROOM[name] for name in given}), given


# They stand for numbers that are known when a statement is run.
_ROOM: dict[str, Any] = {name: bindparam(name) for name in ("category_id", "by_id")}


class Span(NamedTuple):
    """The events after one and before another, from the newest, or from the oldest."""

    after: KeyValues | None
    before: KeyValues | None
    backwards: bool

    def shaped(self) -> tuple[Shape, Values]:
        """The shape of the span, and the values that `pages.between` leaves room for."""
        ends = {"after": self.after, "before": self.before}
        given = {end: key for end, key in ends.items() if key is not None}
        values = {f"{end}_{n}": value for end, key in given.items() for n, value in enumerate(key)}
        return Shape(self.backwards, **dict.fromkeys(given, (False,) * KEYS)), values


@lru_cache
def order(edited: int) -> Order:
    """The order of events, newest first, for those that were written or for those changed."""
    columns: Sequence[Any] = (_time(edited), literal_column(str(edited)), _place(), Post.id)
    types = (datetime, int, int, int)
    keys = (Key(column, type, True) for column, type in zip(columns, types, strict=True))
    return Order("activity", tuple(keys))


def _time(edited: int) -> Any:
    return Post.changed_at if edited else Post.created_at


def _place() -> Any:
    return case(PLACES, value=Post.type)


async def walk(
    connection: AsyncConnection, *, chosen: Chosen, span: Span, limit: int
) -> list[Event]:
    """The first `limit` events of the span: each index is read so far and no further."""
    if not (chosen.written or chosen.edited):
        return []
    placed, numbers = chosen.placed()
    shape, bounds = span.shaped()
    values = {**numbers, **bounds, "limit": limit}
    return [Event._make(row) for row in await rows_of(connection, _walk(placed, shape), values)]


@prepared
def _walk(chosen: Chosen, shape: Shape) -> Select[Any]:
    branches = [_first(statement, edited, shape) for statement, edited in _streams(chosen)]
    found = union_all(*(select(branch.subquery()) for branch in branches)).subquery("found")
    columns = [found.c[name] for name in Event._fields]
    clauses = [column.asc() if shape.backwards else column.desc() for column in columns[:KEYS]]
    return select(*columns).order_by(*clauses).limit(_LIMIT)


def _first(statement: Select[Any], edited: int, shape: Shape) -> Select[Any]:
    statement = pages.between(statement, order(edited), shape)
    # An index has these columns in this order; what was written is all of one type.
    types = [func.declared_order(Post.type)] if edited else []
    columns: list[Any] = [_time(edited), *types, Post.id]
    clauses = [column.asc() if shape.backwards else column.desc() for column in columns]
    # The order of the joins is that of the list: no other lets MySQL stop after the limit.
    first: Select[Any] = statement.order_by(*clauses).limit(_LIMIT)
    return first.prefix_with("STRAIGHT_JOIN", dialect="mysql")


def _streams(chosen: Chosen) -> list[tuple[Select[Any], int]]:
    """A statement for each index that events are read from, and whether it is of changes."""
    written = [(_of_kinds([kind], 0, chosen), 0) for kind in KINDS if kind in chosen.written]
    return [*written, (_of_kinds(KINDS, 1, chosen), 1)] if chosen.edited else written


def _of_kinds(kinds: Sequence[PostKind], edited: int, chosen: Chosen) -> Select[Any]:
    deepest = kinds[-1]
    source: Any = {PostKind.QUESTION: Post, PostKind.ANSWER: WITH_PARENT}.get(
        deepest, WITH_ANCESTORS
    )
    root = {PostKind.QUESTION: Post.id, PostKind.ANSWER: PARENT.id}.get(deepest, ROOT_ID)
    condition = or_(*(is_reachable(NOBODY, kind) for kind in kinds))
    return _events(root, edited, chosen).select_from(source).where(condition)


def _events(root: Any, edited: int, chosen: Chosen) -> Select[Any]:
    by_id = Post.changed_by_id if edited else Post.author_id
    columns: Sequence[Any] = (
        _time(edited).label("at"),
        literal_column(str(edited)).label("edited"),
        _place().label("place"),
        Post.id.label("post_id"),
        root.label("question_id"),
        (Post.change if edited else null()).label("change"),
        by_id.label("by_id"),
    )
    statement = select(*columns)
    if edited:
        statement = statement.where(Post.changed_at.is_not(None))
    if chosen.by_id is not None:
        statement = statement.where(by_id == chosen.by_id)
    if not chosen.depth:
        return statement
    return statement.where(categories.below_one_of(chosen.depth, chosen.category_id))


async def newest(
    connection: AsyncConnection, *, chosen: Chosen, question_ids: Sequence[int]
) -> dict[int, KeyValues]:
    """The key of the newest event of each of the questions that has any."""
    placed, numbers = chosen.placed()
    values = {**numbers, "question_ids": question_ids}
    found = await rows_of(connection, _newest(placed), values)
    return {row[0]: tuple(row[1 : 1 + KEYS]) for row in found}


@prepared
def _newest(chosen: Chosen) -> Select[Any]:
    branches = []
    for kind, source, root in _threads():
        for edited in (0, 1):
            if chosen.edited if edited else kind in chosen.written:
                events = _events(root, edited, chosen).select_from(source)
                meant = and_(is_reachable(NOBODY, kind), root.in_(many("question_ids")))
                branches.append(events.where(meant))
    found = union_all(*branches).subquery("found")
    keys = [found.c[name] for name in Event._fields[:KEYS]]
    rank = func.row_number().over(
        partition_by=found.c.question_id, order_by=[key.desc() for key in keys]
    )
    ranked = select(found.c.question_id, *keys, rank.label("rank_in_thread")).subquery("ranked")
    return select(ranked).where(ranked.c.rank_in_thread == 1)


def _threads() -> list[tuple[PostKind, Any, Any]]:
    """Where the posts of a question are found from its id, each kind by an index of its own."""
    below = join(Post, PARENT, Post.parent_id == PARENT.id)
    below_answer = join(below, GRANDPARENT, PARENT.parent_id == GRANDPARENT.id)
    return [
        (PostKind.QUESTION, Post, Post.id),
        (PostKind.ANSWER, below, PARENT.id),
        (PostKind.COMMENT, WITH_ANCESTORS, PARENT.id),
        (PostKind.COMMENT, below_answer, GRANDPARENT.id),
    ]


async def count_questions(connection: AsyncConnection, *, chosen: Chosen) -> int:
    """How many questions have such events."""
    if not (chosen.written or chosen.edited):
        return 0
    placed, values = chosen.placed()
    counted: int = await value_of(connection, _counted(placed), values)
    return counted


@prepared
def _counted(chosen: Chosen) -> Select[Any]:
    branches = [
        statement.with_only_columns(statement.selected_columns.question_id)
        for statement, _ in _streams(chosen)
    ]
    found = union_all(*branches).subquery("found")
    return select(func.count(found.c.question_id.distinct()))
