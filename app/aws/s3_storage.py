"""Amazon S3 as storage."""

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256 as new_sha256
from threading import Lock
from typing import Any, TypeVar

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

Result = TypeVar("Result")

# Beyond this, what is to be uploaded waits on disk.
MAX_BYTES_IN_MEMORY = 16 << 20
MISSING = {"NoSuchKey", "404", "NotFound"}
TIMEOUT_SECONDS = 10


class S3Storage:
    """Objects of a bucket whose keys begin with `prefix` and a slash, if there is a prefix.

    Credentials are found as boto3 finds them. `endpoint` is for emulators.
    """

    def __init__(self, *, bucket: str, prefix: str = "", region: str = "", endpoint: str = ""):
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.region = region or None
        self.endpoint = endpoint or None
        self._client: Any = None
        self._making = Lock()

    async def put(
        self, key: str, content: Content, *, content_type: str, sha256: bytes | None = None
    ) -> StoredObject:
        name = self._name(key)
        with tempfile.SpooledTemporaryFile(MAX_BYTES_IN_MEMORY) as file:
            digest = new_sha256()
            async for chunk in chunks_of(content):
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            if sha256 is not None and digest.digest() != sha256:
                raise Damaged(f"The bytes for {key} are not those that were announced.")
            size = file.tell()
            file.seek(0)
            await self._run(
                lambda client: client.put_object(
                    Bucket=self.bucket,
                    Key=name,
                    Body=file,
                    ContentType=content_type,
                    # S3 compares it with what arrives.
                    ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                )
            )
        return StoredObject(key, size, datetime.now(UTC))

    async def get(self, key: str) -> bytes:
        name = self._name(key)

        def read(client: Any) -> bytes:
            content: bytes = client.get_object(Bucket=self.bucket, Key=name)["Body"].read()
            return content

        return await self._run(read, key=key)

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        name = self._name(key)
        answer = await self._run(
            lambda client: client.get_object(Bucket=self.bucket, Key=name), key=key
        )
        body = answer["Body"]
        try:
            while chunk := await self._run(lambda _: body.read(CHUNK_BYTES)):
                yield chunk
        finally:
            body.close()

    async def head(self, key: str) -> StoredObject | None:
        name = self._name(key)
        try:
            answer = await self._run(
                lambda client: client.head_object(Bucket=self.bucket, Key=name), key=key
            )
        except NotStored:
            return None
        return StoredObject(key, answer["ContentLength"], answer["LastModified"])

    async def delete(self, key: str) -> None:
        name = self._name(key)
        await self._run(lambda client: client.delete_object(Bucket=self.bucket, Key=name))

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        after: dict[str, str] = {}
        while True:
            page = await self._run(
                partial(_page, Bucket=self.bucket, Prefix=self.prefix + prefix, **after)
            )
            for entry in page.get("Contents", []):
                key = entry["Key"].removeprefix(self.prefix)
                yield StoredObject(key, entry["Size"], entry["LastModified"])
            if not page.get("IsTruncated"):
                return
            after = {"ContinuationToken": page["NextContinuationToken"]}

    async def presign_upload(
        self, key: str, *, content_type: str, max_bytes: int, expires_at: datetime
    ) -> UploadForm:
        name = self._name(key)
        seconds = int((expires_at - datetime.now(UTC)).total_seconds())
        form = await self._run(
            lambda client: client.generate_presigned_post(
                self.bucket,
                name,
                Fields={"Content-Type": content_type},
                Conditions=[
                    {"Content-Type": content_type},
                    ["content-length-range", 1, max_bytes],
                ],
                ExpiresIn=max(seconds, 1),
            )
        )
        return UploadForm(form["url"], form["fields"])

    async def url(
        self, key: str, *, content_type: str, disposition: str, seconds: int
    ) -> str | None:
        parameters = {
            "Bucket": self.bucket,
            "Key": self._name(key),
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
        }

        def sign(client: Any) -> str:
            signed: str = client.generate_presigned_url(
                "get_object", Params=parameters, ExpiresIn=seconds
            )
            return signed

        return await self._run(sign)

    def key_of(self, name: str) -> str | None:
        return name.removeprefix(self.prefix) if name.startswith(self.prefix) else None

    def location(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._name(key)}"

    def _name(self, key: str) -> str:
        return self.prefix + checked(key)

    async def _run(self, call: Callable[[Any], Result], *, key: str = "") -> Result:
        """Make a call in a thread: boto3 waits."""

        def work() -> Result:
            with _errors(key):
                return call(self._connected())

        return await asyncio.to_thread(work)

    def _connected(self) -> Any:
        # Importing boto3 and making a client take a third of a second, and no query needs them.
        with self._making:
            if self._client is None:
                import boto3
                from botocore.config import Config

                self._client = boto3.client(
                    "s3",
                    region_name=self.region,
                    endpoint_url=self.endpoint,
                    config=Config(
                        connect_timeout=TIMEOUT_SECONDS,
                        read_timeout=TIMEOUT_SECONDS,
                        retries={"mode": "standard", "max_attempts": 3},
                        signature_version="s3v4",
                        # A bucket's own host name would not lead to an emulator.
                        s3={"addressing_style": "path" if self.endpoint else "virtual"},
                    ),
                )
            return self._client


def _page(client: Any, **parameters: Any) -> Any:
    return client.list_objects_v2(**parameters)


@contextmanager
def _errors(key: str) -> Iterator[None]:
    """Give S3's errors the names that callers know."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if key and code in MISSING:
            raise NotStored(f"There is no object {key}.") from None
        raise StorageError(f"S3 refuses: {error}") from error
    except BotoCoreError as error:
        raise StorageError(f"S3 cannot be reached: {error}") from error
