"""Guests who write: each is known by the number in a cookie (FACTS 10 and 13)."""

import secrets
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.writing import Writer
from app.models import GuestCookie

# The numbers that q2a makes, too; the larger ones need all 64 bits.
SMALLEST, LARGEST = 10**12, 18_446_743_999_999_999_999


async def known(connection: AsyncConnection, *, writer: Writer) -> Writer:
    """The writer; a guest without a cookie that the site knows gets a new one."""
    viewer = writer.viewer
    if viewer.account is not None or await _is_known(connection, viewer.cookie_id):
        return writer
    number = SMALLEST + secrets.randbelow(LARGEST - SMALLEST)
    values: dict[Any, Any] = {
        GuestCookie.id: number,
        GuestCookie.created_at: writer.time,
        GuestCookie.created_from: viewer.address,
    }
    await connection.execute(insert(GuestCookie).values(values))
    return replace(writer, viewer=replace(viewer, cookie_id=number))


async def _is_known(connection: AsyncConnection, cookie_id: int | None) -> bool:
    if cookie_id is None:
        return False
    query = select(GuestCookie.id).where(GuestCookie.id == cookie_id)
    return (await connection.execute(query)).first() is not None
