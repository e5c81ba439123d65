"""Favourites: what people follow, each named by the letter of its kind and its number (FACTS 7)."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

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
    of_kind = (
        and_(Favorite.entity_type == kind.value, Favorite.entity_id.in_(ids[kind])) for kind in ids
    )
    query = select(Favorite.entity_type, Favorite.entity_id).where(
        Favorite.user_id == user_id, or_(*of_kind)
    )
    found = (await connection.execute(query)).all()
    return {Followed(FavoriteKind(kind), id) for kind, id in found}
