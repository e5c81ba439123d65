"""Make the outbox, revisions, sources, done requests and locks."""

import sqlalchemy as sa
from alembic import op

from app.migrations.tables import create
from app.models.base import Ascii, Bytes, DateTime, UnsignedInteger, UnsignedSmallInteger
from app.models.waggle import LongText

revision = "0001"
down_revision = None


def upgrade() -> None:
    create(
        "~waggle_locks",
        sa.Column("name", Ascii(40), primary_key=True),
    )
    create(
        "~waggle_outbox",
        sa.Column("id", UnsignedInteger, primary_key=True),
        sa.Column("kind", Ascii(40), nullable=False),
        sa.Column("user_id", UnsignedInteger),
        sa.Column("recipient", sa.String(200), nullable=False),
        sa.Column("recipient_name", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("body", LongText, nullable=False),
        sa.Column("created_at", DateTime, nullable=False),
        sa.Column("not_before", DateTime, nullable=False),
        sa.Column("attempts", UnsignedSmallInteger, nullable=False, server_default="0"),
        sa.Column("last_error", sa.String(1000)),
        sa.Column("sent_at", DateTime),
        index=("waiting", "sent_at", "not_before", "id"),
    )
    create(
        "~waggle_revisions",
        sa.Column("id", UnsignedInteger, primary_key=True),
        sa.Column("post_id", UnsignedInteger, nullable=False),
        sa.Column("replaced_at", DateTime, nullable=False),
        sa.Column("replaced_by_id", UnsignedInteger),
        sa.Column("title", sa.Text),
        sa.Column("content", LongText, nullable=False),
        sa.Column("format", Ascii(20), nullable=False),
        sa.Column("tags", sa.Text),
        sa.Column("category_id", UnsignedInteger),
        sa.Column("source", LongText),
        index=("by_post", "post_id", "id"),
    )
    create(
        "~waggle_sources",
        sa.Column("post_id", UnsignedInteger, primary_key=True, autoincrement=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("content_hash", Bytes(32), nullable=False),
    )
    create(
        "~waggle_requests",
        sa.Column("sender", Ascii(40), primary_key=True),
        sa.Column("key", Bytes(32), primary_key=True),
        sa.Column("input_hash", Bytes(32), nullable=False),
        sa.Column("result_id", UnsignedInteger),
        sa.Column("created_at", DateTime, nullable=False),
        index=("by_age", "created_at"),
    )
    _add_locks()


def _add_locks() -> None:
    locks = sa.table("~waggle_locks", sa.column("name"))
    op.execute(sa.delete(locks))
    op.bulk_insert(locks, [{"name": "words"}])
