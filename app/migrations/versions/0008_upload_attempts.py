"""Count how often somebody tried to have an upload confirmed."""

import sqlalchemy as sa

from app.migrations.tables import add_columns
from app.models.base import UnsignedSmallInteger

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    add_columns(
        "~waggle_uploads",
        sa.Column("attempts", UnsignedSmallInteger, nullable=False, server_default="0"),
    )
