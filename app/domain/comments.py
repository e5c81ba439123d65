"""Comments and follow-on questions: what stands below a question or an answer, oldest first."""

from datetime import datetime
from typing import Any

from sqlalchemy import orm

from app.domain.pages import Key, Order
from app.models import Post, PostKind
from app.models.kinds import post_type

OLDEST = Order("comments", (Key(Post.created_at, datetime), Key(Post.id, int)))
ORDERS = {"": OLDEST}
FOLLOW_UP_ORDERS = {"": Order("follow-ups", OLDEST.keys)}
DUPLICATE_ORDERS = {"": Order("duplicates", OLDEST.keys)}
# Only visible questions are listed among the comments, whoever reads (golden file).
IS_FOLLOW_UP = Post.type == post_type(PostKind.QUESTION)
# Follow-on questions of a question are those of its answers.
ANSWER: Any = orm.aliased(Post, name="answer")
WITH_ANSWER = orm.join(Post, ANSWER, Post.parent_id == ANSWER.id)
