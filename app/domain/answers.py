"""Answers: which of a question's are shown, and in what order (FACTS 15)."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import case, orm

from app.domain.options import Options
from app.domain.pages import Key, Order
from app.models import Post, PostKind, PostState
from app.models.kinds import post_type


class AnswerOrder(Enum):
    OLDEST = "oldest"
    VOTES = "votes"


QUESTION: Any = orm.aliased(Post, name="question")
WITH_QUESTION = orm.join(Post, QUESTION, Post.parent_id == QUESTION.id)
QUEUED = post_type(PostKind.ANSWER, PostState.QUEUED)
HIDDEN = post_type(PostKind.ANSWER, PostState.HIDDEN)
_OLDEST = (Key(Post.created_at, datetime), Key(Post.id, int))


def site_order(options: Options) -> AnswerOrder:
    """The order that the owner has chosen."""
    return AnswerOrder.VOTES if options.sort_answers_by == "votes" else AnswerOrder.OLDEST


def orders(options: Options) -> dict[str, Order]:
    """The orders of answers by name; whatever the order, waiting ones come first, the accepted
    one next if the site puts it there, and hidden ones last.
    """
    chosen = [(Post.id == QUESTION.accepted_answer_id, 1)] if options.show_selected_first else []
    group = case((Post.type == QUEUED, 0), *chosen, (Post.type == HIDDEN, 3), else_=2)
    keys = {
        AnswerOrder.OLDEST: (Key(group, int), *_OLDEST),
        AnswerOrder.VOTES: (Key(group, int), Key(Post.score, int, True), *_OLDEST),
    }
    return {order.value: Order(f"answers-{order.value}", keys[order]) for order in AnswerOrder}
