"""Where files are kept outside the database: an interface, which `app.aws` fills."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

# No part begins with a dot, so that no key leads out of a folder or to a hidden file.
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LONGEST_KEY = 200
CHUNK_BYTES = 1 << 20

Content: TypeAlias = bytes | AsyncIterable[bytes]


class StorageError(Exception):
    """The storage cannot do it now; the text says what failed. Trying again may help."""


class NotStored(StorageError):
    """There is nothing under the key."""


class Damaged(StorageError):
    """The bytes are not those that were announced; nothing was kept of them."""


class StoredObject(NamedTuple):
    """What is known of an object without reading it. `modified_at` has a zone."""

    key: str
    size: int
    modified_at: datetime


class UploadForm(NamedTuple):
    """A form that a client sends as `multipart/form-data`: the fields, and last of all `file`.

    A `url` without a host is one of this application.
    """

    url: str
    fields: Mapping[str, str]


class Storage(Protocol):
    """A flat space of objects by keys such as `blobs/184/18446743999999999999.jpg`.

    An object appears whole or not at all. Everything raises `ValueError` for a key that is none,
    and `StorageError` where the storage fails.
    """

    async def put(
        self, key: str, content: Content, *, content_type: str, sha256: bytes | None = None
    ) -> StoredObject:
        """Keep `content` under `key`, in place of what is there.

        :param sha256: what the digest of the content has to be
        :raises Damaged: if it is another
        """
        ...

    async def get(self, key: str) -> bytes:
        """:raises NotStored: if there is no such object"""
        ...

    def stream(self, key: str) -> AsyncIterator[bytes]:
        """The object in pieces of `CHUNK_BYTES` at the most.

        :raises NotStored: if there is no such object
        """
        ...

    async def head(self, key: str) -> StoredObject | None:
        """What is known of the object; None if there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object; that there is none is no error."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """The objects whose keys begin with `prefix`, by ascending key."""
        ...

    async def presign_upload(
        self, key: str, *, content_type: str, max_bytes: int, expires_at: datetime
    ) -> UploadForm:
        """The form by which whoever has it may upload one object of 1 to `max_bytes` bytes.

        The storage may not hold clients to the size: look at it again.
        """
        ...

    async def url(
        self, key: str, *, content_type: str, disposition: str, seconds: int
    ) -> str | None:
        """An address that hands out the object for a while; None: only the application can."""
        ...

    def key_of(self, name: str) -> str | None:
        """The key of an object by the name that it has in events; None: it is not of ours."""
        ...

    def location(self, key: str) -> str:
        """Where the object is, for people who look for it: `s3://...` or `file:///...`."""
        ...


def checked(key: str) -> str:
    """The key itself.

    :raises ValueError: if it is none
    """
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of an object.")
    return key


def blob_key(blob_id: int, format: str) -> str:
    """The key of a file of q2a's: in folders as in q2a's directory (FACTS 13).

    :raises ValueError: if the format is none
    """
    if not (format.isascii() and format.isalnum()):
        raise ValueError(f"{format!r} is no format of a file.")
    return f"{blob_folder(blob_id)}/{blob_id}.{format}"


def blob_folder(blob_id: int, *, below: str = "blobs") -> str:
    """What the keys of a blob's files begin with: the first three of twenty digits."""
    digits = f"{blob_id:020d}"[:3]
    return f"{below}/{digits}"


async def chunks_of(content: Content) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    async for chunk in content:
        yield chunk
