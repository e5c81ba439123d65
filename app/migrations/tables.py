"""What the migrations have in common: MySQL commits every change of a table at once, so each of
them has to be fit to be repeated where an interrupted run has made it already."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateTable

from app.models.waggle import TABLE


def create(name: str, *columns: sa.Column[Any], index: tuple[str, ...] = ()) -> None:
    """Make a table and its index, each where it is not there.

    :param index: its name and its columns
    """
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), *columns, **TABLE)
    real_name = _real_name(name)
    if not sa.inspect(connection).has_table(real_name):
        op.execute(CreateTable(table))
    if index and not sa.inspect(connection).get_indexes(real_name):
        op.create_index(index[0], name, list(index[1:]))


def add_columns(name: str, *columns: sa.Column[Any]) -> None:
    """Add columns to a table, each where it is not there."""
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(_real_name(name))}
    for column in columns:
        if column.name not in present:
            op.add_column(name, column)


def add_index(name: str, index: str, *columns: str) -> None:
    """Add an index to a table where it is not there."""
    present = sa.inspect(op.get_bind()).get_indexes(_real_name(name))
    # SQLite names indexes after their tables, too.
    if list(columns) not in [entry["column_names"] for entry in present]:
        op.create_index(index, name, list(columns))


def _real_name(name: str) -> str:
    preparer = op.get_bind().dialect.identifier_preparer
    return preparer.format_table(sa.table(name)).strip('`"')
