"""Events as S3 sends them to Lambda functions, and the same for a folder that sends none."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from app.domain.storage import Storage


def created_event(name: str) -> dict[str, Any]:
    """What S3 sends when an object was put into a bucket, as far as it is read here."""
    return {
        "Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": quote_plus(name)}}}]
    }


def created_keys(event: Mapping[str, Any], storage: Storage) -> list[str]:
    """The keys of the objects that an event tells of; S3's test event tells of none."""
    names = [
        unquote_plus(record["s3"]["object"]["key"])
        for record in event.get("Records", ())
        if str(record.get("eventName", "")).startswith("ObjectCreated")
    ]
    return [key for key in map(storage.key_of, names) if key is not None]
