"""Info: what resolvers are told about the field they resolve, worked out when they ask."""

from typing import TYPE_CHECKING, Any

from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import Info

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import (
        FieldNode,
        FragmentDefinitionNode,
        GraphQLObjectType,
        GraphQLOutputType,
        GraphQLSchema,
        OperationDefinitionNode,
    )
    from graphql.pyutils import Path
    from strawberry.types.field import StrawberryField

    from wingbeat.fields import Field
    from wingbeat.places import Batch
    from wingbeat.waves import Run

# Where the field of a GraphQL schema knows Strawberry's.
DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


class ResolveInfo:
    """Answers as graphql-core's GraphQLResolveInfo does, for one object and one field."""

    __slots__ = ("_batch", "_field", "_number", "_run", "context")

    def __init__(self, run: "Run", field: "Field", batch: "Batch", number: int) -> None:
        self._run = run
        self._field = field
        self._batch = batch
        self._number = number
        self.context = run.context

    @property
    def field_name(self) -> str:
        return self._field.name

    @property
    def field_nodes(self) -> "list[FieldNode]":
        return list(self._field.nodes)

    @property
    def return_type(self) -> "GraphQLOutputType":
        return self._field.definition.type

    @property
    def parent_type(self) -> "GraphQLObjectType":
        return self._field.parent_type

    @property
    def path(self) -> "Path":
        return self._field.place(self._batch).path(self._number)

    @property
    def schema(self) -> "GraphQLSchema":
        return self._run.executor.schema

    @property
    def fragments(self) -> "dict[str, FragmentDefinitionNode]":
        return self._run.executor.fragment_definitions

    @property
    def root_value(self) -> Any:
        return self._run.executor.root_value

    @property
    def operation(self) -> "OperationDefinitionNode":
        return self._run.executor.operation

    @property
    def variable_values(self) -> dict[str, Any]:
        return self._run.executor.variable_values.coerced

    @property
    def is_awaitable(self) -> "Callable[[Any], bool]":
        return self._run.executor.is_awaitable

    @property
    def abort_signal(self) -> Any:
        return self._run.executor.abort_signal

    @property
    def async_helpers(self) -> Any:
        return self._run.executor.async_helpers

    @property
    def operation_extensions(self) -> "dict[str, Any] | None":
        extensions: dict[str, Any] | None = self._run.executor.operation_extensions
        return extensions


class LightInfo(Info[Any, Any]):
    """Strawberry's own info, of which there is one for every call: the context is at hand, the
    rest is made when a resolver asks for it.
    """

    __slots__ = ("_call", "context")

    def __init__(self, run: "Run", field: "Field", batch: "Batch", number: int) -> None:
        self._call = run, field, batch, number
        # A slot, which stands before the property of the same name.
        self.context = run.context  # type: ignore[misc]

    @property
    def _raw_info(self) -> Any:  # type: ignore[override]
        return ResolveInfo(*self._call)

    @property
    def _field(self) -> "StrawberryField":  # type: ignore[override]
        field: StrawberryField = self._call[1].definition.extensions[DEFINITION]
        return field
