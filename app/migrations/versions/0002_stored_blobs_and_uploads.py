"""Make the tables of stored blobs, uploads and thumbnails."""

import sqlalchemy as sa

from app.migrations.tables import create
from app.models.base import Address, Ascii, Bytes, DateTime, UnsignedBigInteger, UnsignedInteger

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create(
        "~waggle_stored_blobs",
        sa.Column("blob_id", UnsignedBigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", Ascii(200), nullable=False),
        sa.Column("sha256", Bytes(32), nullable=False),
        sa.Column("size", UnsignedInteger, nullable=False),
        sa.Column("content_type", Ascii(100), nullable=False),
        sa.Column("origin", Ascii(20)),
        sa.Column("stored_at", DateTime, nullable=False),
    )
    create(
        "~waggle_uploads",
        sa.Column("blob_id", UnsignedBigInteger, primary_key=True, autoincrement=False),
        sa.Column("purpose", Ascii(20), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("content_type", Ascii(100), nullable=False),
        sa.Column("size", UnsignedInteger, nullable=False),
        sa.Column("user_id", UnsignedInteger),
        sa.Column("cookie_id", UnsignedBigInteger),
        sa.Column("requested_from", Address, nullable=False),
        sa.Column("requested_at", DateTime, nullable=False),
        sa.Column("confirmed_at", DateTime),
        sa.Column("format", Ascii(20)),
        sa.Column("width", UnsignedInteger),
        sa.Column("height", UnsignedInteger),
        sa.Column("kept_at", DateTime),
        index=("by_age", "kept_at", "requested_at"),
    )
    create(
        "~waggle_thumbnails",
        sa.Column("blob_id", UnsignedBigInteger, primary_key=True, autoincrement=False),
        sa.Column("sizes", Ascii(200), nullable=False),
        sa.Column("made_at", DateTime, nullable=False),
    )
