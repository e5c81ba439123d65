"""Posts: the columns that are read, and the one rule that says who sees which of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain import users
from app.domain.users import UserRow
from app.models import Post, PostKind, PostState, User, UserPoints
from app.models.kinds import KINDS, STATES, post_type


class Unread(Enum):
    """Stands for what a statement has left out. Whoever asks it for anything has a bug."""

    UNREAD = "unread"

    def __bool__(self) -> bool:
        raise TypeError("This was not read.")

    def __eq__(self, other: object) -> bool:
        raise TypeError("This was not read.")

    __hash__ = Enum.__hash__


class PostRow(NamedTuple):
    """One post as it is read; times are in the zone of the tables.

    `author` is there where the statement has read it along, None for guests and deleted accounts.
    """

    id: int
    type: str
    parent_id: int | None
    category_id: int | None
    category_1_id: int | None
    category_2_id: int | None
    category_3_id: int | None
    answer_count: int
    best_answer_score: int
    accepted_answer_id: int | None
    closed_by_id: int | None
    author_id: int | None
    cookie_id: int | None
    changed_by_id: int | None
    upvote_count: int
    downvote_count: int
    score: int
    view_count: int
    flag_count: int
    format: str
    created_at: datetime
    changed_at: datetime | None
    change: str | None
    title: str | None
    content: str | None
    tags: str | None
    author_name: str | None
    author: UserRow | Unread | None = Unread.UNREAD

    @classmethod
    def of(cls, columns: Sequence[Any]) -> Self:
        """A post made of `COLUMNS`."""
        return cls._make((*columns, Unread.UNREAD))

    @property
    def kind(self) -> PostKind:
        return KINDS[self.type]

    @property
    def state(self) -> PostState:
        return STATES[self.type]

    @property
    def category_path(self) -> tuple[int | None, ...]:
        return self[3:7]


NAMES = PostRow._fields[:-1]
COLUMNS: Sequence[Any] = tuple(getattr(Post, name) for name in NAMES)
# What is seldom shown; and what only questions have.
SELDOM_SHOWN = {
    "best_answer_score",
    "changed_by_id",
    "upvote_count",
    "downvote_count",
    "flag_count",
    "changed_at",
    "change",
    "author_name",
}
OF_QUESTIONS = {
    "answer_count",
    "accepted_answer_id",
    "closed_by_id",
    "view_count",
    "title",
    "tags",
}
# Enough for the longest excerpt of most posts.
BEGINNING = 3200
FROM_ITS_BEGINNING: tuple[Any, ...] = literal_column("1"), literal_column(str(BEGINNING))


class Content(Enum):
    """How much is read of contents."""

    NONE = "none"
    BEGINNING = "the first 3,200 characters"
    WHOLE = "all of it"


class Detail(NamedTuple):
    """How much is read of posts that are shown: what nobody asks for is left out.

    `is_lean`: without what is seldom shown, nor what only questions have where there are none.
    """

    authors: bool = False
    content: Content = Content.WHOLE
    is_lean: bool = False

    def has_all_of(self, post: PostRow) -> bool:
        """Whether the content of a post that was read so, if it was, is there to its end."""
        return self.content is not Content.BEGINNING or len(post.content or "") < BEGINNING


WHOLE = Detail()


@dataclass(frozen=True)
class Selection:
    """How posts are read in some detail.

    `make` makes a row of `columns`; `joined` joins to a statement that selects from posts what
    else the columns come from.
    """

    columns: Sequence[Any]
    make: Callable[[Sequence[Any]], PostRow]
    joined: Callable[[Select[Any]], Select[Any]]


@lru_cache
def selection(detail: Detail, kind: PostKind | None = None) -> Selection:
    """How posts are read in some detail; `kind`: of this kind, None: of any."""
    left_out = set(SELDOM_SHOWN) if detail.is_lean else set()
    if detail.is_lean and kind in (PostKind.ANSWER, PostKind.COMMENT):
        left_out |= OF_QUESTIONS
    if detail.content is Content.NONE:
        left_out.add("content")
    names = [name for name in NAMES if name not in left_out]
    columns = [_column(name, detail.content) for name in names]
    if not detail.authors:
        return Selection(columns, _maker(names), lambda statement: statement)
    return Selection((*columns, *users.COLUMNS), _maker_with_author(names), _join_authors)


def _column(name: str, content: Content) -> Any:
    if name == "content" and content is Content.BEGINNING:
        return func.substr(Post.content, *FROM_ITS_BEGINNING, type_=Post.content.type)
    return getattr(Post, name)


def _maker(names: list[str]) -> Callable[[Sequence[Any]], PostRow]:
    """Makes a post of the columns of these names."""
    # Behind the row stands what all the others are.
    arranged = itemgetter(*_places(names, otherwise=-1), -1)
    make = partial(tuple.__new__, PostRow)
    return lambda row: make(arranged((*row, Unread.UNREAD)))


def _maker_with_author(names: list[str]) -> Callable[[Sequence[Any]], PostRow]:
    """The same with the columns of the author behind them."""
    width, end = len(names), len(names) + len(users.COLUMNS)
    arranged = itemgetter(*_places(names, otherwise=-2), -1)
    make, make_author = partial(tuple.__new__, PostRow), partial(tuple.__new__, UserRow)

    def make_with_author(row: Sequence[Any]) -> PostRow:
        author = None if row[width] is None else make_author(row[width:end])
        return make(arranged((*row, Unread.UNREAD, author)))

    return make_with_author


def _places(names: list[str], *, otherwise: int) -> list[int]:
    return [names.index(name) if name in names else otherwise for name in NAMES]


def _join_authors(statement: Select[Any]) -> Select[Any]:
    statement = statement.outerjoin(User, User.id == Post.author_id)
    return statement.outerjoin(UserPoints, UserPoints.user_id == User.id)


class Sight(NamedTuple):
    """Which posts a viewer sees beside the visible ones: the result of the permission rules.

    `hidden` and `queued` are True (everywhere) or the ids of categories where that holds.
    """

    author_id: int | None = None
    cookie_id: int | None = None
    hidden: bool | frozenset[int] = False
    queued: bool | frozenset[int] = False

    def placed(self) -> "tuple[Sight, dict[str, int]]":
        """The same with room for the viewer's own numbers, and these: for prepared statements."""
        if self.author_id is not None:
            return self._replace(author_id=VIEWER), {"viewer_id": self.author_id}
        if self.cookie_id is not None:
            return self._replace(cookie_id=COOKIE), {"viewer_cookie_id": self.cookie_id}
        return self, {}


