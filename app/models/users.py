"""Accounts, what is known of them, and guests who wrote."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    TABLE,
    Address,
    Ascii,
    Base,
    Bytes,
    Code,
    DateTime,
    Exact,
    Folded,
    MediumInteger,
    UnsignedBigInteger,
    UnsignedInteger,
    UnsignedSmallInteger,
    UnsignedTinyInteger,
    VariableBytes,
    key,
    reference,
)


class GuestCookie(Base):
    """Somebody who wrote without an account, known by a cookie."""

    __tablename__ = "~~cookies"
    __table_args__ = (TABLE,)

    id: Mapped[int] = mapped_column(
        "cookieid", UnsignedBigInteger, primary_key=True, autoincrement=False
    )
    created_at: Mapped[datetime] = mapped_column("created", DateTime)
    created_from: Mapped[bytes] = mapped_column("createip", Address)
    written_at: Mapped[datetime | None] = mapped_column("written", DateTime)
    written_from: Mapped[bytes | None] = mapped_column("writeip", Address)


class ProfileField(Base):
    """The definition of one profile field."""

    __tablename__ = "~~userfields"
    __table_args__ = (TABLE,)

    id: Mapped[int] = mapped_column("fieldid", UnsignedSmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column("title", String(40))
    label: Mapped[str | None] = mapped_column("content", String(40))
    position: Mapped[int] = mapped_column("position", UnsignedSmallInteger)
    flags: Mapped[int] = mapped_column("flags", UnsignedTinyInteger)
    permit: Mapped[int | None] = mapped_column("permit", UnsignedTinyInteger)


class CategoryLevel(Base):
    """An extra level of a person inside one category."""

    __tablename__ = "~userlevels"
    __table_args__ = (
        key("userid", "userid", "entitytype", "entityid", unique=True),
        key("entitytype", "entitytype", "entityid"),
        reference("~userlevels_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["user_id", "entity_type", "entity_id"]}

    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    entity_type: Mapped[str] = mapped_column("entitytype", Code(1))
    entity_id: Mapped[int] = mapped_column("entityid", UnsignedInteger)
    level: Mapped[int | None] = mapped_column("level", UnsignedTinyInteger)


class ExternalLogin(Base):
    """An identity at another service that is tied to an account."""

    __tablename__ = "~~userlogins"
    __table_args__ = (
        key("source", "source", "identifiermd5"),
        key("userid", "userid"),
        reference("~~userlogins_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["source", "identifier_md5"]}

    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    source: Mapped[str] = mapped_column("source", Ascii(16))
    identifier: Mapped[bytes] = mapped_column("identifier", VariableBytes(1024))
    identifier_md5: Mapped[bytes] = mapped_column("identifiermd5", Bytes(16))


class UserMeta(Base):
    """A free key and value of a user."""

    __tablename__ = "~usermetas"
    __table_args__ = (
        reference("~usermetas_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )

    user_id: Mapped[int] = mapped_column(
        "userid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column("title", String(40), primary_key=True)
    content: Mapped[str] = mapped_column("content", String(8000))


class ProfileValue(Base):
    """What a person has filled into a profile field."""

    __tablename__ = "~~userprofile"
    __table_args__ = (
        key("userid", "userid", "title", unique=True),
        reference("~~userprofile_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["user_id", "name"]}

    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    name: Mapped[str] = mapped_column("title", String(40))
    value: Mapped[str] = mapped_column("content", String(8000))


class User(Base):
    """One account."""

    __tablename__ = "~~users"
    __table_args__ = (
        key("email", "email"),
        key("handle", "handle"),
        key("level", "level"),
        key("created", "created", "level", "flags"),
        TABLE,
    )

    id: Mapped[int] = mapped_column("userid", UnsignedInteger, primary_key=True)
    created_at: Mapped[datetime] = mapped_column("created", DateTime)
    created_from: Mapped[bytes] = mapped_column("createip", Address)
    email: Mapped[str] = mapped_column("email", Folded(80))
    handle: Mapped[str] = mapped_column("handle", Folded(20))
    avatar_blob_id: Mapped[int | None] = mapped_column("avatarblobid", UnsignedBigInteger)
    avatar_width: Mapped[int | None] = mapped_column("avatarwidth", UnsignedSmallInteger)
    avatar_height: Mapped[int | None] = mapped_column("avatarheight", UnsignedSmallInteger)
    password_salt: Mapped[bytes | None] = mapped_column("passsalt", Bytes(16))
    password_sha1: Mapped[bytes | None] = mapped_column("passcheck", Bytes(20))
    password_hash: Mapped[str | None] = mapped_column("passhash", Exact(255))
    level: Mapped[int] = mapped_column("level", UnsignedTinyInteger)
    signed_in_at: Mapped[datetime] = mapped_column("loggedin", DateTime)
    signed_in_from: Mapped[bytes] = mapped_column("loginip", Address)
    written_at: Mapped[datetime | None] = mapped_column("written", DateTime)
    written_from: Mapped[bytes | None] = mapped_column("writeip", Address)
    email_code: Mapped[str] = mapped_column("emailcode", Code(8), server_default="")
    session_code: Mapped[str] = mapped_column("sessioncode", Code(8), server_default="")
    session_source: Mapped[str | None] = mapped_column(
        "sessionsource", Ascii(16), server_default=""
    )
    flags: Mapped[int] = mapped_column("flags", UnsignedSmallInteger, server_default="0")
    wall_post_count: Mapped[int] = mapped_column("wallposts", MediumInteger, server_default="0")
