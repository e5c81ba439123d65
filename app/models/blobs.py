"""Uploaded files and scaled images."""

from datetime import datetime

from sqlalchemy import String

from app.models.base import (
    TABLE,
    Address,
    Ascii,
    Base,
    Code,
    DateTime,
    MediumBlob,
    UnsignedBigInteger,
    UnsignedInteger,
    key,
)
from app.models.tables import Attribute, column


class Blob(Base):
    """An uploaded file or an avatar."""

    __tablename__ = "~~blobs"
    __table_args__ = (TABLE,)

    id: Attribute[int] = column("blobid", UnsignedBigInteger, primary_key=True, autoincrement=False)
    format: Attribute[str] = column("format", Ascii(20))
    content: Attribute[bytes | None] = column("content", MediumBlob)
    filename: Attribute[str | None] = column("filename", String(255))
    user_id: Attribute[int | None] = column("userid", UnsignedInteger)
    cookie_id: Attribute[int | None] = column("cookieid", UnsignedBigInteger)
    created_from: Attribute[bytes | None] = column("createip", Address)
    created_at: Attribute[datetime | None] = column("created", DateTime)


class CachedImage(Base):
    """A scaled image that q2a keeps."""

    __tablename__ = "~~cache"
    __table_args__ = (
        key("lastread", "lastread"),
        TABLE,
    )

    type: Attribute[str] = column("type", Code(8), primary_key=True)
    blob_id: Attribute[int] = column(
        "cacheid", UnsignedBigInteger, primary_key=True, autoincrement=False, server_default="0"
    )
    content: Attribute[bytes] = column("content", MediumBlob)
    created_at: Attribute[datetime] = column("created", DateTime)
    read_at: Attribute[datetime] = column("lastread", DateTime)
