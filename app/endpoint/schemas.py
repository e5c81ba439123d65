"""The schema as the endpoint serves it: documents come to it checked, errors are the endpoint's."""

from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, print_ast
from strawberry.execution import optimized_is_awaitable
from strawberry.types import ExecutionContext


class Schema(strawberry.Schema):
    """A Strawberry schema that the endpoint can serve."""

    async def execute_checked(
        self,
        document: DocumentNode,
        *,
        variables: dict[str, Any],
        context: Any,
        operation_name: str | None,
    ) -> Any:
        """Execute an operation of a document that was parsed and validated before.

        Strawberry's own way through its extensions costs as much as a small operation: it is
        taken only where there are extensions.

        :returns: what `execute` returns: `data` and `errors`
        """
        if self.extensions or self.directives:
            text = print_ast(document)
            return await self.execute(text, variables, context, operation_name=operation_name)
        result = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
            executor_class=self.execution_context_class,
            is_awaitable=cast("Any", optimized_is_awaitable),
            operation_extensions=None,
        )
        return result if isinstance(result, ExecutionResult) else await result

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave the logging to the endpoint: Strawberry's would print the document."""

    def _warn_for_federation_directives(self) -> None:
        # There are none here. To find that out, Strawberry loads them all: 7 ms of every start.
        pass
