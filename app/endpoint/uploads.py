"""`POST /uploads`: takes what S3 would take, where the storage is a folder.

The request is that of a form of S3's: its fields, and last of all the file.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.aws.local_storage import UPLOADS_PATH, FormRefused, LocalStorage, Policy
from app.db import Database
from app.domain import uploads
from app.domain.errors import NotFound
from app.domain.storage import StorageError
from app.endpoint.errors import BAD_USER_INPUT, FORBIDDEN, INTERNAL, failed
from app.endpoint.requests import RequestRefused
from app.endpoint.responses import JsonResponse

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartParser

# The fields of a form have some hundreds.
MAX_FIELD_BYTES = 20_000


class UploadEndpoint:
    """Takes one file for each form that `LocalStorage` has made."""

    def __init__(self, db: Database, storage: LocalStorage) -> None:
        self.db = db
        self.storage = storage

    def route(self) -> Route:
        return Route(UPLOADS_PATH, self.respond, methods=["POST"])

    async def respond(self, request: Request) -> Response:
        """204 as from S3, or what is wrong."""
        try:
            await self._take(request)
        except RequestRefused as error:
            return JsonResponse(failed(str(error), error.code), status=error.status)
        except FormRefused as error:
            return JsonResponse(failed(str(error), FORBIDDEN), status=403)
        except ClientDisconnect:
            return JsonResponse(failed("The file ends early.", BAD_USER_INPUT), status=400)
        except StorageError:
            return JsonResponse(failed("The file cannot be stored.", INTERNAL), status=503)
        return Response(status_code=204)

    async def _take(self, request: Request) -> None:
        form = _Form(request)
        await form.read_fields()
        policy = await self.storage.policy_of(form.fields, now=datetime.now(UTC))
        await self._ensure_awaited(policy)
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > policy.max_bytes + MAX_FIELD_BYTES:
            raise _too_large(policy)
        await self.storage.put_first(policy.key, form.file(policy))

    async def _ensure_awaited(self, policy: Policy) -> None:
        """:raises FormRefused: if the upload was confirmed, and its file is no longer there"""
        # It was announced a moment ago.
        async with self.db.primary.read() as connection:
            try:
                await uploads.ensure_awaited(connection, key=policy.key)
            except NotFound as error:
                raise FormRefused(str(error)) from None


class _Form:
    """A form that is read as it comes: `fields` first, then the file in pieces."""

    def __init__(self, request: Request) -> None:
        self.fields: dict[str, str] = {}
        self._body = request.stream()
        self._parser = _parser(request.headers.get("content-type", ""), self)
        self._read = 0
        self._name = ""
        self._value = bytearray()
        self._pieces: list[bytes] = []
        self._is_in_file = False
        self._is_over = False

    async def read_fields(self) -> None:
        """Read as far as the file begins.

        :raises RequestRefused: if it never does
        """
        async for chunk in self._body:
            self._feed(chunk)
            if self._is_in_file:
                return
            self._read += len(chunk)
            if self._read > MAX_FIELD_BYTES:
                break
        raise RequestRefused(400, "The form has no field `file`, or not as its last one.")

    async def file(self, policy: Policy) -> AsyncIterator[bytes]:
        """The file.

        :raises RequestRefused: if it has no bytes, or more than the policy allows
        """
        size = 0
        while True:
            pieces, self._pieces = self._pieces, []
            size += sum(map(len, pieces))
            if size > policy.max_bytes:
                raise _too_large(policy)
            for piece in pieces:
                yield piece
            if self._is_over:
                break
            try:
                self._feed(await anext(self._body))
            except StopAsyncIteration:
                raise RequestRefused(400, "The file ends early.") from None
        if not size:
            raise RequestRefused(400, "The file is empty.")

    def _feed(self, chunk: bytes) -> None:
        from python_multipart.exceptions import FormParserError

        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise RequestRefused(400, f"The body is not a form: {error}.") from None

    def header(self, value: bytes) -> None:
        """The Content-Disposition of a part."""
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(value)
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._value.clear()
        self._is_in_file = self._name == "file"

    def data(self, data: bytes) -> None:
        if self._is_over:
            return
        if self._is_in_file:
            self._pieces.append(data)
        else:
            self._value += data

    def end_of_part(self) -> None:
        if self._is_in_file:
            # What follows the file counts for nothing, as with S3.
            self._is_over = True
        elif not self._is_over:
            self.fields[self._name] = self._value.decode(errors="replace")


def _parser(content_type: str, form: _Form) -> "MultipartParser":
    # Only servers without S3 need it.
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    media_type, options = parse_options_header(content_type)
    if media_type != b"multipart/form-data" or not options.get(b"boundary"):
        raise RequestRefused(415, "The body must be multipart/form-data.")
    header = {"name": bytearray(), "value": bytearray()}

    def end_of_header() -> None:
        if bytes(header["name"]).lower() == b"content-disposition":
            form.header(bytes(header["value"]))
        header["name"].clear()
        header["value"].clear()

    def collect(part: str) -> Any:
        return lambda data, start, end: header[part].extend(data[start:end])

    try:
        return MultipartParser(
            options[b"boundary"],
            {
                "on_header_field": collect("name"),
                "on_header_value": collect("value"),
                "on_header_end": end_of_header,
                "on_part_data": lambda data, start, end: form.data(data[start:end]),
                "on_part_end": form.end_of_part,
            },
        )
    except FormParserError as error:
        raise RequestRefused(400, f"The body is not a form: {error}.") from None


def _too_large(policy: Policy) -> RequestRefused:
    return RequestRefused(413, f"The file may have at most {policy.max_bytes:,} bytes.")
