"""Uploaded files and scaled images."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

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


class Blob(Base):
    """An uploaded file or an avatar."""

    __tablename__ = "~~blobs"
    __table_args__ = (TABLE,)

    id: Mapped[int] = mapped_column(
        "blobid", UnsignedBigInteger, primary_key=True, autoincrement=False
    )
    format: Mapped[str] = mapped_column("format", Ascii(20))
    content: Mapped[bytes | None] = mapped_column("content", MediumBlob)
    filename: Mapped[str | None] = mapped_column("filename", String(255))
    user_id: Mapped[int | None] = mapped_column("userid", UnsignedInteger)
    cookie_id: Mapped[int | None] = mapped_column("cookieid", UnsignedBigInteger)
    created_from: Mapped[bytes | None] = mapped_column("createip", Address)
    created_at: Mapped[datetime | None] = mapped_column("created", DateTime)


class CachedImage(Base):
    """A scaled image that q2a keeps."""

    __tablename__ = "~~cache"
    __table_args__ = (
        key("lastread", "lastread"),
        TABLE,
    )

    type: Mapped[str] = mapped_column("type", Code(8), primary_key=True)
    blob_id: Mapped[int] = mapped_column(
        "cacheid", UnsignedBigInteger, primary_key=True, autoincrement=False, server_default="0"
    )
    content: Mapped[bytes] = mapped_column("content", MediumBlob)
    created_at: Mapped[datetime] = mapped_column("created", DateTime)
    read_at: Mapped[datetime] = mapped_column("lastread", DateTime)
