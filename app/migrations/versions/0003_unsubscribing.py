"""Make the secret that links in mails are signed with, and the table of who wants no mails."""

import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateTable

from app.models.base import Ascii, DateTime, UnsignedInteger
from app.models.waggle import TABLE, SecretBytes

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _create(
        "~waggle_unsubscriptions",
        sa.Column("user_id", UnsignedInteger, primary_key=True, autoincrement=False),
        sa.Column("topic", Ascii(20), primary_key=True),
        sa.Column("created_at", DateTime, nullable=False),
    )
    _create(
        "~waggle_secrets",
        sa.Column("name", Ascii(40), primary_key=True),
        sa.Column("value", SecretBytes, nullable=False),
    )
    _add_secret("mails")


def _create(name: str, *columns: sa.Column[object]) -> None:
    """Make a table where an interrupted run has not: MySQL cannot take it back."""
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), *columns, **TABLE)
    real_name = connection.dialect.identifier_preparer.format_table(table).strip('`"')
    if not sa.inspect(connection).has_table(real_name):
        op.execute(CreateTable(table))


def _add_secret(name: str) -> None:
    table = sa.table("~waggle_secrets", sa.column("name"), sa.column("value", SecretBytes))
    if op.get_bind().scalar(sa.select(table.c.name).where(table.c.name == name)) is None:
        op.bulk_insert(table, [{"name": name, "value": secrets.token_bytes(32)}])
