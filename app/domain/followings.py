"""Followings: the lists of what somebody follows, kind by kind (FACTS 7)."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

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


def _followed(statement: Select[Any], table: Any, kind: FavoriteKind, user_id: int) -> Select[Any]:
    return statement.join_from(Favorite, table, Favorite.entity_id == table.id).where(
        Favorite.user_id == user_id, Favorite.entity_type == kind.value
    )


def _questions(statement: Select[Any], user_id: int, sight: Sight) -> Select[Any]:
    followed = _followed(statement, Post, FavoriteKind.QUESTION, user_id)
    return followed.where(posts.seen(sight, PostKind.QUESTION))


async def questions(
    connection: AsyncConnection, *, user_id: int, sight: Sight, window: Window
) -> Page[PostRow]:
    """The questions that the user follows and sees, newest first.

    :raises Invalid: if a cursor is not one of this list
    """
    statement = _questions(select(*posts.COLUMNS), user_id, sight)
    return await pages.fetch(
        connection, statement=statement, order=BY_ID, window=window, make=PostRow.of
    )


async def people(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[UserRow]:
    """The people that the user follows, by their handles.

    :raises Invalid: if a cursor is not one of this list
    """
    statement = _followed(select(*users.COLUMNS), User, FavoriteKind.USER, user_id)
    statement = statement.outerjoin(UserPoints, UserPoints.user_id == User.id)
    return await pages.fetch(
        connection, statement=statement, order=BY_HANDLE, window=window, make=UserRow._make
    )


async def names(connection: AsyncConnection, *, user_id: int, window: Window) -> Page[TagRow]:
    """The tags that the user follows, by name, those included that no question carries any more.

    :raises Invalid: if a cursor is not one of this list
    """
    statement = _followed(select(*tags.COLUMNS), Word, FavoriteKind.TAG, user_id)
    return await pages.fetch(
        connection, statement=statement, order=BY_NAME, window=window, make=TagRow._make
    )


async def branches(
    connection: AsyncConnection, *, user_id: int, window: Window
) -> Page[CategoryRow]:
    """The categories that the user follows, by title.

    :raises Invalid: if a cursor is not one of this list
    """
    columns = (getattr(Category, name) for name in CategoryRow._fields)
    statement = _followed(select(*columns), Category, FavoriteKind.CATEGORY, user_id)
    return await pages.fetch(
        connection, statement=statement, order=BY_TITLE, window=window, make=CategoryRow._make
    )


async def count(
    connection: AsyncConnection, *, user_id: int, kind: FavoriteKind, sight: Sight
) -> int:
    """How many things of the kind the user follows and sees."""
    tables = {
        FavoriteKind.USER: User,
        FavoriteKind.TAG: Word,
        FavoriteKind.CATEGORY: Category,
    }
    counting = select(func.count())
    if kind is FavoriteKind.QUESTION:
        statement = _questions(counting, user_id, sight)
    else:
        statement = _followed(counting, tables[kind], kind, user_id)
    counted: int = (await connection.execute(statement)).scalar_one()
    return counted
