"""Votes and flags."""

from datetime import datetime

from app.models.base import TABLE, Base, DateTime, TinyInteger, UnsignedInteger, key, reference
from app.models.tables import Attribute, column


class Vote(Base):
    """One person's vote and flag on one post; a vote taken back leaves the row with 0."""

    __tablename__ = "~uservotes"
    __table_args__ = (
        key("userid", "userid", "postid", unique=True),
        key("postid", "postid"),
        key("voted", "votecreated", "voteupdated"),
        reference("~uservotes_ibfk_1", "postid", "~posts", "CASCADE"),
        reference("~uservotes_ibfk_2", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    post_id: Attribute[int] = column("postid", UnsignedInteger)
    user_id: Attribute[int] = column("userid", UnsignedInteger)
    direction: Attribute[int] = column("vote", TinyInteger)
    flagged: Attribute[int] = column("flag", TinyInteger)
    cast_at: Attribute[datetime | None] = column("votecreated", DateTime)
    changed_at: Attribute[datetime | None] = column("voteupdated", DateTime)
