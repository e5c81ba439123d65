"""Users, asked for one by one and in lists."""

from functools import partial
from typing import Annotated

import strawberry

from app.domain import users
from app.domain.errors import Invalid
from app.domain.permissions import ensure
from app.domain.permits import site_denial
from app.domain.users import UserOrder, UserRow
from schema import nodes
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.users import User


@strawberry.type
class UserQuery:
    @strawberry.field(
        description="A user, by handle, global id or number; null where there is none. Case and "
        "accents of the handle do not matter."
    )
    async def user(
        self,
        info: Info,
        handle: Annotated[
            str | None, strawberry.argument(description="The name that others know them by.")
        ] = None,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Their global id.")
        ] = None,
        database_id: Annotated[
            int | None, strawberry.argument(description="Their number on the site.")
        ] = None,
    ) -> User | None:
        if [handle, id, database_id].count(None) != 2:
            raise Invalid("handle", "Give one of `handle`, `id` and `databaseId`.")
        if handle is not None:
            return await _named(info.context, handle)
        number = database_id if id is None else _number(id)
        row = await info.context.loaders.user.load(number or 0)
        return _with_page(row)

    @strawberry.field(description="The members of the community, in three orders.")
    async def users(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: Annotated[
            UserOrder | None, strawberry.argument(description="Their order.")
        ] = UserOrder.POINTS,
    ) -> Connection[User]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_users)
        order = order_by or UserOrder.POINTS
        if permit := users.PERMITS.get(order):
            ensure(site_denial(context.viewer, context.options, permit))
        async with context.db.read() as connection:
            page = await users.listing(connection, order_by=order, window=window)

        count = context.reading(partial(users.count, order_by=order))
        return Connection.of(page, [User.of(row) for row in page.items], count)


async def _named(context: Context, handle: str) -> User | None:
    async with context.db.read() as connection:
        row = await users.by_handle(connection, handle=handle)
    if row is not None:
        context.loaders.user.prime(row.id, row)
    return _with_page(row)


def _with_page(row: UserRow | None) -> User | None:
    # An account without a row of points has no page on the site (FACTS 5).
    return User.of(row) if row and row.points is not None else None


def _number(id: str) -> int:
    named = nodes.decode(id)
    if named is None or named.type != "User":
        raise Invalid("id", "`id` is not the id of a user.")
    return named.key
