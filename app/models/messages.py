"""Private messages, wall posts and notices."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

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


class Message(Base):
    """A private message or a wall post."""

    __tablename__ = "~~messages"
    __table_args__ = (
        key("type", "type", "fromuserid", "touserid", "created"),
        key("touserid", "touserid", "type", "created"),
        key("fromhidden", "fromhidden"),
        key("tohidden", "tohidden"),
        key("~messages_ibfk_1", "fromuserid"),
        reference("~~messages_ibfk_1", "fromuserid", "~~users.userid", "SET NULL"),
        reference("~~messages_ibfk_2", "touserid", "~~users.userid", "SET NULL"),
        TABLE,
    )

    id: Mapped[int] = mapped_column("messageid", UnsignedInteger, primary_key=True)
    type: Mapped[str] = mapped_column(
        "type", OneOf(("PUBLIC", "PRIVATE")), server_default="PRIVATE"
    )
    sender_id: Mapped[int | None] = mapped_column("fromuserid", UnsignedInteger)
    recipient_id: Mapped[int | None] = mapped_column("touserid", UnsignedInteger)
    deleted_by_sender: Mapped[int] = mapped_column(
        "fromhidden", UnsignedTinyInteger, server_default="0"
    )
    deleted_by_recipient: Mapped[int] = mapped_column(
        "tohidden", UnsignedTinyInteger, server_default="0"
    )
    content: Mapped[str] = mapped_column("content", String(12000))
    format: Mapped[str] = mapped_column("format", Ascii(20))
    created_at: Mapped[datetime] = mapped_column("created", DateTime)


class Notice(Base):
    """A notice that a user sees until it is dismissed."""

    __tablename__ = "~usernotices"
    __table_args__ = (
        key("userid", "userid", "created"),
        reference("~usernotices_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )

    id: Mapped[int] = mapped_column("noticeid", UnsignedInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    content: Mapped[str] = mapped_column("content", String(12000))
    format: Mapped[str] = mapped_column("format", Ascii(20))
    tags: Mapped[str | None] = mapped_column("tags", String(200))
    created_at: Mapped[datetime] = mapped_column("created", DateTime)
