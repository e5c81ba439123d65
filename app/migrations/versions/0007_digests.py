"""Make the table of those who want digests."""

import sqlalchemy as sa

from app.migrations.tables import create
from app.models.base import UnsignedInteger, UnsignedSmallInteger

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create(
        "~waggle_digests",
        sa.Column("user_id", UnsignedInteger, primary_key=True, autoincrement=False),
        sa.Column("is_wanted", UnsignedSmallInteger, nullable=False),
        sa.Column("last_week", UnsignedInteger, nullable=False, server_default="0"),
    )
