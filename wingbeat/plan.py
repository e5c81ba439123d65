"""Plans: what a document asks of a schema, worked out once from the schema's own objects."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.executor import default_field_resolver
from strawberry.types.field import StrawberryField

from wingbeat.columns import Column, LeafColumn, ListColumn
from wingbeat.fields import AttributeField, DirectField, Field, WrappedField
from wingbeat.info import DEFINITION
from wingbeat.leaves import Leaf, finisher, leaf_of
from wingbeat.objects import AbstractColumn, ObjectColumn
from wingbeat.plainness import is_simple_name
from wingbeat.selections import Entry, Inline, Selection
from wingbeat.signatures import Signature
from wingbeat.sources import Budget

if TYPE_CHECKING:
    from wingbeat.executor import CompilingExecutor

# The reference takes deeper documents as far as the interpreter's stack goes.
MOST_LEVELS = 60
# Leaves for which one plan may have source text compiled: what is beyond is read without.
MOST_GENERATED = 200
KNOWN_DIRECTIVES = {"skip", "include"}
OWN_RESOLVERS = "GraphQLCoreConverter.from_resolver.<locals>."


class NotCompiled(Exception):
    """A document, or a use of it, is left to the reference; the text says why."""


class Plan:
    """How to execute one operation with one set of directive values.

    It holds nothing of any request, but what it was made from.
    """

    __slots__ = ("fields", "fragments", "operation", "root", "schema")

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        root: Selection,
        fields: int,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragments = fragments
        self.root = root
        self.fields = fields

    def fits(
        self, operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]
    ) -> bool:
        """Whether this is the document that was compiled, and not one made from its text."""
        # Equal dictionaries of the same nodes are found to be so without looking into them.
        if operation is self.operation and fragments == self.fragments:
            return True
        if operation != self.operation or fragments != self.fragments:
            return False
        # The next comparison shall be quick.
        self.operation, self.fragments = operation, fragments
        return True


def compile_plan(executor: "CompilingExecutor", *, most_fields: int) -> Plan:
    """Compile the operation that an executor is about to execute.

    :raises NotCompiled: if it is better left to the reference
    """
    compiler = _Compiler(executor, most_fields)
    root = compiler.root()
    return Plan(
        executor.schema,
        executor.operation,
        executor.fragment_definitions,
        root,
        compiler.fields,
    )


class _Compiler:
    def __init__(self, executor: "CompilingExecutor", most_fields: int) -> None:
        self.executor = executor
        self.schema = executor.schema
        self.fields = 0
        self._level = 0
        self._most_fields = most_fields
        self._budget = Budget(MOST_GENERATED)
        # The same fields of the same type are compiled once, wherever they are reached.
        self._selections: dict[tuple[str, tuple[int, ...]], Selection] = {}
        self._leaves: dict[str, Leaf] = {}

    def root(self) -> Selection:
        executor = self.executor
        root_type = self.schema.query_type
        if root_type is None:
            raise NotCompiled("no query type")
        collected = collect_fields(
            self.schema,
            executor.fragments,
            executor.variable_values,
            root_type,
            executor.operation,
            executor.hide_suggestions,
        )
        return self._selection(root_type, collected)

    def _below(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> Selection:
        key = (type_.name, tuple(id(detail.node) for detail in details))
        if key not in self._selections:
            executor = self.executor
            collected = collect_subfields(
                self.schema,
                executor.fragments,
                executor.variable_values,
                executor.operation,
                type_,
                details,
                executor.hide_suggestions,
            )
            self._level += 1
            if self._level > MOST_LEVELS:
                raise NotCompiled("too many levels")
            self._selections[key] = self._selection(type_, collected)
            self._level -= 1
        return self._selections[key]

    def _selection(self, type_: GraphQLObjectType, collected: CollectedFields) -> Selection:
        if collected.new_defer_usages:
            raise NotCompiled("deferred")
        entries: list[Entry] = []
        fields: list[Field] = []
        for rank, (key, details) in enumerate(collected.grouped_field_set.items()):
            self._count()
            _check(details)
            if details[0].node.name.value == "__typename":
                entries.append(Entry(key, constant=type_.name))
                continue
            made = self._field(type_, key, rank, details)
            inline = _inline(made)
            entries.append(Entry(key, inline))
            if inline is None:
                fields.append(made)
        return Selection(entries, fields, self._budget)

    def _count(self) -> None:
        self.fields += 1
        if self.fields > self._most_fields:
            raise NotCompiled("too many fields")

    def _field(
        self, type_: GraphQLObjectType, key: str, rank: int, details: list[FieldDetails]
    ) -> Field:
        name = details[0].node.name.value
        definition = self.schema.get_field(type_, name)
        if definition is None:
            raise NotCompiled("unknown field")
        if name.startswith("__"):
            raise NotCompiled("introspection")
        field = self._resolving(definition)(type_, definition, key, rank, details)
        field.column = self._column(field, definition.type)
        if isinstance(field, DirectField):
            field.know_arguments(self.executor)
        return field

    def _resolving(self, definition: GraphQLField) -> Callable[..., Field]:
        """What makes the field: as direct a way to its values as nothing stands in."""
        resolve = definition.resolve or default_field_resolver
        wrapped = lambda *given: WrappedField(resolve, *given)  # noqa: E731
        strawberry_field = definition.extensions.get(DEFINITION)
        if not _is_own(resolve) or type(strawberry_field) is not StrawberryField:
            return wrapped
        if strawberry_field.extensions:
            return wrapped
        name = strawberry_field.python_name
        if strawberry_field.base_resolver is None:
            plain = strawberry_field.default_resolver is getattr and is_simple_name(name)
            return (lambda *given: AttributeField(name, *given)) if plain else wrapped
        return self._direct(strawberry_field, definition) or wrapped

    def _direct(
        self, field: StrawberryField, definition: GraphQLField
    ) -> Callable[..., Field] | None:
        schema = getattr(self.schema, "_strawberry_schema", None)
        if schema is None or field.is_subscription or field.base_resolver is None:
            return None
        if schema.schema_converter._get_field_exception_handlers(field):
            return None
        function = field.base_resolver.wrapped_func
        if not callable(function):
            return None
        signature = Signature(field, definition, schema)
        return lambda *given: DirectField(function, signature, *given)

    def _column(self, field: Field, type_: GraphQLOutputType, *, nullable: bool = True) -> Column:
        if isinstance(type_, GraphQLNonNull):
            return self._column(field, type_.of_type, nullable=False)
        if isinstance(type_, GraphQLList):
            lists = ListColumn(field, nullable=nullable)
            lists.items = self._column(field, type_.of_type)
            return lists
        if isinstance(type_, GraphQLObjectType):
            return self._objects(field, type_, nullable=nullable)
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            return self._abstract(field, type_, nullable=nullable)
        if is_leaf_type(type_):
            return LeafColumn(field, self._leaf(type_), nullable=nullable)
        raise NotCompiled("unknown type")

    def _leaf(self, type_: GraphQLLeafType) -> Leaf:
        if type_.name not in self._leaves:
            self._leaves[type_.name] = leaf_of(type_)
        return self._leaves[type_.name]

    def _objects(self, field: Field, type_: GraphQLObjectType, *, nullable: bool) -> ObjectColumn:
        column = ObjectColumn(field, type_, nullable=nullable)
        column.selection = self._below(type_, field.details)
        return column

    def _abstract(
        self, field: Field, type_: GraphQLAbstractType, *, nullable: bool
    ) -> AbstractColumn:
        column = AbstractColumn(field, type_, nullable=nullable)
        for possible in self.schema.get_possible_types(type_):
            column.objects[possible.name] = self._objects(field, possible, nullable=nullable)
        return column


def _inline(field: Field) -> Inline | None:
    column = field.column
    if not isinstance(column, LeafColumn):
        return None
    finish = finisher(column.leaf, nullable=column.nullable)
    if isinstance(field, AttributeField):
        return Inline(field, field.attribute, column, finish)
    if isinstance(field, DirectField) and field.is_inlined:
        return Inline(field, None, column, finish)
    return None


def _check(details: list[FieldDetails]) -> None:
    for detail in details:
        if detail.defer_usage is not None or detail.fragment_variable_values is not None:
            raise NotCompiled("deferred, or arguments of fragments")
        for directive in detail.node.directives or ():
            if directive.name.value not in KNOWN_DIRECTIVES:
                raise NotCompiled("a directive")


def _is_own(resolve: Any) -> bool:
    """Whether a resolver is what Strawberry makes of a field, and nobody has wrapped it."""
    name = getattr(resolve, "__qualname__", "")
    return resolve.__module__ == "strawberry.schema.schema_converter" and name.startswith(
        OWN_RESOLVERS
    )
