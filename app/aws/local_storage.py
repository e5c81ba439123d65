"""A folder as storage: for laptops, tests, and sites on one server."""

import asyncio
import base64
import hmac
import json
import os
import secrets
import stat
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.domain.storage import (
    CHUNK_BYTES,
    Content,
    Damaged,
    NotStored,
    StorageError,
    StoredObject,
    UploadForm,
    checked,
    chunks_of,
)

# Keys cannot begin with a dot: these two are no objects.
DRAFTS, SECRET = ".drafts", ".secret"
SECRET_BYTES = 32
NO_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
# What is written for longer than that was left by a process that was killed.
SECONDS_OF_DRAFTS = 86_400
UPLOADS_PATH = "/uploads"
USED = "This form was used already: ask for another."


class FormRefused(Exception):
    """A form cannot be used: it was not made here, is over, or was used."""


class Policy(NamedTuple):
    """What a form allows; `expires_at` is in seconds since 1970."""

    key: str
    content_type: str
    max_bytes: int
    expires_at: int


class LocalStorage:
    """Objects as files below `root`, which is made when something is first put there.

    :param api_url: where this API is reached, with a slash at its end; empty: at the root of
        wherever clients find it
    """

    def __init__(self, root: Path, *, api_url: str = "") -> None:
        self.root = root.absolute()
        self.uploads_url = f"{api_url.rstrip('/')}{UPLOADS_PATH}"
        self._is_swept = False

    async def put(
        self, key: str, content: Content, *, content_type: str, sha256: bytes | None = None
    ) -> StoredObject:
        path, digest = self._path(key), new_sha256()
        with _errors(), self._draft() as (draft, file):
            async for chunk in chunks_of(content):
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            if sha256 is not None and digest.digest() != sha256:
                raise Damaged(f"The bytes for {key} are not those that were announced.")
            await asyncio.to_thread(_publish, draft, file, path)
        return _described(key, path)

    async def get(self, key: str) -> bytes:
        path = self._path(key)
        with _errors(key):
            return await asyncio.to_thread(path.read_bytes)

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        path = self._path(key)
        with _errors(key):
            file = await asyncio.to_thread(path.open, "rb")
            with file:
                while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                    yield chunk

    async def head(self, key: str) -> StoredObject | None:
        path = self._path(key)
        with _errors(), suppress(*NO_FILE):
            return await asyncio.to_thread(_described, key, path)
        return None

    async def delete(self, key: str) -> None:
        path = self._path(key)
        with _errors(), suppress(*NO_FILE):
            await asyncio.to_thread(path.unlink)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        found = _files(self.root, "", prefix)
        while True:
            with _errors():
                entry = await asyncio.to_thread(next, found, None)
            if entry is None:
                return
            yield entry

    async def presign_upload(
        self, key: str, *, content_type: str, max_bytes: int, expires_at: datetime
    ) -> UploadForm:
        policy = Policy(checked(key), content_type, max_bytes, int(expires_at.timestamp()))
        text = base64.urlsafe_b64encode(json.dumps(policy).encode()).decode()
        signature = await asyncio.to_thread(self._signature, text)
        fields = {"key": key, "Content-Type": content_type, "policy": text, "signature": signature}
        return UploadForm(self.uploads_url, fields)

    async def policy_of(self, fields: Mapping[str, str], *, now: datetime) -> Policy:
        """What the form with these fields allows.

        :raises FormRefused: if it was not made here, was changed, is over, or was used
        """
        text = fields.get("policy", "")
        signature = await asyncio.to_thread(self._signature, text)
        if not hmac.compare_digest(signature.encode(), fields.get("signature", "").encode()):
            raise FormRefused("The form was not made here, or was changed.")
        policy = Policy(*json.loads(base64.urlsafe_b64decode(text)))
        if (fields.get("key"), fields.get("Content-Type")) != policy[:2]:
            raise FormRefused("The form's key or Content-Type was changed.")
        if now.timestamp() > policy.expires_at:
            raise FormRefused("The time for this upload is over: ask for another.")
        if await self.head(policy.key):
            raise FormRefused(USED)
        return policy

    async def put_first(self, key: str, content: Content) -> StoredObject:
        """Keep `content` under `key` unless something is there.

        :raises FormRefused: if something is
        """
        path = self._path(key)
        with _errors(), self._draft() as (draft, file):
            async for chunk in chunks_of(content):
                await asyncio.to_thread(file.write, chunk)
            try:
                await asyncio.to_thread(_publish, draft, file, path, only_first=True)
            except FileExistsError:
                raise FormRefused(USED) from None
        return _described(key, path)

    async def url(
        self, key: str, *, content_type: str, disposition: str, seconds: int
    ) -> str | None:
        return None

    def key_of(self, name: str) -> str | None:
        return name

    def location(self, key: str) -> str:
        return self._path(key).as_uri()

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    @contextmanager
    def _draft(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file beside the objects, removed unless it has become one of them."""
        folder = self.root / DRAFTS
        folder.mkdir(parents=True, exist_ok=True)
        if not self._is_swept:
            _sweep(folder)
            self._is_swept = True
        draft = folder / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                yield draft, file
        finally:
            draft.unlink(missing_ok=True)

    def _signature(self, text: str) -> str:
        return hmac.new(self._secret(), text.encode(), "sha256").hexdigest()

    def _secret(self) -> bytes:
        """What forms are signed with, the same for all processes that share the folder."""
        path = self.root / SECRET
        with _errors():
            if not path.exists():
                with self._draft() as (draft, file), suppress(FileExistsError):
                    draft.chmod(0o600)
                    file.write(secrets.token_bytes(SECRET_BYTES))
                    file.flush()
                    # It appears whole or not at all, and the first one stays.
                    os.link(draft, path)
            return path.read_bytes()


def _sweep(drafts: Path) -> None:
    """Remove what killed processes have left among the drafts."""
    before = time.time() - SECONDS_OF_DRAFTS
    for draft in drafts.iterdir():
        with suppress(FileNotFoundError):
            if draft.stat().st_mtime < before:
                draft.unlink()


def _publish(draft: Path, file: BinaryIO, path: Path, *, only_first: bool = False) -> None:
    """Give a written draft its name, also in the case that the power fails right afterwards."""
    file.flush()
    os.fsync(file.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    if only_first:
        os.link(draft, path)
    else:
        draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _described(key: str, path: Path) -> StoredObject:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(path)
    return StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _files(folder: Path, name: str, prefix: str) -> Iterator[StoredObject]:
    """The objects of a folder by ascending key; `name` is its own part of the keys."""
    with suppress(*NO_FILE), os.scandir(folder) as entries:
        # A folder's name ends with a slash in the keys of what it holds, and sorts so.
        found = sorted((entry.name + "/" * entry.is_dir(), entry.path) for entry in entries)
        for entry_name, path in found:
            key = name + entry_name
            if entry_name.startswith(".") or not _may_begin(key, prefix):
                continue
            if key.endswith("/"):
                yield from _files(Path(path), key, prefix)
            else:
                with suppress(FileNotFoundError):
                    yield _described(key, Path(path))


def _may_begin(key: str, prefix: str) -> bool:
    return key.startswith(prefix) or (key.endswith("/") and prefix.startswith(key))


@contextmanager
def _errors(key: str = "") -> Iterator[None]:
    """Give the file system's errors the names that callers know."""
    try:
        yield
    except NO_FILE as error:
        if key:
            raise NotStored(f"There is no object {key}.") from error
        raise StorageError(f"The folder of the storage fails: {error}") from error
    except OSError as error:
        raise StorageError(f"The folder of the storage fails: {error}") from error
