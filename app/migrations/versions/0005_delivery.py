"""Let the outbox say what has become of a mail; make the table of addresses that get none."""

import sqlalchemy as sa

from app.migrations.tables import add_columns, add_index, create
from app.models.base import Ascii, DateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    add_columns(
        "~waggle_outbox",
        sa.Column("status", Ascii(10), nullable=False, server_default="waiting"),
        sa.Column("claim", Ascii(16)),
        sa.Column("claimed_at", DateTime),
        sa.Column("message_id", sa.String(200)),
    )
    add_index("~waggle_outbox", "by_status", "status", "not_before", "id")
    create(
        "~waggle_suppressed_addresses",
        sa.Column("address", sa.String(200), primary_key=True),
        sa.Column("reason", Ascii(20), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("created_at", DateTime, nullable=False),
    )
