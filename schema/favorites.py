"""Favourites: whether the viewer follows a thing."""

from app.domain.favorites import FavoriteKind, Followed
from schema.context import Info


async def has_favorited(info: Info, kind: FavoriteKind, id: int) -> bool:
    """Whether the viewer follows the thing; costs nothing for guests."""
    context = info.context
    if context.viewer.id is None:
        return False
    return await context.loaders.is_favorited.load(Followed(kind, id))
