"""Answers: which of a question's are shown, and in what order (FACTS 15)."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, join, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain import posts
from app.domain.batches import MOST_KINDS, ListKind
from app.domain.options import Options
from app.domain.orders import Key, Order
from app.domain.posts import WHOLE, Detail, PostRow, Sight
from app.domain.viewers import Viewer
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type
from app.models.tables import aliased


class AnswerOrder(Enum):
    OLDEST = "oldest"
    VOTES = "votes"


QUESTION: Any = aliased(Post, name="question")
WITH_QUESTION = join(Post, QUESTION, Post.parent_id == QUESTION.id)
QUEUED = post_type(PostKind.ANSWER, PostState.QUEUED)
HIDDEN = post_type(PostKind.ANSWER, PostState.HIDDEN)
_OLDEST = (Key(Post.created_at, datetime), Key(Post.id, int))
# Written out: what a server keeps must give nothing that is made of parameters (decision 105).
_GROUPS: list[Any] = [literal_column(str(number), Integer()) for number in range(4)]
_IS_QUEUED, _IS_HIDDEN = (Post.type == literal_column(f"'{type_}'") for type_ in (QUEUED, HIDDEN))


def site_order(options: Options) -> AnswerOrder:
    """The order that the owner has chosen."""
    return AnswerOrder.VOTES if options.sort_answers_by == "votes" else AnswerOrder.OLDEST


@lru_cache(maxsize=MOST_KINDS)
def below(
    sight: Sight, order_by: AnswerOrder, *, selected_first: bool, detail: Detail = WHOLE
) -> ListKind[PostRow]:
    """The answers to a question. Whatever the order, waiting ones come first, the accepted one
    next if the site puts it there (`selected_first`), and hidden ones last.

    :param sight: one that has room for the viewer's numbers
    """
    read = posts.selection(detail, PostKind.ANSWER)
    chosen = [(Post.id == QUESTION.accepted_answer_id, _GROUPS[1])] if selected_first else []
    group = case(
        (_IS_QUEUED, _GROUPS[0]),
        *chosen,
        (_IS_HIDDEN, _GROUPS[3]),
        else_=_GROUPS[2],
    )
    score = (Key(Post.score, int, True),) if order_by is AnswerOrder.VOTES else ()
    return ListKind(
        columns=read.columns,
        make=read.make,
        id=Post.id,
        parent=Post.parent_id,
        source=WITH_QUESTION,
        condition=posts.seen(sight, PostKind.ANSWER),
        order=Order(f"answers-{order_by.value}", (Key(group, int), *score, *_OLDEST)),
        joined=read.joined,
        is_short=True,
    )


async def answered_by(
    connection: AsyncConnection, *, viewer: Viewer, question_ids: Sequence[int]
) -> set[int]:
    """Which of the questions have an answer of the viewer's that is not hidden."""
    number = viewer.cookie_id if viewer.id is None else viewer.id
    if number is None:
        return set()
    values = {"question_ids": question_ids, "own": number}
    found = await rows_of(connection, _answered_by(viewer.id is None), values)
    return {id for (id,) in found if id is not None}


@prepared
def _answered_by(is_guest: bool) -> Select[Any]:
    number: Any = bindparam("own")
    own = Post.author_id == number
    if is_guest:
        own = and_(Post.author_id.is_(None), Post.cookie_id == number)
    types = [post_type(PostKind.ANSWER), QUEUED]
    return select(Post.parent_id).where(
        Post.parent_id.in_(many("question_ids")), Post.type.in_(types), own
    )
