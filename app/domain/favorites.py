"""Favourites: what people follow, each named by the letter of its kind and its number (FACTS 7)."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.models import Favorite


class FavoriteKind(Enum):
    QUESTION = "Q"
    USER = "U"
    TAG = "T"
    CATEGORY = "C"


class Followed(NamedTuple):
    """A thing that can be followed; a tag's number is that of its word."""

    kind: FavoriteKind
    id: int


async def among(
    connection: AsyncConnection, *, user_id: int, things: Sequence[Followed]
) -> set[Followed]:
    """Those of the things that the user follows."""
    ids: dict[FavoriteKind, list[int]] = {}
    for thing in things:
        ids.setdefault(thing.kind, []).append(thing.id)
    values = {"follower_id": user_id, **{f"of_{kind.value}": ids[kind] for kind in ids}}
    found = await rows_of(connection, _among(frozenset(ids)), values)
    return {Followed(FavoriteKind(kind), id) for kind, id in found}


@prepared
def _among(kinds: frozenset[FavoriteKind]) -> Select[Any]:
    of_kind = (
        and_(Favorite.entity_type == kind.value, Favorite.entity_id.in_(many(f"of_{kind.value}")))
        for kind in kinds
    )
    columns: Sequence[Any] = (Favorite.entity_type, Favorite.entity_id)
    return select(*columns).where(Favorite.user_id == bindparam("follower_id"), or_(*of_kind))
