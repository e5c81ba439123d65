"""q2a's addresses for files and scaled pictures, which old contents are full of (FACTS 13)."""

import asyncio
import os
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import TypeAlias
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.db import Database
from app.domain import blobs, images, thumbnails
from app.domain.blobs import BlobRow, StoredFile
from app.domain.errors import Invalid, NotFound
from app.domain.storage import NotStored, Storage

# What a browser may show in place: pixels only. Anything that could carry a script is saved.
PICTURES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
}
DOCUMENTS = {"pdf": "application/pdf", "txt": "text/plain; charset=utf-8", "zip": "application/zip"}
JPEG = b"\xff\xd8"
THIRTY_DAYS = "public, max-age=2592000"
# No page of q2a's asks for larger ones.
MAX_SIZE = 2000
# Which is set where Lambda is; an answer may have 6 MB there, in base64.
LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"
MOST_BYTES_OF_LAMBDA = 4_000_000
SECONDS_SIGNED = 3600
MAX_KEPT_BYTES = 16_000_000
# Each holds a whole file in memory, and two are scaled at a time: the others wait without.
SCALED_AT_ONCE = 4


# A blob, its size in pixels, and the format that was asked for.
Scaled: TypeAlias = tuple[int, int, str]


class Files:
    """Answers `?qa=blob&qa_blobid=ID` and `?qa=image&qa_blobid=ID&qa_size=N` for one site."""

    def __init__(self, db: Database, storage: Storage) -> None:
        self.db = db
        self.storage = storage
        self.scaled = _Kept()
        self._turns = asyncio.Semaphore(SCALED_AT_ONCE)
        self.is_on_lambda = LAMBDA in os.environ

    async def respond(self, request: Request) -> Response:
        """The file or picture that the query string names.

        :raises HTTPException: 400 for what is no id or size, 404 for what is not there
        """
        parameters = request.query_params
        blob_id = _number(parameters.get("qa_blobid", ""), largest=blobs.LARGEST_ID)
        if blob_id is None:
            raise HTTPException(400, "qa_blobid must be the number of a file.")
        try:
            if parameters.get("qa") == "blob":
                return await self._whole(request, blob_id)
            size = _number(parameters.get("qa_size", ""), largest=10**9)
            if not size:
                raise HTTPException(400, "qa_size must be a number of pixels.")
            return await self._picture(request, blob_id, min(size, MAX_SIZE))
        except NotFound as error:
            raise HTTPException(404, str(error)) from None
        except Invalid as error:
            raise HTTPException(400, str(error)) from None

    async def _whole(self, request: Request, blob_id: int) -> Response:
        url = await self._url(blob_id) if self.is_on_lambda else None
        if url is None:
            return _answer(request, await self._file(blob_id))
        # Shorter than the address is good for.
        headers = {"cache-control": f"private, max-age={SECONDS_SIGNED // 2}"}
        return RedirectResponse(url, 302, headers)

    async def _url(self, blob_id: int) -> str | None:
        """Where the storage hands out a file that is too large for an answer of Lambda's."""
        row = await self._row(blob_id)
        if row.key is None or row.size <= MOST_BYTES_OF_LAMBDA:
            return None
        media_type, disposition = _shown(row.id, row.format.lower(), row.filename)
        return await self.storage.url(
            row.key, content_type=media_type, disposition=disposition, seconds=SECONDS_SIGNED
        )

    async def _file(self, blob_id: int) -> StoredFile:
        row = await self._row(blob_id)
        try:
            return await self._with_content(row)
        except NotFound:
            # Its bytes may just have been moved.
            return await self._with_content(await self._row_in(self.db.primary, blob_id))

    async def _row(self, blob_id: int) -> BlobRow:
        primary = self.db.primary
        if primary is not self.db:
            # It may be too new for the replica.
            with suppress(NotFound):
                return await self._row_in(self.db, blob_id)
        return await self._row_in(primary, blob_id)

    async def _row_in(self, db: Database, blob_id: int) -> BlobRow:
        async with db.read() as connection:
            return await blobs.file_row(connection, blob_id=blob_id)

    async def _with_content(self, row: BlobRow) -> StoredFile:
        directory = self.db.settings.blobs_directory
        return await blobs.with_content(row, storage=self.storage, directory=directory)

    async def _picture(self, request: Request, blob_id: int, size: int) -> Response:
        format = "webp" if "image/webp" in request.headers.get("accept", "") else "jpg"
        wanted = (blob_id, size, format)
        content = self.scaled.get(wanted)
        if content is None:
            content = await self._scaled(*wanted)
            self.scaled.keep(wanted, content)
        etag = f'"{blob_id:x}-{size}-{len(content):x}"'
        # Where there is no WebP, a JPEG serves those who would take both.
        media_type = "image/jpeg" if content.startswith(JPEG) else "image/webp"
        response = _cacheable(request, content, etag=etag, media_type=media_type)
        response.headers["vary"] = "Accept"
        return response

    async def _scaled(self, blob_id: int, size: int, format: str) -> bytes:
        async with self.db.read() as connection:
            sizes = await thumbnails.sizes_of(connection, blob_id=blob_id)
        if size in sizes:
            key = thumbnails.thumbnail_key(blob_id, size=size, format=format)
            with suppress(NotStored):
                return await self.storage.get(key)
        async with self.db.read() as connection:
            content = await blobs.cached_image(connection, blob_id=blob_id, size=size)
        if content is not None:
            return content
        async with self._turns:
            # Somebody may have wanted the same meanwhile.
            if content := self.scaled.get((blob_id, size, format)):
                return content
            file = await self._file(blob_id)
            return await images.apart(partial(images.scaled, file.content, size=size))


class _Kept:
    """The pictures scaled last, as far as they fit."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[Scaled, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: Scaled) -> bytes | None:
        if key in self._pictures:
            self._pictures.move_to_end(key)
        return self._pictures.get(key)

    def keep(self, key: Scaled, content: bytes) -> None:
        self._bytes += len(content) - len(self._pictures.pop(key, b""))
        self._pictures[key] = content
        while self._bytes > MAX_KEPT_BYTES:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= len(oldest)


def _answer(request: Request, file: StoredFile) -> Response:
    etag = f'"{file.id:x}-{len(file.content):x}"'
    media_type, disposition = _shown(file.id, file.format, file.filename)
    return _cacheable(
        request, file.content, etag=etag, media_type=media_type, disposition=disposition
    )


def _shown(blob_id: int, format: str, filename: str | None) -> tuple[str, str]:
    """The media type of a file, and its Content-Disposition: only pictures are shown in place."""
    if format in PICTURES:
        return PICTURES[format], "inline"
    name = quote(filename or f"{blob_id}.{format}", safe="")
    media_type = DOCUMENTS.get(format, "application/octet-stream")
    return media_type, f"attachment; filename*=UTF-8''{name}"


def _cacheable(
    request: Request, content: bytes, *, etag: str, media_type: str, disposition: str = "inline"
) -> Response:
    headers = {
        "etag": etag,
        "cache-control": THIRTY_DAYS,
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers |= {"content-type": media_type, "content-disposition": disposition}
    # The server leaves the bytes out of an answer to HEAD, but not their number.
    return Response(content, headers=headers)


def _number(text: str, *, largest: int) -> int | None:
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or int(text) > largest:
        return None
    return int(text)
