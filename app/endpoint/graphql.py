"""GraphQL over HTTP: a request is read, its document checked, executed, and answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.config import Settings
from app.endpoint.documents import CheckedDocument, Documents, Operation
from app.endpoint.errors import (
    RETRY_AFTER,
    UNAVAILABLE,
    Answer,
    TooMuch,
    described,
    explained,
    failed,
    status_of,
)
from app.endpoint.graphiql import GraphiQLPage
from app.endpoint.requests import WRITES, GraphQLRequest, RequestRefused, read_request
from app.endpoint.responses import GRAPHQL_JSON, JsonResponse, preferred_type, prefers_page
from app.endpoint.schemas import CHECKED, Schema

MakeContext = Callable[[Request], Awaitable[Any]]
# A client that sends this header is told what its operation may cost.
COST_HEADER = "x-waggle-cost"
# The page and the two JSON types share one address.
VARY = {"vary": "Accept"}


class GraphQLEndpoint:
    """An ASGI application that serves `schema`.

    `make_context` is called once for each request whose document is accepted; the resolvers find
    what it returns as `info.context`.
    """

    def __init__(
        self,
        schema: Schema,
        make_context: MakeContext,
        settings: Settings,
        page: GraphiQLPage | None = None,
    ) -> None:
        self.schema = schema
        self.make_context = make_context
        self.settings = settings
        self.page = page
        self.documents = Documents(schema._schema, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if self.page is not None and prefers_page(request):
            return self.page.response()
        media_type = preferred_type(request)
        try:
            asked = await read_request(request, max_bytes=self.settings.max_request_bytes)
            status, answer = await self._answer(request, asked)
        except RequestRefused as refusal:
            answer = failed(str(refusal), refusal.code, **refusal.details)
            headers = {**VARY, **(refusal.headers or {})}
            return JsonResponse(
                answer, status=refusal.status, media_type=media_type, headers=headers
            )
        # Only the newer media type lets the status speak of a document's faults.
        if media_type != GRAPHQL_JSON and status < 500:
            status = 200
        # What the operation wants its answer to carry, such as a new guest's cookie.
        wanted: dict[str, str] = getattr(request.state, "answer_headers", {})
        return _written(answer, status, media_type, wanted)

    async def _answer(self, request: Request, asked: GraphQLRequest) -> tuple[int, Answer]:
        """The status for the newer media type, and the body."""
        checked = self.documents.checked(asked.query)
        if checked.errors:
            return 400, {"errors": [dict(error.formatted) for error in checked.errors]}
        try:
            operation = checked.operation(asked.operation_name)
            _check_method(request, operation)
            cost = self._check_cost(operation, asked)
        except GraphQLError as error:
            return 400, {"errors": [dict(error.formatted)]}
        request.scope[WRITES] = operation.type is not OperationType.QUERY
        try:
            context = await self.make_context(request)
        except RequestRefused:
            raise
        except Exception as error:
            return _refused(error)

        status, answer = await self._execute(checked, asked, context)
        if COST_HEADER in request.headers:
            limit = self.settings.max_cost
            answer["extensions"] = {"cost": {"requested": cost, "limit": limit}}
        return status, answer

    def _check_cost(self, operation: Operation, asked: GraphQLRequest) -> int:
        cost = operation.cost_with(asked.variables)
        if cost > self.settings.max_cost:
            raise TooMuch("cost", cost, self.settings.max_cost)
        return cost

    async def _execute(
        self, checked: CheckedDocument, asked: GraphQLRequest, context: Any
    ) -> tuple[int, Answer]:
        result = await self.schema.execute(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
            operation_extensions={CHECKED: checked.document},
        )
        if not result.errors:
            return 200, {"data": result.data}
        errors = [described(error) for error in result.errors]
        if result.data is None and all(error.path is None for error in result.errors):
            # Nothing was executed: the specification wants no `data` then.
            return status_of(errors[0]["extensions"]), {"errors": errors}
        nothing_came = all(value is None for value in (result.data or {}).values())
        status = 503 if nothing_came and _is_unavailable(errors) else 200
        return status, {"data": result.data, "errors": errors}


def _check_method(request: Request, operation: Operation) -> None:
    if operation.type is OperationType.SUBSCRIPTION:
        raise RequestRefused(400, "A subscription cannot be answered by a single response.")
    if request.method == "GET" and operation.type is not OperationType.QUERY:
        raise RequestRefused(405, "Send mutations by POST.", headers={"Allow": "POST"})


def _refused(error: Exception) -> tuple[int, Answer]:
    message, extensions = explained(error)
    return status_of(extensions), {"errors": [{"message": message, "extensions": extensions}]}


def _is_unavailable(errors: list[Answer]) -> bool:
    return any(UNAVAILABLE in error["extensions"] for error in errors)


def _written(answer: Answer, status: int, media_type: str, headers: Mapping[str, str]) -> Response:
    headers = {**VARY, **headers, **(RETRY_AFTER if status == 503 else {})}
    try:
        return JsonResponse(answer, status=status, media_type=media_type, headers=headers)
    except TypeError as error:
        # A scalar gave something that JSON has no form for.
        status, answer = _refused(error)
        return JsonResponse(answer, status=status, media_type=media_type, headers=headers)
