"""Make the tables of rankings."""

import sqlalchemy as sa

from app.migrations.tables import create
from app.models.base import Code, DateTime, UnsignedInteger, UnsignedSmallInteger

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create(
        "~waggle_ranking_generations",
        sa.Column("id", UnsignedInteger, primary_key=True),
        sa.Column("started_at", DateTime, nullable=False),
        sa.Column("finished_at", DateTime),
    )
    create(
        "~waggle_rankings",
        sa.Column("generation_id", UnsignedInteger, primary_key=True, autoincrement=False),
        sa.Column("scope", Code(1), primary_key=True),
        sa.Column("group_id", UnsignedInteger, primary_key=True, autoincrement=False),
        sa.Column("days", UnsignedSmallInteger, primary_key=True, autoincrement=False),
        sa.Column("place", UnsignedSmallInteger, primary_key=True, autoincrement=False),
        sa.Column("standing", UnsignedSmallInteger, nullable=False),
        sa.Column("user_id", UnsignedInteger, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
    )
