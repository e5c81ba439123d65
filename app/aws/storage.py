"""The storage that the setting STORAGE_URL names; only that one is loaded."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from app.config import Settings
from app.domain.storage import Storage


def storage_of(settings: Settings) -> Storage:
    """Neither made nor connected to before it is used."""
    parts = urlsplit(settings.storage_url)
    if settings.storage_is_folder:
        from app.aws.local_storage import LocalStorage

        is_url = parts.scheme == "file"
        folder = Path(unquote(parts.path) if is_url else settings.storage_url)
        return LocalStorage(folder, api_url=settings.api_url)

    from app.aws.s3_storage import S3Storage

    parameters = parse_qs(parts.query)
    return S3Storage(
        bucket=parts.netloc,
        prefix=unquote(parts.path).strip("/"),
        region=parameters.get("region", [""])[0],
        endpoint=parameters.get("endpoint", [""])[0],
    )
