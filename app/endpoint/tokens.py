"""Where tokens come from in development: `POST /auth/token`, and the key that verifies them.

Bodies and errors are those of OAuth (RFC 6749), except that a wrong password is 401.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.auth.claims import Unauthenticated
from app.auth.issuer import TOKEN_SECONDS, Tokens
from app.auth.local import LocalSignIn
from app.auth.passwords import WrongPassword
from app.db.failures import failure_of
from app.domain.errors import RateLimited
from app.endpoint.errors import RETRY_AFTER, explained
from app.endpoint.requests import JSON, RequestRefused, body_of
from app.endpoint.responses import JsonResponse
from app.endpoint.visitors import address_of

FORM = "application/x-www-form-urlencoded"
MAX_BYTES = 20_000

Parameters = Mapping[str, str]


class OAuthError(Exception):
    """The answer is an error; `code` is OAuth's word for it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.headers = headers

    def response(self) -> Response:
        content = {"error": self.code, "error_description": str(self)}
        return JsonResponse(content, status=self.status, headers=self.headers)


class TokenEndpoint:
    """Answers requests for tokens, and for the keys that they are verified with."""

    path = "/auth/token"

    def __init__(self, sign_in: LocalSignIn) -> None:
        self.sign_in = sign_in

    def routes(self) -> list[Route]:
        return [
            Route(self.path, self.token, methods=["GET", "POST"]),
            Route("/.well-known/jwks.json", self.keys, methods=["GET"]),
        ]

    async def keys(self, _request: Request) -> Response:
        """The public keys as a JWKS document."""
        return JsonResponse(await self.sign_in.issuer.jwks())

    async def token(self, request: Request) -> Response:
        """Tokens for a password or a refresh token, or what is wrong."""
        try:
            return JsonResponse(_body_of(await self._tokens(request)))
        except OAuthError as error:
            return error.response()
        except RequestRefused as error:
            return OAuthError("invalid_request", str(error), status=error.status).response()
        except (WrongPassword, Unauthenticated) as error:
            return OAuthError("invalid_grant", str(error), status=401).response()
        except RateLimited as error:
            headers = {"retry-after": str(error.retry_after)}
            return OAuthError(
                "temporarily_unavailable", str(error), status=429, headers=headers
            ).response()
        except Exception as error:
            return _failed(error).response()

    async def _tokens(self, request: Request) -> Tokens:
        if request.method != "POST":
            # A password in an address would stay in logs.
            raise OAuthError(
                "invalid_request", "Ask by POST.", status=405, headers={"allow": "POST"}
            )
        parameters = await _parameters(request)
        match parameters.get("grant_type"):
            case "password":
                trusted = self.sign_in.db.settings.trusted_proxies
                return await self.sign_in.by_password(
                    _required(parameters, "username"),
                    _required(parameters, "password"),
                    address=address_of(request, trusted=trusted),
                )
            case "refresh_token":
                token = _required(parameters, "refresh_token")
                return await self.sign_in.by_refresh_token(token)
            case None:
                raise OAuthError("invalid_request", "The parameter grant_type is missing.")
            case _:
                raise OAuthError(
                    "unsupported_grant_type", "The grant_type is password or refresh_token."
                )


def _body_of(tokens: Tokens) -> dict[str, Any]:
    given = {name: token for name, token in tokens._asdict().items() if token}
    return {**given, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}


def _failed(error: Exception) -> OAuthError:
    message, _ = explained(error)
    if failure_of(error):
        return OAuthError("temporarily_unavailable", message, status=503, headers=RETRY_AFTER)
    return OAuthError("server_error", message, status=500)


def _required(parameters: Parameters, name: str) -> str:
    if not parameters.get(name):
        raise OAuthError("invalid_request", f"The parameter {name} is missing.")
    return parameters[name]


async def _parameters(request: Request) -> Parameters:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (JSON, FORM):
        raise OAuthError("invalid_request", f"The body must be {JSON} or {FORM}.", status=415)
    body = await body_of(request, max_bytes=MAX_BYTES)
    return _from_json(body) if media_type == JSON else _from_form(body)


def _from_json(body: bytes) -> Parameters:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise OAuthError("invalid_request", "The body is not valid JSON.") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise OAuthError("invalid_request", "The body must be a JSON object of texts.")
    return found


def _from_form(body: bytes) -> Parameters:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form in UTF-8.") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise OAuthError("invalid_request", "A parameter is there twice.")
    return dict(pairs)
