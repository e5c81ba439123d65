"""Documents: parsed, measured and validated once per text, however often they are sent."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    specified_rules,
    value_from_ast_untyped,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.schema import validate_document

from app.config import Settings
from app.endpoint.costs import Cost, costs_of
from app.endpoint.errors import (
    BAD_USER_INPUT,
    COST_EXCEEDED,
    PARSE_FAILED,
    VALIDATION_FAILED,
    TooMuch,
)
from app.endpoint.memory import Latest
from app.endpoint.shapes import check_shape

MAX_DOCUMENTS = 1000
# A document's tree takes some hundred times the memory of its text: this is about 100 MB.
MAX_CHARACTERS = 1_000_000
# What comparing fields of the same name may take: some 0.2 s. No honest document comes near it;
# graphql-core's own limit lets one take a second.
MAX_COMPARISONS = 100_000
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = MAX_COMPARISONS
# How graphql-core begins to say that there are more tokens or comments than it was allowed.
TOO_LONG = "Syntax Error: Document contains more than"


class Operation(NamedTuple):
    """One operation of a document; `defaults` are the values of variables that are not sent.

    The name of an anonymous one is empty. `fields` are the names of all that is selected anywhere
    in the document.
    """

    name: str
    type: OperationType
    cost: Cost
    defaults: Mapping[str, Any]
    fields: frozenset[str]

    def cost_with(self, variables: Mapping[str, Any]) -> int:
        """What the operation may cost with these variables, in fields of rows."""
        return self.cost.value({**self.defaults, **variables})


class CheckedDocument(NamedTuple):
    """A document with all that is known of it before a request brings its variables.

    Either `errors` says why it is refused, or it can be executed.
    """

    document: DocumentNode | None
    operations: Mapping[str, Operation]
    errors: list[GraphQLError]

    def operation(self, name: str | None) -> Operation:
        """The operation to execute.

        :raises GraphQLError: if there is none of this name, or several and no name
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            message = "The document has several operations: say operationName."
        elif name and name in self.operations:
            return self.operations[name]
        else:
            message = f"The document has no operation named {name!r}."
        raise GraphQLError(message, extensions={"code": BAD_USER_INPUT})


class Documents:
    """Checks documents, and remembers the latest: a repeated one costs a look into a table."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._settings = settings
        self._known: Latest[str, CheckedDocument] = Latest(
            entries=MAX_DOCUMENTS, weight=MAX_CHARACTERS
        )

    def checked(self, text: str) -> CheckedDocument:
        """The document that `text` is, or why it is refused."""
        found = self._known.get(text)
        if found is None:
            found = self._check(text)
            self._known.put(text, found, weight=len(text))
        return found

    def _check(self, text: str) -> CheckedDocument:
        try:
            document = self._parse(text)
            check_shape(document, max_depth=self._settings.max_depth)
            errors = validate_document(self._schema, document, specified_rules)
        except GraphQLError as error:
            return _refused([error], PARSE_FAILED)
        except RecursionError:
            return _refused([GraphQLError("The document is nested too deeply.")], COST_EXCEEDED)
        if errors and errors[-1].message == "Validation aborted.":
            # The comparisons went over the limit; of errors found before, nothing is known.
            too_much = TooMuch("comparisons", MAX_COMPARISONS + 1, MAX_COMPARISONS)
            return _refused([too_much], COST_EXCEEDED)
        if errors:
            return _refused(errors, VALIDATION_FAILED)
        return CheckedDocument(document, _operations(self._schema, document), [])

    def _parse(self, text: str) -> DocumentNode:
        limit = self._settings.max_tokens
        try:
            return parse(text, max_lexical_tokens=limit, max_comments=limit)
        except GraphQLSyntaxError as error:
            if error.message.startswith(TOO_LONG):
                raise TooMuch("tokens", limit + 1, limit) from None
            raise


def _refused(errors: list[GraphQLError], code: str) -> CheckedDocument:
    for error in errors:
        error.extensions = {"code": code, **(error.extensions or {})}
    return CheckedDocument(None, {}, errors)


def _operations(schema: GraphQLSchema, document: DocumentNode) -> dict[str, Operation]:
    costs, fields = costs_of(schema, document), frozenset(_names(document))
    return {
        name: Operation(name, node.operation, costs[name], _defaults(node), fields)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        for name in [node.name.value if node.name else ""]
    }


def _names(document: DocumentNode) -> Iterator[str]:
    """The names of the fields that a document selects."""
    left: list[Node] = list(document.definitions)
    while left:
        node = left.pop()
        if isinstance(node, FieldNode):
            yield node.name.value
        selection_set: SelectionSetNode | None = getattr(node, "selection_set", None)
        left += selection_set.selections if selection_set else ()


def _defaults(node: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in node.variable_definitions or ()
        if definition.default_value is not None
    }
