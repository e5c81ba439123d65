"""GraphQL over HTTP: a request is read, its document checked, executed, and answered."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.config import Settings
from app.endpoint.documents import CheckedDocument, Documents, Operation
from app.endpoint.errors import (
    PERSISTED_QUERY_NOT_FOUND,
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
from app.endpoint.guests import GuestAnswers, is_known
from app.endpoint.persisted import PersistedDocuments
from app.endpoint.requests import FIELDS, WRITES, GraphQLRequest, RequestRefused, read_request
from app.endpoint.responses import (
    GRAPHQL_JSON,
    Answered,
    JsonResponse,
    preferred_type,
    prefers_page,
)
from app.endpoint.schemas import Schema
from app.endpoint.watching import record_of

MakeContext = Callable[[Request], Awaitable[Any]]
# A client that sends this header is told what its operation may cost.
COST_HEADER = "x-waggle-cost"
# The page and the two JSON types share one address; a guest's answer is not a member's.
VARY = {"vary": "Accept, Authorization"}


class GraphQLEndpoint:
    """An ASGI application that serves `schema`.

    `make_context` is called once for each request whose document is accepted; the resolvers find
    what it returns as `info.context`.

    :param guests: tells which answers are the same for every guest; None: none is
    """

    def __init__(
        self,
        schema: Schema,
        make_context: MakeContext,
        settings: Settings,
        page: GraphiQLPage | None = None,
        guests: GuestAnswers | None = None,
    ) -> None:
        self.schema = schema
        self.make_context = make_context
        self.settings = settings
        self.page = page
        self.guests = guests
        self.documents = Documents(schema._schema, settings)
        self.persisted = PersistedDocuments(settings)

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
            answered = await self._answer(request, self.persisted.resolved(asked))
        except RequestRefused as refusal:
            answer = failed(str(refusal), refusal.code, **refusal.details)
            _note_codes(request, (refusal.code,))
            headers = {**VARY, **(refusal.headers or {})}
            status = 200 if refusal.code == PERSISTED_QUERY_NOT_FOUND else refusal.status
            return JsonResponse(answer, status=status, media_type=media_type, headers=headers)
        if answered.codes:
            _note_codes(request, answered.codes)
        # Only the newer media type lets the status speak of a document's faults.
        status = answered.status
        if media_type != GRAPHQL_JSON and status < 500:
            status = 200
        headers = {**VARY, **answered.headers, **(RETRY_AFTER if status == 503 else {})}
        if "etag" in headers and is_known(request, headers["etag"]):
            return Response(status_code=304, headers=headers)
        response = JsonResponse(
            answered.body, status=status, media_type=media_type, headers=headers
        )
        for cookie in answered.cookies:
            response.headers.append("set-cookie", cookie)
        return response

    async def _answer(self, request: Request, asked: GraphQLRequest) -> Answered:
        checked = self.documents.checked(asked.query)
        if checked.errors:
            return _faulty(checked.errors)
        self.persisted.remember(asked)
        try:
            operation = checked.operation(asked.operation_name)
            _check_method(request, operation)
            cost = self._check_cost(operation, asked)
        except GraphQLError as error:
            return _faulty([error])
        record = record_of(request.scope)
        if record is not None:
            record.begin_operation(operation.name, operation.type.value, cost)
        writes = request.scope[WRITES] = operation.type is not OperationType.QUERY
        request.scope[FIELDS] = None if writes else operation.fields

        async def make() -> Answered:
            return await self._execute(request, checked, asked, cost)

        if self.guests is None or writes or COST_HEADER in request.headers:
            return await make()
        answered = await self.guests.answered(request, asked, make)
        if record is not None and answered.is_whole and record.viewer is None:
            # Kept from before: nobody was asked who this one is.
            record.know_viewer(None)
        return answered

    def _check_cost(self, operation: Operation, asked: GraphQLRequest) -> int:
        cost = operation.cost_with(asked.variables)
        if cost > self.settings.max_cost:
            raise TooMuch("cost", cost, self.settings.max_cost)
        return cost

    async def _execute(
        self, request: Request, checked: CheckedDocument, asked: GraphQLRequest, cost: int
    ) -> Answered:
        try:
            context = await self.make_context(request)
        except RequestRefused:
            raise
        except Exception as error:
            return _refused(error)
        assert checked.document is not None
        try:
            result = await self.schema.execute_checked(
                checked.document,
                variables=asked.variables,
                context=context,
                operation_name=asked.operation_name,
            )
        except Exception as error:
            # A bug of the executor: what resolvers raise is in its result.
            return _refused(error)
        status, answer = _told(result)
        if COST_HEADER in request.headers:
            limit = self.settings.max_cost
            answer["extensions"] = {"cost": {"requested": cost, "limit": limit}}
        # What the operation wants its answer to carry, such as a new guest's cookie.
        return _encoded(status, answer, tuple(getattr(request.state, "cookies", {}).values()))


def _told(result: Any) -> tuple[int, Answer]:
    """An execution's result with the status for the newer media type."""
    if not result.errors:
        return 200, {"data": result.data}
    errors = [described(error) for error in result.errors]
    if result.data is None and all(error.path is None for error in result.errors):
        # Nothing was executed: the specification wants no `data` then.
        return status_of(errors[0]["extensions"]), {"errors": errors}
    nothing_came = all(value is None for value in (result.data or {}).values())
    status = 503 if nothing_came and _is_unavailable(errors) else 200
    return status, {"data": result.data, "errors": errors}


def _faulty(errors: Sequence[GraphQLError]) -> Answered:
    """What is wrong with a document, of which nothing was executed."""
    return _with_errors(400, [dict(error.formatted) for error in errors])


def _check_method(request: Request, operation: Operation) -> None:
    if operation.type is OperationType.SUBSCRIPTION:
        raise RequestRefused(400, "A subscription cannot be answered by a single response.")
    if request.method == "GET" and operation.type is not OperationType.QUERY:
        raise RequestRefused(405, "Send mutations by POST.", headers={"Allow": "POST"})


def _refused(error: Exception) -> Answered:
    message, extensions = explained(error)
    return _with_errors(status_of(extensions), [{"message": message, "extensions": extensions}])


def _with_errors(status: int, errors: list[Answer]) -> Answered:
    return Answered(status, orjson.dumps({"errors": errors}), codes=_codes_of(errors))


def _is_unavailable(errors: list[Answer]) -> bool:
    return any(UNAVAILABLE in error["extensions"] for error in errors)


def _encoded(status: int, answer: Answer, cookies: Sequence[str]) -> Answered:
    try:
        body, errors = orjson.dumps(answer), answer.get("errors")
        codes = _codes_of(errors) if errors else ()
        return Answered(status, body, is_whole=not errors, codes=codes, cookies=cookies)
    except TypeError as error:
        # A scalar gave something that JSON has no form for.
        return _refused(error)


def _codes_of(errors: list[Answer]) -> tuple[str, ...]:
    """The codes of an answer's errors, each once."""
    return tuple(dict.fromkeys(error["extensions"]["code"] for error in errors))


def _note_codes(request: Request, codes: tuple[str, ...]) -> None:
    record = record_of(request.scope)
    if record is not None:
        record.codes = codes
