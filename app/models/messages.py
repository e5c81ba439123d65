"""Private messages, wall posts and notices."""

from datetime import datetime

from sqlalchemy import String

from app.models.base import (
    TABLE,
    Ascii,
    Base,
    DateTime,
    OneOf,
    UnsignedInteger,
    UnsignedTinyInteger,
    key,
    reference,
)
from app.models.tables import Attribute, column


class Message(Base):
    """A private message or a wall post."""

    __tablename__ = "~~messages"
    __table_args__ = (
        key("type", "type", "fromuserid", "touserid", "created"),
        key("touserid", "touserid", "type", "created"),
        key("fromhidden", "fromhidden"),
        key("tohidden", "tohidden"),
        key("~messages_ibfk_1", "fromuserid"),
        reference("~~messages_ibfk_1", "fromuserid", "~~users", "SET NULL"),
        reference("~~messages_ibfk_2", "touserid", "~~users", "SET NULL"),
        TABLE,
    )

    id: Attribute[int] = column("messageid", UnsignedInteger, primary_key=True)
    type: Attribute[str] = column("type", OneOf(("PUBLIC", "PRIVATE")), server_default="PRIVATE")
    sender_id: Attribute[int | None] = column("fromuserid", UnsignedInteger)
    recipient_id: Attribute[int | None] = column("touserid", UnsignedInteger)
    deleted_by_sender: Attribute[int] = column(
        "fromhidden", UnsignedTinyInteger, server_default="0"
    )
    deleted_by_recipient: Attribute[int] = column(
        "tohidden", UnsignedTinyInteger, server_default="0"
    )
    content: Attribute[str] = column("content", String(12000))
    format: Attribute[str] = column("format", Ascii(20))
    created_at: Attribute[datetime] = column("created", DateTime)


class Notice(Base):
    """A notice that a user sees until it is dismissed."""

    __tablename__ = "~usernotices"
    __table_args__ = (
        key("userid", "userid", "created"),
        reference("~usernotices_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    id: Attribute[int] = column("noticeid", UnsignedInteger, primary_key=True)
    user_id: Attribute[int] = column("userid", UnsignedInteger)
    content: Attribute[str] = column("content", String(12000))
    format: Attribute[str] = column("format", Ascii(20))
    tags: Attribute[str | None] = column("tags", String(200))
    created_at: Attribute[datetime] = column("created", DateTime)
