"""Posts that moderators look after."""

from functools import partial

from app.domain import moderation
from app.domain.moderation import Attention
from app.domain.pages import Window
from app.domain.permissions import ensure
from schema.connections import Connection
from schema.context import Context
from schema.kinds import post_of
from schema.posts import Post


async def posts_on(context: Context, attention: Attention, window: Window) -> Connection[Post]:
    """A page of one of the moderators' lists.

    :raises NotAllowed: if the viewer may not act on any of it
    """
    ensure(moderation.list_denial(context.viewer, context.options, attention))
    sight = context.sight
    async with context.db.read() as connection:
        page = await moderation.listing(connection, attention=attention, sight=sight, window=window)

    count = context.reading(partial(moderation.count, attention=attention, sight=sight))
    return Connection.of(page, [post_of(row) for row in page.items], count)