# They stand for numbers that are known when a statement is run.
VIEWER: Any = bindparam("viewer_id", type_=Post.id.type)
COOKIE: Any = bindparam("viewer_cookie_id", type_=Post.cookie_id.type)
NOBODY = Sight()


def seen(sight: Sight, kind: PostKind, *, of: Any = Post) -> ColumnElement[bool]:
    """The condition that a post of this kind is one that the viewer sees (FACTS 10).

    :param of: `Post`, or an alias of it
    """
    conditions = [of.type == post_type(kind)]
    unseen = [post_type(kind, PostState.HIDDEN), post_type(kind, PostState.QUEUED)]
    if (own := _own(sight, of)) is not None:
        conditions.append(and_(of.type.in_(unseen), own))
    for where, type_ in zip((sight.hidden, sight.queued), unseen, strict=True):
        if where is True:
            conditions.append(of.type == type_)
        elif where:
            conditions.append(and_(of.type == type_, within(where, of=of)))
    return or_(*conditions)


def seen_of_any_kind(sight: Sight) -> ColumnElement[bool]:
    kinds = (PostKind.QUESTION, PostKind.ANSWER, PostKind.COMMENT)
    return or_(*(seen(sight, kind) for kind in kinds))


def sees(sight: Sight, post: PostRow) -> bool:
    """The same rule for a row that has been read; what it stands below is another question."""
    if post.state is PostState.VISIBLE:
        return post.kind is not PostKind.NOTE
    if sight.author_id is not None and post.author_id == sight.author_id:
        return True
    is_guests = post.author_id is None and post.cookie_id is not None
    if is_guests and post.cookie_id == sight.cookie_id:
        return True
    where = sight.hidden if post.state is PostState.HIDDEN else sight.queued
    return where if isinstance(where, bool) else not where.isdisjoint(post.category_path)


def _own(sight: Sight, of: Any) -> ColumnElement[bool] | None:
    if sight.author_id is not None:
        return and_(of.author_id == sight.author_id)
    if sight.cookie_id is not None:
        return and_(of.author_id.is_(None), of.cookie_id == sight.cookie_id)
    return None


def within(category_ids: frozenset[int], *, of: Any = Post) -> ColumnElement[bool]:
    """The condition that a post is in one of the categories, or below it."""
    paths = (of.category_id, of.category_1_id, of.category_2_id, of.category_3_id)
    return or_(*(column.in_(sorted(category_ids)) for column in paths))


def rows(condition: ColumnElement[bool]) -> Select[Any]:
    """The columns of a `PostRow` where the condition holds."""
    return select(*COLUMNS).where(condition)


async def by_ids(
    connection: AsyncConnection, *, sight: Sight, ids: Sequence[int], detail: Detail = WHOLE
) -> dict[int, PostRow]:
    """Those of the posts that the viewer sees. Their ancestors are the caller's to ask for."""
    placed, values = sight.placed()
    found = await rows_of(connection, _by_ids(placed, detail), {"ids": ids, **values})
    make = selection(detail).make
    return {row[0]: make(row) for row in found}


@prepared
def _by_ids(sight: Sight, detail: Detail) -> Select[Any]:
    chosen = selection(detail)
    are_seen = and_(Post.id.in_(many("ids")), seen_of_any_kind(sight))
    return chosen.joined(select(*chosen.columns).select_from(Post)).where(are_seen)


async def contents(connection: AsyncConnection, *, ids: Sequence[int]) -> dict[int, str | None]:
    """The whole contents of posts, whoever sees them."""
    return dict(await rows_of(connection, _contents(), {"ids": ids}))


@prepared
def _contents() -> Any:
    return select(Post.id, Post.content).where(Post.id.in_(many("ids")))


async def whatever_by_ids(connection: AsyncConnection, *, ids: Sequence[int]) -> dict[int, PostRow]:
    """Those of the posts that there are, whoever sees them."""
    found = await rows_of(connection, _all_by_ids(), {"ids": ids})
    return {row[0]: PostRow.of(row) for row in found}


@prepared
def _all_by_ids() -> Select[Any]:
    return rows(Post.id.in_(many("ids")))
