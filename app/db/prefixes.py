"""Table prefixes: `~` at the head of a table's name becomes the site's prefix when SQL is made."""

from sqlalchemy import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import DDLCompiler, IdentifierPreparer


def use_prefixes(engine: Engine, *, site: str, users: str) -> None:
    """Let `engine` write `site` for a leading `~` of any name, and `users` for a leading `~~`.

    Done per engine and when a statement is compiled, so that it costs nothing afterwards and
    several sites can be served, or tested, by one process.
    """
    preparer = engine.dialect.preparer

    class Prefixing(preparer):  # type: ignore[misc, valid-type]
        def quote(self, ident: str, force: object = None) -> str:
            if ident.startswith("~~"):
                return self._prefixed(users, ident[2:])
            if ident.startswith("~"):
                return self._prefixed(site, ident[1:])
            return super().quote(ident)  # type: ignore[no-any-return]

        def _prefixed(self, prefix: str, name: str) -> str:
            return str(self.quote_identifier(prefix + name))

    # The MySQL dialect makes a new preparer when it first connects: it must be ours, too.
    engine.dialect.preparer = Prefixing
    engine.dialect.identifier_preparer = Prefixing(engine.dialect)


@compiles(CreateIndex, "sqlite")
def _index_named_after_its_table(element: CreateIndex, compiler: DDLCompiler, **_: object) -> str:
    """q2a's index names repeat from table to table, which SQLite does not allow."""
    index = element.element
    preparer: IdentifierPreparer = compiler.preparer
    assert index.table is not None
    unique = "UNIQUE " if index.unique else ""
    name = preparer.quote(f"{index.table.name}_{(index.name or '').removeprefix('~')}")
    columns = ", ".join(preparer.quote(column.name) for column in index.columns)
    return f"CREATE {unique}INDEX {name} ON {preparer.quote(index.table.name)} ({columns})"
