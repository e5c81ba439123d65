"""Streams of updates: personal ones, and those that followers share."""

from datetime import datetime

from app.models.base import TABLE, Base, Code, DateTime, UnsignedInteger, key, reference
from app.models.tables import Attribute, column


class SharedEvent(Base):
    """One entry of the stream that all followers of a thing share."""

    __tablename__ = "~sharedevents"
    __table_args__ = (
        key("entitytype", "entitytype", "entityid", "updated"),
        key("questionid", "questionid", "entitytype", "entityid"),
        TABLE,
    )

    entity_type: Attribute[str] = column("entitytype", Code(1))
    entity_id: Attribute[int] = column("entityid", UnsignedInteger)
    question_id: Attribute[int] = column("questionid", UnsignedInteger)
    post_id: Attribute[int] = column("lastpostid", UnsignedInteger)
    change: Attribute[str | None] = column("updatetype", Code(1))
    actor_id: Attribute[int | None] = column("lastuserid", UnsignedInteger)
    happened_at: Attribute[datetime] = column("updated", DateTime)


class UserEvent(Base):
    """One entry of a personal stream of updates."""

    __tablename__ = "~userevents"
    __table_args__ = (
        key("userid", "userid", "updated"),
        key("questionid", "questionid", "userid"),
        reference("~userevents_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column("userid", UnsignedInteger)
    entity_type: Attribute[str] = column("entitytype", Code(1))
    entity_id: Attribute[int] = column("entityid", UnsignedInteger)
    question_id: Attribute[int] = column("questionid", UnsignedInteger)
    post_id: Attribute[int] = column("lastpostid", UnsignedInteger)
    change: Attribute[str | None] = column("updatetype", Code(1))
    actor_id: Attribute[int | None] = column("lastuserid", UnsignedInteger)
    happened_at: Attribute[datetime] = column("updated", DateTime)
