"""Events as S3 sends them to Lambda functions, and the same for a folder that sends none."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from app.domain.storage import Storage


class UnreadableEvent(Exception):
    """An event is not what AWS sends."""


def created_event(name: str) -> dict[str, Any]:
    """What S3 sends when an object was put into a bucket, as far as it is read here."""
    return {
        "Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": quote_plus(name)}}}]
    }


def created_keys(event: Mapping[str, Any], storage: Storage) -> list[str]:
    """The keys of the objects that an event tells of; S3's test event tells of none.

    :raises UnreadableEvent: if it is not one of S3's
    """
    records = event.get("Records", [])
    if not isinstance(records, list):
        raise UnreadableEvent("Its Records are not a list.")
    names = [name for record in records for name in _created_names(record)]
    return [key for key in map(storage.key_of, names) if key is not None]


def _created_names(record: object) -> list[str]:
    match record:
        case {"eventName": str(what)} if not what.startswith("ObjectCreated"):
            return []
        case {"eventName": str(), "s3": {"object": {"key": str(name)}}}:
            return [unquote_plus(name)]
    raise UnreadableEvent("A record does not name an object.")
