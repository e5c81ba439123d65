"""Questions, answers, comments and closing notes: one table for all."""

from datetime import datetime

from sqlalchemy import SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

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
        reference("~postmetas_ibfk_1", "postid", "~posts.postid", "CASCADE"),
        TABLE,
    )

    post_id: Mapped[int] = mapped_column(
        "postid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column("title", String(40), primary_key=True)
    content: Mapped[str] = mapped_column("content", String(8000))


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
        reference("~posts_ibfk_1", "userid", "~~users.userid", "SET NULL"),
        reference("~posts_ibfk_2", "parentid", "~posts.postid"),
        reference("~posts_ibfk_3", "categoryid", "~categories.categoryid", "SET NULL"),
        reference("~posts_ibfk_4", "closedbyid", "~posts.postid"),
        TABLE,
    )

    id: Mapped[int] = mapped_column("postid", UnsignedInteger, primary_key=True)
    type: Mapped[str] = mapped_column("type", OneOf(POST_TYPES))
    parent_id: Mapped[int | None] = mapped_column("parentid", UnsignedInteger)
    category_id: Mapped[int | None] = mapped_column("categoryid", UnsignedInteger)
    category_1_id: Mapped[int | None] = mapped_column("catidpath1", UnsignedInteger)
    category_2_id: Mapped[int | None] = mapped_column("catidpath2", UnsignedInteger)
    category_3_id: Mapped[int | None] = mapped_column("catidpath3", UnsignedInteger)
    answer_count: Mapped[int] = mapped_column("acount", UnsignedSmallInteger, server_default="0")
    best_answer_score: Mapped[int] = mapped_column(
        "amaxvote", UnsignedSmallInteger, server_default="0"
    )
    accepted_answer_id: Mapped[int | None] = mapped_column("selchildid", UnsignedInteger)
    closed_by_id: Mapped[int | None] = mapped_column("closedbyid", UnsignedInteger)
    author_id: Mapped[int | None] = mapped_column("userid", UnsignedInteger)
    cookie_id: Mapped[int | None] = mapped_column("cookieid", UnsignedBigInteger)
    created_from: Mapped[bytes | None] = mapped_column("createip", Address)
    changed_by_id: Mapped[int | None] = mapped_column("lastuserid", UnsignedInteger)
    changed_from: Mapped[bytes | None] = mapped_column("lastip", Address)
    upvote_count: Mapped[int] = mapped_column("upvotes", UnsignedSmallInteger, server_default="0")
    downvote_count: Mapped[int] = mapped_column(
        "downvotes", UnsignedSmallInteger, server_default="0"
    )
    score: Mapped[int] = mapped_column("netvotes", SmallInteger, server_default="0")
    viewed_from: Mapped[bytes | None] = mapped_column("lastviewip", Address)
    view_count: Mapped[int] = mapped_column("views", UnsignedInteger, server_default="0")
    hotness: Mapped[float | None] = mapped_column("hotness", SinglePrecision)
    flag_count: Mapped[int] = mapped_column("flagcount", UnsignedTinyInteger, server_default="0")
    format: Mapped[str] = mapped_column("format", Ascii(20), server_default="")
    created_at: Mapped[datetime] = mapped_column("created", DateTime)
    changed_at: Mapped[datetime | None] = mapped_column("updated", DateTime)
    change: Mapped[str | None] = mapped_column("updatetype", Code(1))
    title: Mapped[str | None] = mapped_column("title", String(800))
    content: Mapped[str | None] = mapped_column("content", String(12000))
    tags: Mapped[str | None] = mapped_column("tags", String(800))
    author_name: Mapped[str | None] = mapped_column("name", String(40))
    notify: Mapped[str | None] = mapped_column("notify", String(80))
