"""The executor: decides, before anything is resolved, who executes an operation."""

import asyncio
from typing import Any, ClassVar

from graphql import GraphQLResolveInfoHelpers, OperationType
from graphql.execution.executor import (
    Executor,
    default_field_resolver,
    default_type_resolver,
)
from graphql.pyutils.is_awaitable import is_awaitable as reference_is_awaitable
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from wingbeat.cache import Plans
from wingbeat.plan import NotCompiled, Plan
from wingbeat.waves import Run

KNOWN_AWAITABLE_CHECKS = (optimized_is_awaitable, reference_is_awaitable)


class CompilingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes queries by compiled plans, and leaves whatever else it meets to graphql-core.

    Give it, or a subclass with `plans` of its own, as `execution_context_class` to a schema.
    """

    plans: ClassVar[Plans] = Plans()

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Made when asked for. Kept, these methods would tie the executor to itself, and all that
        a request has loaded would stay until the garbage collector comes.
        """
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, helpers: GraphQLResolveInfoHelpers) -> None:
        pass

    def execute_operation(self, serially: bool | None = None) -> Any:
        try:
            self._check(serially)
            plan = self.plans.find(self)
        except NotCompiled as refusal:
            reason = str(refusal)
        else:
            self.plans.compiled += 1
            return self._execute(plan)
        self.plans.stock[reason] += 1
        return super().execute_operation(serially)

    async def _execute(self, plan: Plan) -> Any:
        # Nothing begins before this is awaited: a request that never is leaves nothing behind.
        data = await Run(self).execute(plan)
        return self.build_response(data)

    def _check(self, serially: bool | None) -> None:
        """:raises NotCompiled: if this request is the reference's, whatever its document"""
        operation = self.operation
        if not self.plans.enabled:
            raise NotCompiled("switched off")
        if operation.operation is not OperationType.QUERY or serially:
            raise NotCompiled("not a query")
        if operation.directives:
            raise NotCompiled("a directive")
        if self.middleware_manager is not None and self.middleware_manager.middlewares:
            raise NotCompiled("middleware")
        if self.abort_signal is not None or self.hooks is not None:
            raise NotCompiled("an abort signal or hooks")
        self._check_functions()

    def _check_functions(self) -> None:
        if self.is_awaitable not in KNOWN_AWAITABLE_CHECKS:
            raise NotCompiled("a check for awaitables")
        if self.is_async_iterable is not Executor.is_async_iterable:
            # That is how Strawberry executes without an event loop.
            raise NotCompiled("synchronous")
        if self.field_resolver is not default_field_resolver:
            raise NotCompiled("a default resolver")
        if self.type_resolver is not default_type_resolver:
            raise NotCompiled("a resolver of types")
        if asyncio._get_running_loop() is None:
            raise NotCompiled("no event loop")
