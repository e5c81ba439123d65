"""Updates: what has happened to what a person follows, and to their own posts (FACTS 7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of, value_of
from app.domain import pages
from app.domain.orders import Key, Order
from app.domain.pages import Page, Window
from app.models import Favorite, Post, PostKind, PostState, SharedEvent, UserEvent
from app.models.kinds import post_type
from app.models.tables import aliased

# Of what happens to one question so soon one after the other, one thing is told (FACTS 7).
TOGETHER = timedelta(minutes=5)
# The entity of events that reach a person because their own post was touched.
PERSONAL = "-"
VISIBLE = [post_type(kind) for kind in (PostKind.QUESTION, PostKind.ANSWER, PostKind.COMMENT)]
ASKED = [post_type(PostKind.QUESTION), post_type(PostKind.QUESTION, PostState.HIDDEN)]
_QUESTION: Any = aliased(Post, name="question")


class UpdateKind(Enum):
    """What can happen; the values are the codes of FACTS 2, the first for no code at all."""

    WRITTEN = ""
    FOLLOWED_UP = "F"
    COMMENTED_ON_QUESTION = "U"
    COMMENTED_ON_ANSWER = "N"
    ACCEPTED = "S"
    EDITED = "E"
    RETAGGED = "T"
    CATEGORY = "A"
    CLOSED = "C"
    VISIBILITY = "H"
    MOVED = "M"
    CONVERTED = "Y"


KINDS: dict[str, UpdateKind] = {kind.value: kind for kind in UpdateKind}


class UpdateRow(NamedTuple):
    """Something that happened at, or below, a question; `at` is in the tables' zone.

    `change` is a code of FACTS 2, None where the post was written. `is_personal`: it touched the
    person's own post, whether they follow anything or not.
    """

    question_id: int
    post_id: int
    change: str | None
    by_id: int | None
    at: datetime
    is_personal: bool

    @property
    def kind(self) -> UpdateKind:
        return KINDS.get(self.change or "", UpdateKind.EDITED)


def _events() -> Any:
    """The person's own stream, and the shared streams of what has too many followers for that."""
    user_id: Any = bindparam("reader_id")
    own = select(
        *(getattr(UserEvent, name) for name in _EVENT),
        (UserEvent.entity_type == PERSONAL).label("is_personal"),
    ).where(UserEvent.user_id == user_id)
    followed = and_(
        SharedEvent.entity_type == Favorite.entity_type,
        SharedEvent.entity_id == Favorite.entity_id,
    )
    shared = (
        select(*(getattr(SharedEvent, name) for name in _EVENT), literal(0))
        .join_from(Favorite, SharedEvent, followed)
        .where(Favorite.user_id == user_id, Favorite.reads_shared_events == 1)
    )
    return union_all(own, shared).subquery("event")


_EVENT = ("question_id", "post_id", "change", "actor_id", "happened_at")


def _shown(events: Any, *columns: Any) -> Select[Any]:
    """Events of which q2a still tells: the post can be seen, or is the person's own."""
    still_true = or_(
        events.c.change.is_(None),
        events.c.change != UpdateKind.ACCEPTED.value,
        _QUESTION.accepted_answer_id == Post.id,
    )
    return (
        select(*columns)
        .join_from(events, Post, Post.id == events.c.post_id)
        .join(_QUESTION, _QUESTION.id == events.c.question_id)
        .where(
            or_(events.c.is_personal == 1, Post.type.in_(VISIBLE)),
            _QUESTION.type.in_(ASKED),
            still_true,
        )
    )


async def listing(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[UpdateRow]:
    """A page of updates, newest first, one line for each question, in two statements.

    Streams are short: q2a keeps some fifty events of each.

    :raises Invalid: if a cursor is not one of this list
    """
    listed = _listed()
    page = await pages.fetch(
        connection,
        _newest,
        values={"reader_id": user_id},
        order=listed.order,
        window=window,
        make=lambda row: int(row[0]),
    )
    told = await _told(connection, user_id=user_id, question_ids=page.items)
    # Streams are trimmed at any time, between these two statements, too.
    left = [number for number, id in enumerate(page.items) if id in told]
    return page.only(left, [told[page.items[number]] for number in left])


class Listed(NamedTuple):
    """The newest event of each question, and the order of them."""

    newest: Select[Any]
    order: Order


def _newest() -> Select[Any]:
    return _listed().newest


@lru_cache
def _listed() -> Listed:
    events = _events()
    newest = (events.c.happened_at.desc(), events.c.post_id.desc())
    place = func.row_number().over(partition_by=events.c.question_id, order_by=newest)
    columns = (events.c.question_id, events.c.post_id, events.c.happened_at, place.label("place"))
    placed = _shown(events, *columns).subquery("placed")
    keys = (
        Key(placed.c.happened_at, datetime, True),
        Key(placed.c.post_id, int, True),
        # A question that follows on an answer has a line of its own, and is one on the other's.
        Key(placed.c.question_id, int, True),
    )
    statement = select(placed.c.question_id).where(placed.c.place == 1)
    return Listed(statement, Order("updates", keys))


async def _told(
    connection: AsyncConnection, *, user_id: int, question_ids: Sequence[int]
) -> dict[int, UpdateRow]:
    """What is told of each of the questions."""
    if not question_ids:
        return {}
    values = {"reader_id": user_id, "question_ids": question_ids}
    found: dict[int, list[UpdateRow]] = {}
    for row in await rows_of(connection, _at_questions(), values):
        event = UpdateRow._make(row)
        found.setdefault(event.question_id, []).append(
            event._replace(is_personal=bool(event.is_personal))
        )
    return {question_id: told_of(rows) for question_id, rows in found.items()}


@prepared
def _at_questions() -> Select[Any]:
    events = _events()
    return (
        _shown(events, *(events.c[name] for name in _EVENT), events.c.is_personal)
        .where(events.c.question_id.in_(many("question_ids")))
        .order_by(
            events.c.happened_at.desc(),
            events.c.is_personal,
            events.c.post_id.desc(),
            # A new post can come to a person by several ways; what is said of it must not vary.
            events.c.change.desc(),
        )
    )


def told_of(events: Iterable[UpdateRow]) -> UpdateRow:
    """The one event of a question that is told, of all of them, newest first.

    It is the newest; but what came shortly before it goes first if both are edits by the same
    person, or if only the earlier one is personal.
    """
    told: UpdateRow | None = None
    for event in events:
        if told is None or (told.at - event.at <= TOGETHER and _goes_first(event, told)):
            told = event
    if told is None:
        raise ValueError("a question without events has no line")
    return told


def _goes_first(earlier: UpdateRow, later: UpdateRow) -> bool:
    if later.kind is UpdateKind.EDITED and later.by_id == earlier.by_id:
        return True
    return earlier.is_personal and not later.is_personal


async def count(connection: AsyncConnection, *, user_id: int) -> int:
    """How many questions there are updates of."""
    counted: int = await value_of(connection, _counted(), {"reader_id": user_id})
    return counted


@prepared
def _counted() -> Select[Any]:
    events = _events()
    return _shown(events, func.count(events.c.question_id.distinct()))
