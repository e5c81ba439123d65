"""Followings: what the viewer follows, kind by kind."""

from functools import partial

import strawberry

from app.domain import followings
from app.domain.favorites import FavoriteKind
from schema.categories import Category
from schema.connections import After, Before, Connection, Count, First, Last, window_of
from schema.context import Context, Info
from schema.questions import Question
from schema.tags import Tag
from schema.users import User


@strawberry.type(description="What the viewer follows.")
class Favorites:
    user_id: strawberry.Private[int]

    @strawberry.field(description="Questions that the viewer still sees, newest first.")
    async def questions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Question]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_qs)
        async with context.db.read() as connection:
            page = await followings.questions(
                connection, user_id=self.user_id, sight=context.sight, window=window
            )
        nodes = [Question.of(row) for row in page.items]
        return Connection.of(page, nodes, self._count(context, FavoriteKind.QUESTION))

    @strawberry.field(description="People, by their handles.")
    async def users(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[User]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_users)
        async with context.db.read() as connection:
            page = await followings.people(connection, user_id=self.user_id, window=window)
        nodes = [User.of(row) for row in page.items]
        return Connection.of(page, nodes, self._count(context, FavoriteKind.USER))

    @strawberry.field(description="Tags, by name.")
    async def tags(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Tag]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_tags)
        async with context.db.read() as connection:
            page = await followings.names(connection, user_id=self.user_id, window=window)
        nodes = [Tag.of(row.name, row) for row in page.items]
        return Connection.of(page, nodes, self._count(context, FavoriteKind.TAG))

    @strawberry.field(description="Categories, by title.")
    async def categories(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Category]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_tags)
        async with context.db.read() as connection:
            page = await followings.branches(connection, user_id=self.user_id, window=window)
        nodes = [Category.of(row) for row in page.items]
        return Connection.of(page, nodes, self._count(context, FavoriteKind.CATEGORY))

    def _count(self, context: Context, kind: FavoriteKind) -> Count:
        return context.reading(
            partial(followings.count, user_id=self.user_id, kind=kind, sight=context.sight)
        )
