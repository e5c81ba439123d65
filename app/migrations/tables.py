"""Making tables in a migration that may be repeated after it was interrupted."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateTable

from app.models.waggle import TABLE


def create(name: str, *columns: sa.Column[Any], index: tuple[str, ...] = ()) -> None:
    """Make a table and its index where an interrupted run has not: MySQL cannot take them back."""
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), *columns, **TABLE)
    real_name = connection.dialect.identifier_preparer.format_table(table).strip('`"')
    if not sa.inspect(connection).has_table(real_name):
        op.execute(CreateTable(table))
    if index and not sa.inspect(connection).get_indexes(real_name):
        op.create_index(index[0], name, list(index[1:]))
