"""Followings: the lists of what somebody follows, kind by kind (FACTS 7)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import prepared
from app.db.running import value_of
from app.domain import pages, posts, tags, users
from app.domain.categories import CategoryRow
from app.domain.favorites import FavoriteKind
from app.domain.orders import Key, Order
from app.domain.pages import Page, Window
from app.domain.posts import PostRow, Sight
from app.domain.tags import TagRow
from app.domain.users import UserRow
from app.models import Category, Favorite, Post, PostKind, User, UserPoints, Word

BY_ID = Order("favorite-questions", (Key(Favorite.entity_id, int, True),))
BY_HANDLE = Order("favorite-users", (Key(User.handle, str), Key(User.id, int)))
BY_NAME = Order("favorite-tags", (Key(Word.text, str), Key(Word.id, int)))
BY_TITLE = Order("favorite-categories", (Key(Category.title, str), Key(Category.id, int)))


def _followed(columns: Sequence[Any], table: Any, kind: FavoriteKind) -> Select[Any]:
    followed = select(*columns).join_from(Favorite, table, Favorite.entity_id == table.id)
    is_followed = Favorite.user_id == bindparam("follower_id")
    return followed.where(is_followed, Favorite.entity_type == kind.value)


def _questions(sight: Sight) -> Select[Any]:
    followed = _followed(posts.COLUMNS, Post, FavoriteKind.QUESTION)
    return followed.where(posts.seen(sight, PostKind.QUESTION))


def _people() -> Select[Any]:
    followed = _followed(users.COLUMNS, User, FavoriteKind.USER)
    return followed.outerjoin(UserPoints, UserPoints.user_id == User.id)


def _names() -> Select[Any]:
    return _followed(tags.COLUMNS, Word, FavoriteKind.TAG)


def _branches() -> Select[Any]:
    columns = [getattr(Category, name) for name in CategoryRow._fields]
    return _followed(columns, Category, FavoriteKind.CATEGORY)


@prepared
def _counted(kind: FavoriteKind, sight: Sight) -> Select[Any]:
    if kind is FavoriteKind.QUESTION:
        return _questions(sight).with_only_columns(func.count())
    tables = {
        FavoriteKind.USER: User,
        FavoriteKind.TAG: Word,
        FavoriteKind.CATEGORY: Category,
    }
    return _followed([func.count()], tables[kind], kind)


async def questions(
    connection: AsyncConnection, *, user_id: int, sight: Sight, window: Window
) -> Page[PostRow]:
    """The questions that the user follows and sees, newest first.

    :raises Invalid: if a cursor is not one of this list
    """
    placed, numbers = sight.placed()
    return await pages.fetch(
        connection,
        _questions,
        placed,
        values={**numbers, "follower_id": user_id},
        order=BY_ID,
        window=window,
        make=PostRow.of,
    )


async def people(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[UserRow]:
    """The people that the user follows, by their handles.

    :raises Invalid: if a cursor is not one of this list
    """
    values = {"follower_id": user_id}
    return await pages.fetch(
        connection, _people, values=values, order=BY_HANDLE, window=window, make=UserRow._make
    )


async def names(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[TagRow]:
    """The tags that the user follows, by name, those included that no question carries any more.

    :raises Invalid: if a cursor is not one of this list
    """
    values = {"follower_id": user_id}
    return await pages.fetch(
        connection, _names, values=values, order=BY_NAME, window=window, make=TagRow._make
    )


async def branches(
    connection: AsyncConnection, *, user_id: int, window: Window
) -> Page[CategoryRow]:
    """The categories that the user follows, by title.

    :raises Invalid: if a cursor is not one of this list
    """
    values = {"follower_id": user_id}
    return await pages.fetch(
        connection, _branches, values=values, order=BY_TITLE, window=window, make=CategoryRow._make
    )


async def count(
    connection: AsyncConnection, *, user_id: int, kind: FavoriteKind, sight: Sight
) -> int:
    """How many things of the kind the user follows and sees."""
    placed, numbers = sight.placed()
    values = {**numbers, "follower_id": user_id}
    counted: int = await value_of(connection, _counted(kind, placed), values)
    return counted
