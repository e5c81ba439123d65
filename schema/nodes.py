"""Global ids: how any object is named across the whole API (Relay)."""

import base64
import binascii
from functools import lru_cache
from typing import NamedTuple

import strawberry

MOST_ID = 2**32 - 1


class GlobalId(NamedTuple):
    type: str
    key: int


@strawberry.interface(description="Anything that has a global id.")
class Node:
    @strawberry.field(description="The global id; `node(id:)` finds the object by it.")
    def id(self) -> strawberry.ID:
        raise NotImplementedError


# Pages are full of the same ones.
@lru_cache(maxsize=10_000)
def encode(type_name: str, key: int) -> strawberry.ID:
    """The global id of an object: base64 of `Type:number`."""
    encoded = binascii.b2a_base64(f"{type_name}:{key}".encode(), newline=False)
    return strawberry.ID(encoded.decode())


def decode(id: str) -> GlobalId | None:
    """What a global id names, or None if it is not one of ours."""
    try:
        type_name, _, key = base64.b64decode(id, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    if not (key.isascii() and key.isdigit() and len(key) <= 10 and int(key) <= MOST_ID):
        return None
    return GlobalId(type_name, int(key))
