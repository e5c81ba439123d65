"""The schema as the endpoint serves it: documents come to it checked, errors are the endpoint's."""

from collections.abc import Iterator
from typing import Any, ClassVar

import strawberry
from graphql import DocumentNode, GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

# The name under which `execute` is handed a parsed and validated document. What clients send
# as `extensions` never gets there.
CHECKED = "checked_document"


class UseCheckedDocument(SchemaExtension):
    """Spares a document that has been checked its second parsing and validation."""

    def on_parse(self) -> Iterator[None]:
        document = _checked(self.execution_context)
        if document is not None:
            self.execution_context.graphql_document = document
        yield

    def on_validate(self) -> Iterator[None]:
        if _checked(self.execution_context) is not None:
            self.execution_context.pre_execution_errors = []
        yield


class Schema(strawberry.Schema):
    """A Strawberry schema that the endpoint can serve.

    To execute a document checked before, give it as `operation_extensions={CHECKED: document}`.
    """

    always: ClassVar[list[type[SchemaExtension]]] = [UseCheckedDocument]

    def __init__(self, query: type, *, extensions: Any = (), **options: Any) -> None:
        super().__init__(query=query, extensions=[*self.always, *extensions], **options)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave the logging to the endpoint: Strawberry's would print the document."""


def _checked(context: ExecutionContext) -> DocumentNode | None:
    return (context.operation_extensions or {}).get(CHECKED)
