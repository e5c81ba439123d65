"""Questions, answers, comments and closing notes: one table for all."""

from datetime import datetime

from sqlalchemy import SmallInteger, String

from app.models.base import (
    TABLE,
    Address,
    Ascii,
    Base,
    Code,
    DateTime,
    OneOf,
    SinglePrecision,
    UnsignedBigInteger,
    UnsignedInteger,
    UnsignedSmallInteger,
    UnsignedTinyInteger,
    key,
    reference,
)
from app.models.tables import Attribute, column

POST_TYPES = (
    "Q",
    "A",
    "C",
    "Q_HIDDEN",
    "A_HIDDEN",
    "C_HIDDEN",
    "Q_QUEUED",
    "A_QUEUED",
    "C_QUEUED",
    "NOTE",
)


class PostMeta(Base):
    """A free key and value of a post."""

    __tablename__ = "~postmetas"
    __table_args__ = (
        reference("~postmetas_ibfk_1", "postid", "~posts", "CASCADE"),
        TABLE,
    )

    post_id: Attribute[int] = column(
        "postid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    title: Attribute[str] = column("title", String(40), primary_key=True)
    content: Attribute[str] = column("content", String(8000))


class Post(Base):
    """A question, an answer, a comment or the note that closes a question."""

    __tablename__ = "~posts"
    __table_args__ = (
        key("type", "type", "created"),
        key("type_2", "type", "acount", "created"),
        key("type_4", "type", "netvotes", "created"),
        key("type_5", "type", "views", "created"),
        key("type_6", "type", "hotness"),
        key("type_7", "type", "amaxvote", "created"),
        key("parentid", "parentid", "type"),
        key("userid", "userid", "type", "created"),
        key("selchildid", "selchildid", "type", "created"),
        key("closedbyid", "closedbyid"),
        key("catidpath1", "catidpath1", "type", "created"),
        key("catidpath2", "catidpath2", "type", "created"),
        key("catidpath3", "catidpath3", "type", "created"),
        key("categoryid", "categoryid", "type", "created"),
        key("createip", "createip", "created"),
        key("updated", "updated", "type"),
        key("flagcount", "flagcount", "created", "type"),
        key("catidpath1_2", "catidpath1", "updated", "type"),
        key("catidpath2_2", "catidpath2", "updated", "type"),
        key("catidpath3_2", "catidpath3", "updated", "type"),
        key("categoryid_2", "categoryid", "updated", "type"),
        key("lastuserid", "lastuserid", "updated", "type"),
        key("lastip", "lastip", "updated", "type"),
        reference("~posts_ibfk_1", "userid", "~~users", "SET NULL"),
        reference("~posts_ibfk_2", "parentid", "~posts"),
        reference("~posts_ibfk_3", "categoryid", "~categories", "SET NULL"),
        reference("~posts_ibfk_4", "closedbyid", "~posts"),
        TABLE,
    )

    id: Attribute[int] = column("postid", UnsignedInteger, primary_key=True)
    type: Attribute[str] = column("type", OneOf(POST_TYPES))
    parent_id: Attribute[int | None] = column("parentid", UnsignedInteger)
    category_id: Attribute[int | None] = column("categoryid", UnsignedInteger)
    category_1_id: Attribute[int | None] = column("catidpath1", UnsignedInteger)
    category_2_id: Attribute[int | None] = column("catidpath2", UnsignedInteger)
    category_3_id: Attribute[int | None] = column("catidpath3", UnsignedInteger)
    answer_count: Attribute[int] = column("acount", UnsignedSmallInteger, server_default="0")
    best_answer_score: Attribute[int] = column("amaxvote", UnsignedSmallInteger, server_default="0")
    accepted_answer_id: Attribute[int | None] = column("selchildid", UnsignedInteger)
    closed_by_id: Attribute[int | None] = column("closedbyid", UnsignedInteger)
    author_id: Attribute[int | None] = column("userid", UnsignedInteger)
    cookie_id: Attribute[int | None] = column("cookieid", UnsignedBigInteger)
    created_from: Attribute[bytes | None] = column("createip", Address)
    changed_by_id: Attribute[int | None] = column("lastuserid", UnsignedInteger)
    changed_from: Attribute[bytes | None] = column("lastip", Address)
    upvote_count: Attribute[int] = column("upvotes", UnsignedSmallInteger, server_default="0")
    downvote_count: Attribute[int] = column("downvotes", UnsignedSmallInteger, server_default="0")
    score: Attribute[int] = column("netvotes", SmallInteger, server_default="0")
    viewed_from: Attribute[bytes | None] = column("lastviewip", Address)
    view_count: Attribute[int] = column("views", UnsignedInteger, server_default="0")
    hotness: Attribute[float | None] = column("hotness", SinglePrecision)
    flag_count: Attribute[int] = column("flagcount", UnsignedTinyInteger, server_default="0")
    format: Attribute[str] = column("format", Ascii(20), server_default="")
    created_at: Attribute[datetime] = column("created", DateTime)
    changed_at: Attribute[datetime | None] = column("updated", DateTime)
    change: Attribute[str | None] = column("updatetype", Code(1))
    title: Attribute[str | None] = column("title", String(800))
    content: Attribute[str | None] = column("content", String(12000))
    tags: Attribute[str | None] = column("tags", String(800))
    author_name: Attribute[str | None] = column("name", String(40))
    notify: Attribute[str | None] = column("notify", String(80))
