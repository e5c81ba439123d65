"""Handles: what q2a allows as one, and one for somebody who comes with another name (FACTS 12)."""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES
from app.domain import censor
from app.domain.options import Options
from app.models import User

LONGEST = 20
FORBIDDEN = re.compile(r"[@+/]+")
BLANKS = re.compile(r"\s+")
# Control and format characters, halves of pairs, and what nobody has given a meaning.
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
# After these, numbers are drawn instead of counted up.
COUNTED = 9
DRAWN = 20
FALLBACK = "member"


def made_valid(wish: str) -> str:
    """The handle nearest to a wish that q2a would accept; empty where nothing is left of it.

    Of an e-mail address only the part before the @ is used: handles are public.
    """
    # Composed, a letter and its accent count as one, and as the same as on other keyboards.
    text = unicodedata.normalize("NFC", BLANKS.sub(" ", wish.partition("@")[0]))
    visible = (c for c in text if unicodedata.category(c) not in INVISIBLE)
    text = FORBIDDEN.sub("-", "".join(c for c in visible if c <= LAST_OF_THREE_BYTES))
    text = text.strip(" -")[:LONGEST].strip(" -")
    return "" if text in (".", "..") else text


async def free(connection: AsyncConnection, *, wishes: Iterable[str], options: Options) -> str:
    """A handle that nobody has: the first wish that gives one, with a number if it is taken.

    Call it with the turn of `accounts.take_turn`: q2a's table has no unique key.
    """
    valid = [handle for handle in map(made_valid, wishes) if is_allowed(handle, options)]
    for handle in _numbered(next(iter(valid), FALLBACK)):
        if not await is_taken(connection, handle=handle):
            return handle
    raise RuntimeError("No free handle was found.")


async def is_taken(
    connection: AsyncConnection, *, handle: str, except_by: int | None = None
) -> bool:
    """Whether somebody has the handle, by the column's idea of sameness.

    :param except_by: the number of an account that may have it
    """
    query = select(User.id).where(User.handle == handle, User.id != (except_by or 0)).limit(1)
    return (await connection.execute(query)).first() is not None


def is_allowed(handle: str, options: Options) -> bool:
    """Whether the owner has not reserved the handle (option `block_bad_usernames`)."""
    rules = censor.compile_rules(options.texts.get("block_bad_usernames", "anonymous"))
    return bool(handle) and censor.censor(handle, rules) == handle


def _numbered(handle: str) -> Iterator[str]:
    yield handle
    for number in range(2, COUNTED + 1):
        yield _with(handle, number)
    for _ in range(DRAWN):
        yield _with(handle, 1000 + secrets.randbelow(9_999_000))


def _with(handle: str, number: int) -> str:
    return f"{handle[: LONGEST - len(str(number))].rstrip(' -')}{number}"
