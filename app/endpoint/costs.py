"""What a document may cost: its fields, times the rows that its lists may hold.

The cost is compiled once per document and evaluated with each request's variables. A fragment
is one part of the sum however often it is spread, so both take linear time.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from app.endpoint.fragments import in_order

# The rows counted for a list that cannot be asked for in pages, such as a question's tags.
UNPAGED_ROWS = 5
# The rows counted for a page whose size neither the document nor the schema says.
PAGE_ROWS = 20
# More than this no field gives: it refuses the argument, and says so better than a cost can.
MOST_ROWS = 100
# What looks through the index of words takes as long on a large site as so many plain fields.
LOOKUP_FIELDS = 2000
LOOKUPS = {("Question", "related"), ("Query", "search"), ("Query", "similarQuestions")}

Variables = Mapping[str, Any]


class Rows(NamedTuple):
    """How many rows a field's arguments ask for: a number, or the largest of some variables.

    Where all of these are null, it is `default`.
    """

    number: int | None = None
    variables: tuple[str, ...] = ()
    default: int = 0

    def given(self, variables: Variables) -> int:
        counts = [_count(variables.get(name)) for name in self.variables] + [self.number]
        return max((count for count in counts if count is not None), default=self.default)


class Cost:
    """A sum: a number, and other sums, each times a number of rows."""

    __slots__ = ("number", "terms")

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.terms: list[tuple[Rows, Cost]] = []

    def add(self, cost: "Cost", times: Rows) -> None:
        if not times.variables and not cost.terms:
            self.number += times.given({}) * cost.number
        else:
            self.terms.append((times, cost))

    def value(self, variables: Variables) -> int:
        """The cost with these variables, each part of it counted out once."""
        return self._value(variables, {}) if self.terms else self.number

    def _value(self, variables: Variables, known: dict[int, int]) -> int:
        if id(self) not in known:
            known[id(self)] = self.number + sum(
                times.given(variables)
                * (cost._value(variables, known) if cost.terms else cost.number)
                for times, cost in self.terms
            )
        return known[id(self)]


class Selected(NamedTuple):
    """What a selection set costs: once, and again for each row of the page it is part of.

    The second belongs to lists such as `edges`, whose length the field above them says.
    """

    once: Cost
    per_row: Cost


ONE = Rows(1)
UNPAGED = Rows(UNPAGED_ROWS)


def costs_of(schema: GraphQLSchema, document: DocumentNode) -> dict[str, Cost]:
    """The cost of each operation of a valid document, by name; an unnamed one's is ''."""
    compiler = _Compiler(schema)
    for fragment in in_order(document):
        on = schema.type_map[fragment.type_condition.name.value]
        compiler.fragments[fragment.name.value] = compiler.selected(fragment.selection_set, on)
    return {
        node.name.value if node.name else "": compiler.operation(node)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }


class _Compiler:
    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.fragments: dict[str, Selected] = {}

    def operation(self, node: OperationDefinitionNode) -> Cost:
        root = self.schema.get_root_type(node.operation)
        assert root is not None
        selected = self.selected(node.selection_set, root)
        selected.once.add(selected.per_row, UNPAGED)
        return selected.once

    def selected(self, selection_set: SelectionSetNode, on: GraphQLNamedType) -> Selected:
        """What a selection set on the type `on` costs."""
        total = Selected(Cost(), Cost())
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                self._add_field(total, node, on)
            else:
                inner = self._spread(node, on)
                total.once.add(inner.once, ONE)
                total.per_row.add(inner.per_row, ONE)
        return total

    def _spread(self, node: SelectionNode, on: GraphQLNamedType) -> Selected:
        if isinstance(node, FragmentSpreadNode):
            return self.fragments[node.name.value]
        assert isinstance(node, InlineFragmentNode)
        condition = node.type_condition
        inner_on = self.schema.type_map[condition.name.value] if condition else on
        return self.selected(node.selection_set, inner_on)

    def _add_field(self, total: Selected, node: FieldNode, on: GraphQLNamedType) -> None:
        total.once.number += LOOKUP_FIELDS if (on.name, node.name.value) in LOOKUPS else 1
        if node.selection_set is None:
            return

        field = self.schema.get_field(on, node.name.value)  # type: ignore[arg-type]
        assert field is not None
        inner = self.selected(node.selection_set, get_named_type(field.type))
        rows = _rows_asked_for(node, field)
        if not is_list_type(get_nullable_type(field.type)):
            total.once.add(inner.once, ONE)
            total.once.add(inner.per_row, rows or UNPAGED)
            return

        row = Cost()
        row.add(inner.once, ONE)
        row.add(inner.per_row, UNPAGED)
        if rows is None:
            total.per_row.add(row, ONE)
        else:
            total.once.add(row, rows)


def _rows_asked_for(node: FieldNode, field: GraphQLField) -> Rows | None:
    """The rows that a field's arguments ask for; None where it has no such argument."""
    accepted = [name for name in ("first", "last", "ids") if name in field.args]
    if not accepted:
        return None

    values = [
        argument.value for argument in node.arguments or () if argument.name.value in accepted
    ]
    variables = tuple(value.name.value for value in values if isinstance(value, VariableNode))
    numbers = [number for value in values if (number := _number(value)) is not None]
    default = max(_default(field.args[name]) for name in accepted) or PAGE_ROWS
    return Rows(max(numbers, default=None), variables, default)


def _number(value: ValueNode) -> int | None:
    """The rows that a literal asks for."""
    if isinstance(value, IntValueNode):
        # No field gives a ten-digit number of rows, and reading a long one takes long.
        return _bounded(int(value.value[:10]))
    return min(len(value.values), MOST_ROWS) if isinstance(value, ListValueNode) else None


def _count(value: object) -> int | None:
    """The rows that the value of a variable asks for."""
    if isinstance(value, int):
        return _bounded(value)
    return min(len(value), MOST_ROWS) if isinstance(value, list) else None


def _default(argument: GraphQLArgument) -> int:
    default = argument.default.value if argument.default else argument.default_value
    return _bounded(default) if isinstance(default, int) else 0


def _bounded(number: int) -> int:
    return max(0, min(number, MOST_ROWS))
