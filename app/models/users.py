"""Accounts, what is known of them, and guests who wrote."""

from datetime import datetime

from sqlalchemy import String

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
from app.models.tables import Attribute, column


class GuestCookie(Base):
    """Somebody who wrote without an account, known by a cookie."""

    __tablename__ = "~~cookies"
    __table_args__ = (TABLE,)

    id: Attribute[int] = column(
        "cookieid", UnsignedBigInteger, primary_key=True, autoincrement=False
    )
    created_at: Attribute[datetime] = column("created", DateTime)
    created_from: Attribute[bytes] = column("createip", Address)
    written_at: Attribute[datetime | None] = column("written", DateTime)
    written_from: Attribute[bytes | None] = column("writeip", Address)


class ProfileField(Base):
    """The definition of one profile field."""

    __tablename__ = "~~userfields"
    __table_args__ = (TABLE,)

    id: Attribute[int] = column("fieldid", UnsignedSmallInteger, primary_key=True)
    name: Attribute[str] = column("title", String(40))
    label: Attribute[str | None] = column("content", String(40))
    position: Attribute[int] = column("position", UnsignedSmallInteger)
    flags: Attribute[int] = column("flags", UnsignedTinyInteger)
    permit: Attribute[int | None] = column("permit", UnsignedTinyInteger)


class CategoryLevel(Base):
    """An extra level of a person inside one category."""

    __tablename__ = "~userlevels"
    __table_args__ = (
        key("userid", "userid", "entitytype", "entityid", unique=True),
        key("entitytype", "entitytype", "entityid"),
        reference("~userlevels_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column("userid", UnsignedInteger)
    entity_type: Attribute[str] = column("entitytype", Code(1))
    entity_id: Attribute[int] = column("entityid", UnsignedInteger)
    level: Attribute[int | None] = column("level", UnsignedTinyInteger)


class ExternalLogin(Base):
    """An identity at another service that is tied to an account."""

    __tablename__ = "~~userlogins"
    __table_args__ = (
        key("source", "source", "identifiermd5"),
        key("userid", "userid"),
        reference("~~userlogins_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column("userid", UnsignedInteger)
    source: Attribute[str] = column("source", Ascii(16))
    identifier: Attribute[bytes] = column("identifier", VariableBytes(1024))
    identifier_md5: Attribute[bytes] = column("identifiermd5", Bytes(16))


class UserMeta(Base):
    """A free key and value of a user."""

    __tablename__ = "~usermetas"
    __table_args__ = (
        reference("~usermetas_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column(
        "userid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    title: Attribute[str] = column("title", String(40), primary_key=True)
    content: Attribute[str] = column("content", String(8000))


class ProfileValue(Base):
    """What a person has filled into a profile field."""

    __tablename__ = "~~userprofile"
    __table_args__ = (
        key("userid", "userid", "title", unique=True),
        reference("~~userprofile_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column("userid", UnsignedInteger)
    name: Attribute[str] = column("title", String(40))
    value: Attribute[str] = column("content", String(8000))


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

    id: Attribute[int] = column("userid", UnsignedInteger, primary_key=True)
    created_at: Attribute[datetime] = column("created", DateTime)
    created_from: Attribute[bytes] = column("createip", Address)
    email: Attribute[str] = column("email", Folded(80))
    handle: Attribute[str] = column("handle", Folded(20))
    avatar_blob_id: Attribute[int | None] = column("avatarblobid", UnsignedBigInteger)
    avatar_width: Attribute[int | None] = column("avatarwidth", UnsignedSmallInteger)
    avatar_height: Attribute[int | None] = column("avatarheight", UnsignedSmallInteger)
    password_salt: Attribute[bytes | None] = column("passsalt", Bytes(16))
    password_sha1: Attribute[bytes | None] = column("passcheck", Bytes(20))
    password_hash: Attribute[str | None] = column("passhash", Exact(255))
    level: Attribute[int] = column("level", UnsignedTinyInteger)
    signed_in_at: Attribute[datetime] = column("loggedin", DateTime)
    signed_in_from: Attribute[bytes] = column("loginip", Address)
    written_at: Attribute[datetime | None] = column("written", DateTime)
    written_from: Attribute[bytes | None] = column("writeip", Address)
    email_code: Attribute[str] = column("emailcode", Code(8), server_default="")
    session_code: Attribute[str] = column("sessioncode", Code(8), server_default="")
    session_source: Attribute[str | None] = column("sessionsource", Ascii(16), server_default="")
    flags: Attribute[int] = column("flags", UnsignedSmallInteger, server_default="0")
    wall_post_count: Attribute[int] = column("wallposts", MediumInteger, server_default="0")
