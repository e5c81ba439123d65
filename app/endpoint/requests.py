"""Reading a GraphQL request from HTTP: methods, media types, sizes and parameters."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from email.message import Message
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request

from app.auth.cookies import WROTE
from app.db import Database
from app.endpoint.errors import BAD_USER_INPUT

JSON = "application/json"
# Lists and objects within one another in variables; what goes through them calls itself for each.
MAX_LEVELS = 100
# Longer than slow lines need; whoever sends a byte now and then is not waited for.
SECONDS_OF_BODY = 60.0
SHA256 = re.compile("[0-9a-f]{64}")
# Where the scope of a request says whether its operation may change something.
WRITES = "waggle.writes"
# And where the names of the fields are that a query's document selects anywhere.
FIELDS = "waggle.fields"


def database_of(request: Request, db: Database) -> Database:
    """The database that a request reads: what it writes, or has to believe, no replica may tell."""
    if request.scope.get(WRITES, True) or has_written(request):
        return db.primary
    return db


def has_written(request: Request) -> bool:
    """Whether the client says that it has just changed something. Nothing proves it."""
    return WROTE in request.headers.get("cookie", "")


class RequestRefused(Exception):
    """The request is not one that could be executed; `status` is HTTP's word for it.

    `details` are the error's extensions besides the code.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = BAD_USER_INPUT,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details
        self.headers = headers


class GraphQLRequest(NamedTuple):
    """The parameters of a request, of the right types and otherwise unchecked.

    `query` is empty where there is only a `document_hash`, the SHA-256 of a document in
    hexadecimal digits.
    """

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    document_hash: str | None = None


async def read_request(request: Request, *, max_bytes: int) -> GraphQLRequest:
    """The GraphQL request in an HTTP request.

    :raises RequestRefused: if there is none, with the status that says why
    """
    if request.method == "GET":
        return _from_query_string(request, max_bytes=max_bytes)
    if request.method != "POST":
        raise RequestRefused(
            405, "GraphQL is spoken by GET and POST only.", headers={"Allow": "GET, POST"}
        )

    _check_content_type(request.headers.get("content-type", ""))
    return _request_of(_parsed(await body_of(request, max_bytes=max_bytes), "The request body"))


def _from_query_string(request: Request, *, max_bytes: int) -> GraphQLRequest:
    if len(request.scope["query_string"]) > max_bytes:
        raise RequestRefused(414, f"A query string may have at most {max_bytes} bytes.")
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            parameters[name] = _parsed(text, f"The parameter {name}")
        else:
            parameters.pop(name, None)
    return _request_of(parameters)


def _check_content_type(header: str) -> None:
    if not _is_json(header):
        raise RequestRefused(
            415, f"The body must be {JSON} in UTF-8.", headers={"Accept-Post": JSON}
        )


# Clients have a spelling each, and keep to it.
@lru_cache(maxsize=64)
def _is_json(header: str) -> bool:
    message = Message()
    message["content-type"] = header
    charset = str(message.get_param("charset", "utf-8")).lower()
    # `get_content_type` would call a missing type text/plain, which is refused just the same.
    return message.get_content_type() == JSON and charset in ("utf-8", "utf8")


async def body_of(request: Request, *, max_bytes: int) -> bytes:
    """The whole body of a request.

    :raises RequestRefused: if it is too large, ends early, or takes too long
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise _too_large(max_bytes)
    body, is_all = bytearray(), False
    try:
        async with asyncio.timeout(SECONDS_OF_BODY):
            while not is_all:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise RequestRefused(400, "The request body ends early.")
                body += message.get("body", b"")
                is_all = not message.get("more_body", False)
                # Whatever was announced, and also where nothing was.
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError:
        raise RequestRefused(408, "The request body takes too long.") from None
    return bytes(body)


def _too_large(max_bytes: int) -> RequestRefused:
    return RequestRefused(413, f"A request body may have at most {max_bytes} bytes.")


def _parsed(text: str | bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestRefused(400, f"{what} is not valid JSON: {error}.") from None


def _request_of(parameters: object) -> GraphQLRequest:
    if isinstance(parameters, list):
        raise RequestRefused(400, "Send one operation at a time: batches are not accepted.")
    if not isinstance(parameters, dict):
        raise RequestRefused(400, "The request body must be a JSON object.")

    _check_type(parameters, "variables", dict, "an object")
    _check_levels(parameters.get("variables"))
    _check_type(parameters, "extensions", dict, "an object")
    _check_type(parameters, "operationName", str, "text")
    document_hash = _hash_of(parameters)
    query = parameters.get("query") or ("" if document_hash else None)
    if not isinstance(query, str) or not (query.strip() or document_hash):
        raise RequestRefused(400, "The parameter query must be a GraphQL document.")
    return GraphQLRequest(
        query,
        parameters.get("variables") or {},
        parameters.get("operationName") or None,
        document_hash,
    )


def _hash_of(parameters: Mapping[str, Any]) -> str | None:
    """The hash that names the document: Apollo's extension, or the parameter of the draft."""
    _check_type(parameters, "documentId", str, "text")
    extension = (parameters.get("extensions") or {}).get("persistedQuery")
    if extension is None:
        named = parameters.get("documentId")
    elif isinstance(extension, dict) and extension.get("version") == 1:
        named = extension.get("sha256Hash")
    else:
        raise RequestRefused(400, "The extension persistedQuery must be of version 1.")
    if named is None and extension is None:
        return None
    digits = named.removeprefix("sha256:").lower() if isinstance(named, str) else ""
    if not SHA256.fullmatch(digits):
        raise RequestRefused(400, "A document is named by its SHA-256 in 64 hexadecimal digits.")
    return digits


def _check_type(parameters: Mapping[str, Any], name: str, type_: type, called: str) -> None:
    if not isinstance(parameters.get(name), type_ | None):
        raise RequestRefused(400, f"The parameter {name} must be {called} or null.")


def _check_levels(variables: object) -> None:
    level = [variables]
    for _ in range(MAX_LEVELS):
        level = [inner for value in level for inner in _within(value)]
        if not level:
            return
    raise RequestRefused(400, "The parameter variables is nested too deeply.")


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
