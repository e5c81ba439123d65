"""What Alembic runs: the migrations, on the connection that it is given."""

from alembic import context

from app.models.waggle import WaggleBase

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    target_metadata=WaggleBase.metadata,
)
with context.begin_transaction():
    context.run_migrations()
