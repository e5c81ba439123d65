"""Streams of updates: personal ones, and those that followers share."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import TABLE, Base, Code, DateTime, UnsignedInteger, key, reference


class SharedEvent(Base):
    """One entry of the stream that all followers of a thing share."""

    __tablename__ = "~sharedevents"
    __table_args__ = (
        key("entitytype", "entitytype", "entityid", "updated"),
        key("questionid", "questionid", "entitytype", "entityid"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {
        "primary_key": ["entity_type", "entity_id", "question_id", "post_id", "happened_at"]
    }

    entity_type: Mapped[str] = mapped_column("entitytype", Code(1))
    entity_id: Mapped[int] = mapped_column("entityid", UnsignedInteger)
    question_id: Mapped[int] = mapped_column("questionid", UnsignedInteger)
    post_id: Mapped[int] = mapped_column("lastpostid", UnsignedInteger)
    change: Mapped[str | None] = mapped_column("updatetype", Code(1))
    actor_id: Mapped[int | None] = mapped_column("lastuserid", UnsignedInteger)
    happened_at: Mapped[datetime] = mapped_column("updated", DateTime)


class UserEvent(Base):
    """One entry of a personal stream of updates."""

    __tablename__ = "~userevents"
    __table_args__ = (
        key("userid", "userid", "updated"),
        key("questionid", "questionid", "userid"),
        reference("~userevents_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {
        "primary_key": [
            "user_id",
            "entity_type",
            "entity_id",
            "question_id",
            "post_id",
            "happened_at",
        ]
    }

    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    entity_type: Mapped[str] = mapped_column("entitytype", Code(1))
    entity_id: Mapped[int] = mapped_column("entityid", UnsignedInteger)
    question_id: Mapped[int] = mapped_column("questionid", UnsignedInteger)
    post_id: Mapped[int] = mapped_column("lastpostid", UnsignedInteger)
    change: Mapped[str | None] = mapped_column("updatetype", Code(1))
    actor_id: Mapped[int | None] = mapped_column("lastuserid", UnsignedInteger)
    happened_at: Mapped[datetime] = mapped_column("updated", DateTime)
