"""Classes that stand for tables: attributes are columns, and statements take the class itself.

SQLAlchemy's ORM declares tables like this too, but maps rows to objects, which nobody wants here,
and its mappers take every start 40 ms.
"""

from collections.abc import Callable, Iterator, Mapping
from inspect import get_annotations
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, get_args

from sqlalchemy import Column, FromClause, MetaData, Table
from sqlalchemy.schema import SchemaItem

# Makes an index or a constraint, given the attributes by the names of their columns.
Deferred = Callable[[Mapping[str, str]], SchemaItem]


Value = TypeVar("Value")


class Attribute(Generic[Value]):
    """How a column is declared, with the type of its values."""

    if TYPE_CHECKING:

        def __get__(self, instance: None, owner: Any) -> Column[Value]: ...


class Model:
    """A table. Columns are declared as `name: Attribute[type] = column(...)`.

    What sets `metadata` is the root of the tables that belong there; what sets `__tablename__` is
    a table. `__table_args__` are its indexes and constraints, and last the options of its engine.
    """

    metadata: ClassVar[MetaData]
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[Any, ...]]
    __table__: ClassVar[FromClause]

    def __init_subclass__(cls) -> None:
        if "__tablename__" not in cls.__dict__:
            return
        columns = list(_columns(cls))
        attributes = {column.name: column.key for column in columns}
        *given, options = cls.__table_args__
        items = (item if isinstance(item, SchemaItem) else item(attributes) for item in given)
        cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns, *items, **options)

    @classmethod
    def __clause_element__(cls) -> FromClause:
        """What SQLAlchemy takes for the class."""
        return cls.__table__


AnyModel = TypeVar("AnyModel", bound=Model)


def column(*arguments: Any, **options: Any) -> Any:
    """A column of a model: its name, unless that is the attribute's, its type, and its options.

    It can be null if `None` is among the values that the attribute is declared with.
    """
    return Column(*arguments, **options)


def aliased(model: type[AnyModel], name: str | None = None) -> type[AnyModel]:
    """The same table once more, for statements that read it twice."""
    table = model.__table__.alias(name)
    return type(model.__name__, (model,), {"__table__": table, **dict(table.columns.items())})


def _columns(model: type[Model]) -> Iterator[Column[Any]]:
    """The columns of a model; values to write are known by the names of its attributes."""
    for attribute, declared in get_annotations(model).items():
        column = model.__dict__[attribute]
        column.name = column.name or attribute
        column.key = attribute
        column.nullable = not column.primary_key and NoneType in get_args(get_args(declared)[0])
        yield column
