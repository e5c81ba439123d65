"""Writing JSON answers, in the media type that the client prefers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.endpoint.requests import JSON

GRAPHQL_JSON = "application/graphql-response+json"


class Answered(NamedTuple):
    """What a GraphQL request comes to: a status in the newer media type, a body in JSON, headers.

    `is_whole` says that it was executed without an error; `codes` are those of its errors;
    `cookies` are values of `Set-Cookie` headers.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})
    is_whole: bool = False
    codes: tuple[str, ...] = ()
    cookies: Sequence[str] = ()


class JsonResponse(Response):
    """A body made by orjson. Nothing in it is for caches unless the headers say so.

    :param content: what JSON has a form for; bytes: the body, made before
    """

    def __init__(
        self,
        content: Any,
        *,
        status: int = 200,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            content if isinstance(content, bytes) else orjson.dumps(content),
            status_code=status,
            headers={
                "content-type": f"{media_type}; charset=utf-8",
                "cache-control": "no-store",
                **(headers or {}),
            },
        )


def preferred_type(request: Request) -> str:
    """The media type to answer in.

    Plain JSON unless GraphQL's own is asked for by name: old clients send `*/*`, and take a
    status of 400 for a broken connection.
    """
    accepted = _accepted(request.headers.get("accept", ""))
    wanted = accepted.get(GRAPHQL_JSON, 0.0)
    return GRAPHQL_JSON if wanted > 0 and wanted >= accepted.get(JSON, 0.0) else JSON


def prefers_page(request: Request) -> bool:
    """Whether it is a browser that opens an address, rather than a program that asks."""
    if request.method != "GET":
        return False
    accepted = _accepted(request.headers.get("accept", ""))
    programs = max(accepted.get(JSON, 0.0), accepted.get(GRAPHQL_JSON, 0.0))
    return accepted.get("text/html", 0.0) > programs


# Clients have a list each, and keep to it.
@lru_cache(maxsize=64)
def _accepted(header: str) -> Mapping[str, float]:
    """The media types of an Accept header with their weights."""
    accepted: dict[str, float] = {}
    for part in header.lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        accepted[media_type] = _weight(parameters)
    return accepted


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
