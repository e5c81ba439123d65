"""Votes and flags."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import TABLE, Base, DateTime, TinyInteger, UnsignedInteger, key, reference


class Vote(Base):
    """One person's vote and flag on one post; a vote taken back leaves the row with 0."""

    __tablename__ = "~uservotes"
    __table_args__ = (
        key("userid", "userid", "postid", unique=True),
        key("postid", "postid"),
        key("voted", "votecreated", "voteupdated"),
        reference("~uservotes_ibfk_1", "postid", "~posts.postid", "CASCADE"),
        reference("~uservotes_ibfk_2", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["user_id", "post_id"]}

    post_id: Mapped[int] = mapped_column("postid", UnsignedInteger)
    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    direction: Mapped[int] = mapped_column("vote", TinyInteger)
    flagged: Mapped[int] = mapped_column("flag", TinyInteger)
    cast_at: Mapped[datetime | None] = mapped_column("votecreated", DateTime)
    changed_at: Mapped[datetime | None] = mapped_column("voteupdated", DateTime)
