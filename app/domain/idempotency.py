"""Idempotency: a request that is repeated under its key gives what it gave the first time.

The key's row is written in the transaction of the request itself: it is there exactly if the
result is. A repeat that comes while the first is still running waits for it.
"""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Insert, Select, Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import upsert
from app.db.prepared import prepared
from app.db.running import rows_of, run
from app.db.zones import in_utc
from app.domain.errors import Conflict, Invalid
from app.domain.viewers import Viewer
from app.domain.writing import Writer
from app.models.waggle import DoneRequest

LONGEST_KEY = 200


async def once(
    connection: AsyncConnection,
    *,
    writer: Writer,
    key: str | None,
    request: object,
    make: Callable[[], Awaitable[int]],
) -> int:
    """What `make` returns, the id of what it has made; or what it returned the first time.

    Call it first in a transaction, before anything is locked.

    :param key: chosen by the client; None: the request may not be repeated
    :param request: what is asked for, with the name of the mutation; its `repr` is compared
    :raises Invalid: if the key is empty or too long
    :raises Conflict: if the sender has used the key for something else
    """
    if key is None:
        return await make()
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid("idempotencyKey", f"A key has 1 to {LONGEST_KEY} characters.")

    this = {"who": sender_of(writer.viewer), "hash": _hash(key)}
    asked = {"input": _hash(repr(request)), "now": in_utc(writer.now)}
    await run(connection, _begun(connection.dialect.name), {**this, **asked})
    [(input_hash, result_id)] = await rows_of(connection, _known(), this)
    if input_hash != asked["input"]:
        raise Conflict("This idempotency key was used for another request.")
    if result_id is not None:
        return int(result_id)

    # A row without a result can only be the one that was just inserted here.
    made = await make()
    await run(connection, _done(), {**this, "made": made})
    return made


THIS = (DoneRequest.sender == bindparam("who"), DoneRequest.key == bindparam("hash"))


@prepared
def _begun(dialect: str) -> Insert:
    keys = [DoneRequest.sender, DoneRequest.key]
    row: dict[Any, Any] = {
        DoneRequest.sender: bindparam("who"),
        DoneRequest.key: bindparam("hash"),
        DoneRequest.input_hash: bindparam("input"),
        DoneRequest.created_at: bindparam("now"),
    }
    return upsert(dialect, DoneRequest, [row], keys=keys)


@prepared
def _known() -> Select[Any]:
    columns: Sequence[Any] = (DoneRequest.input_hash, DoneRequest.result_id)
    return select(*columns).where(*THIS)


@prepared
def _done() -> Update:
    return update(DoneRequest).where(*THIS).values({DoneRequest.result_id: bindparam("made")})


async def result_of(
    connection: AsyncConnection, *, viewer: Viewer, key: str, request: object
) -> int | None:
    """What `once` gave this sender for the same request under this key; None: nothing."""
    query = select(DoneRequest.result_id).where(
        DoneRequest.sender == sender_of(viewer),
        DoneRequest.key == _hash(key),
        DoneRequest.input_hash == _hash(repr(request)),
    )
    return (await connection.execute(query)).scalar()


def sender_of(viewer: Viewer) -> str:
    """Who a key belongs to: an account, a guest's cookie, or the address of a guest without one."""
    if viewer.id is not None:
        return f"user {viewer.id}"
    if viewer.cookie_id is not None:
        return f"guest {viewer.cookie_id}"
    return f"at {viewer.address.hex()}"


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
