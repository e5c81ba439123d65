"""Make the table of jobs: their leases and their last runs."""

import sqlalchemy as sa

from app.migrations.tables import create
from app.models.base import Ascii, DateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create(
        "~waggle_jobs",
        sa.Column("name", Ascii(40), primary_key=True),
        sa.Column("owner", Ascii(16)),
        sa.Column("lease_until", DateTime),
        sa.Column("started_at", DateTime),
        sa.Column("ended_at", DateTime),
        sa.Column("summary", sa.String(1000)),
        sa.Column("done_slot", DateTime),
    )
