"""The storage that the setting STORAGE_URL names."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from app.aws.local_storage import LocalStorage
from app.aws.s3_storage import S3Storage
from app.config import Settings


def storage_of(settings: Settings) -> LocalStorage | S3Storage:
    """Neither made nor connected to before it is used."""
    parts = urlsplit(settings.storage_url)
    if parts.scheme == "file":
        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        parameters = parse_qs(parts.query)
        return S3Storage(
            bucket=parts.netloc,
            prefix=unquote(parts.path).strip("/"),
            region=parameters.get("region", [""])[0],
            endpoint=parameters.get("endpoint", [""])[0],
        )
    return LocalStorage(Path(settings.storage_url))
