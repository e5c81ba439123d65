"""The web application around a schema: addresses, headers, and what happens to errors."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import spare_the_collector
from app.config import Settings
from app.db import Database
from app.domain.storage import Storage
from app.endpoint import health
from app.endpoint.errors import (
    BAD_USER_INPUT,
    INTERNAL,
    NOT_FOUND,
    RETRY_AFTER,
    explained,
    failed,
    status_of,
)
from app.endpoint.files import Files
from app.endpoint.graphiql import GraphiQLPage, ReadyQuery
from app.endpoint.graphql import GraphQLEndpoint, MakeContext
from app.endpoint.guests import GuestAnswers
from app.endpoint.responses import JsonResponse
from app.endpoint.schemas import Schema
from app.endpoint.watching import REQUEST_ID, Watching
from app.monitoring.monitoring import Monitoring

if TYPE_CHECKING:
    from app.endpoint.tokens import TokenEndpoint

# Below this, compressing takes longer than sending the rest.
COMPRESS_FROM_BYTES = 1000
COMPRESSION_LEVEL = 5
A_DAY = 86400


def build(
    schema: Schema,
    *,
    make_context: MakeContext,
    db: Database,
    settings: Settings,
    storage: Storage,
    queries: Sequence[ReadyQuery] = (),
    tokens: "TokenEndpoint | None" = None,
    guests: GuestAnswers | None = None,
    routes_for_people: Sequence[Route] = (),
    at_end: Callable[[], Awaitable[None]] | None = None,
    monitoring: Monitoring | None = None,
) -> Starlette:
    """The application that serves `schema` and the site's files; it closes `db` at its end.

    `db` is its `state.db` as well.

    :param storage: has the files that q2a's table and directory have not
    :param queries: what the explorer offers to begin with
    :param tokens: hands out tokens where people sign in with their password of q2a
    :param guests: tells which answers are the same for every guest; None: none is
    :param routes_for_people: what else a browser may open
    :param monitoring: is told of every request; None: nobody watches
    :param at_end: waits for what runs beside the requests, and needs `db`
    """
    page = None
    if settings.graphiql:
        sign_in = tokens.path if tokens else None
        page = GraphiQLPage(title="Waggle", queries=queries, sign_in=sign_in)
    compressed = [
        Middleware(
            GZipMiddleware,
            minimum_size=COMPRESS_FROM_BYTES,
            compresslevel=COMPRESSION_LEVEL,
            # Neither JSON nor a page is compressed already; each request would go through these.
            exclude_content_types=(),
        )
    ]
    endpoint = GraphQLEndpoint(schema, make_context, settings, page, guests)
    routes = [
        Route("/graphql", endpoint, middleware=compressed),
        # Many servers answer at both, and the next route would only say that POST is not allowed.
        Route("/graphql/", endpoint, middleware=compressed),
        Route("/healthz", health.alive),
        Route("/readyz", health.Readiness(db).respond),
        *routes_for_people,
    ]
    if tokens is not None:
        routes += tokens.routes()
    if page is not None:
        routes.append(Route("/graphql/assets/{name}", page.asset, middleware=compressed))
    routes.append(Route("/{path:path}", _Site(Files(db, storage), page).respond))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        gc.collect()
        spare_the_collector()
        yield
        if at_end is not None:
            await at_end()
        await db.close()
        if monitoring is not None:
            await asyncio.to_thread(monitoring.close)

    app = Starlette(
        routes=routes,
        middleware=_middleware(settings, monitoring),
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan,
    )
    app.state.db = db
    return app


def _middleware(settings: Settings, monitoring: Monitoring | None) -> list[Middleware]:
    by_origin = bool(settings.cors_origins) and "*" not in settings.cors_origins
    middleware = [Middleware(_Headers, by_origin=by_origin)]
    if monitoring is not None:
        middleware.insert(0, Middleware(Watching, monitoring=monitoring))
    if settings.cors_origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            # Clients and tracers have headers of their own; no header does harm from these origins.
            allow_headers=["*"],
            expose_headers=[REQUEST_ID] if monitoring is not None else [],
            # Guests are known by a cookie; origins that nobody named must not send it.
            allow_credentials=by_origin,
            max_age=A_DAY,
        )
        middleware.append(cors)
    return middleware


class _Site:
    """The addresses that the site's old contents and visitors know."""

    def __init__(self, files: Files, page: GraphiQLPage | None) -> None:
        self.files = files
        self.page = page

    async def respond(self, request: Request) -> Response:
        # The site may have been in any folder of its host.
        folder, _, name = request.path_params["path"].rpartition("/")
        asked = request.query_params.get("qa")
        if name in ("", "index.php") and asked in ("blob", "image"):
            return await self._file(request)
        if self.page is not None and not folder and not name and asked is None:
            return RedirectResponse("/graphql")
        raise HTTPException(404, "There is nothing at this address.")

    async def _file(self, request: Request) -> Response:
        try:
            return await self.files.respond(request)
        except HTTPException:
            raise
        except Exception as error:
            message, extensions = explained(error)
            status = status_of(extensions)
            answer = {"errors": [{"message": message, "extensions": extensions}]}
            return JsonResponse(answer, status=status, headers=RETRY_AFTER if status == 503 else {})


class _Headers:
    """Adds what every answer carries."""

    def __init__(self, app: ASGIApp, *, by_origin: bool) -> None:
        self.app = app
        self.by_origin = by_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("x-content-type-options", "nosniff")
                # Also where no origin was sent: a cache may give the answer to one that is.
                if self.by_origin and "origin" not in headers.get("vary", "").lower():
                    headers.add_vary_header("Origin")
            await send(message)

        await self.app(scope, receive, send_with_headers)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = INTERNAL if error.status_code >= 500 else BAD_USER_INPUT
    if error.status_code == 404:
        code = NOT_FOUND
    answer = failed(error.detail, code)
    return JsonResponse(answer, status=error.status_code, headers=error.headers)
