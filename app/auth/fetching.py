"""Asking another server, for a bounded time and for a bounded number of bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from functools import cache

SECONDS = 5.0
MAX_BYTES = 100_000


class FetchFailed(Exception):
    """There is no answer, or more of it than is read."""


async def fetch(
    method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """The status and the body of an answer. Redirects are not followed.

    :raises FetchFailed: if there is none in time, or a larger one than `MAX_BYTES`
    """
    # Only a few requests in the life of a process come here.
    import httpx

    # Compressed, a few bytes could be many.
    sent = {"accept-encoding": "identity", **(headers or {})}
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(verify=_trusted(), timeout=SECONDS) as client,
            client.stream(method, url, content=content, headers=sent) as response,
        ):
            return response.status_code, await _body(response.aiter_raw())
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise FetchFailed(str(error) or type(error).__name__) from None


async def _body(parts: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > MAX_BYTES:
            raise FetchFailed(f"there are more than {MAX_BYTES} bytes")
    return bytes(body)


@cache
def _trusted() -> ssl.SSLContext:
    # Reading all certificates takes longer than a request.
    return ssl.create_default_context()
