"""Make the outbox, revisions, sources, done requests and locks."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateTable

from app.models.base import Ascii, Bytes, DateTime, UnsignedInteger, UnsignedSmallInteger
from app.models.waggle import TABLE, LongText

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create(
        "~waggle_locks",
        sa.Column("name", Ascii(40), primary_key=True),
    )
    _create(
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
    _create(
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
    _create(
        "~waggle_sources",
        sa.Column("post_id", UnsignedInteger, primary_key=True, autoincrement=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("content_hash", Bytes(32), nullable=False),
    )
    _create(
        "~waggle_requests",
        sa.Column("sender", Ascii(40), primary_key=True),
        sa.Column("key", Bytes(32), primary_key=True),
        sa.Column("input_hash", Bytes(32), nullable=False),
        sa.Column("result_id", UnsignedInteger),
        sa.Column("created_at", DateTime, nullable=False),
        index=("by_age", "created_at"),
    )
    _add_locks()


def _create(name: str, *columns: sa.Column[Any], index: tuple[str, ...] = ()) -> None:
    """Make a table and its index where an interrupted run has not: MySQL cannot take them back."""
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), *columns, **TABLE)
    real_name = connection.dialect.identifier_preparer.format_table(table).strip('`"')
    if not sa.inspect(connection).has_table(real_name):
        op.execute(CreateTable(table))
    if index and not sa.inspect(connection).get_indexes(real_name):
        op.create_index(index[0], name, list(index[1:]))


def _add_locks() -> None:
    locks = sa.table("~waggle_locks", sa.column("name"))
    op.execute(sa.delete(locks))
    op.bulk_insert(locks, [{"name": "words"}])
