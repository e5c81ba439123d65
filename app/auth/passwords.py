"""Passwords as q2a keeps them, old and new, and signing in with one (FACTS 12)."""

import asyncio
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import bcrypt
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.transactions import transact
from app.domain import sign_ins
from app.domain.errors import RateLimited
from app.domain.options import Options
from app.domain.sign_ins import Candidate

COST = 10
# bcrypt knows no more of a password; PHP drops the rest without a word.
BCRYPT_BYTES = 72
SALT_AHEAD = 8
# What PHP's trim takes off.
BLANKS = " \t\n\r\0\x0b"
# Stands in for the hash of whoever has none, so that a guess costs the same time for everybody.
NOBODY = b"$2y$10$vI8aWBnW3fID.ZQ4/zo1G.q1lRps.9cGLcZEiGDMVr5yUP1KUOYTa"
# Each check keeps a core busy for some 60 ms: guesses must not take all threads of the process.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


class WrongPassword(Exception):
    """The login name or the password is wrong; nobody is told which."""

    def __init__(self) -> None:
        super().__init__("Incorrect username or password.")


def entered(password: str) -> bytes:
    """What q2a makes of a password as it was typed: outer blanks go, a CRLF becomes an LF."""
    text = password.strip(BLANKS).replace("\r\n", "\n")
    # JSON can carry halves of characters; no site has stored one, so they only must not break.
    return text.encode(errors="surrogatepass")


def verify(password: str, *, hash: str | None, salt: bytes | None, sha1: bytes | None) -> bool:
    """Whether this is the password that an account's columns were made of.

    Takes as long for an account without a password, and for none at all, as for a wrong one.

    :param password: as it was typed
    :param hash: bcrypt's text, `$2y$...`; it counts where there is one
    :param salt: 16 bytes that go with `sha1`, the 20 bytes of the older kind
    """
    given = entered(password)
    matches_new = _matches_bcrypt(given, (hash or "").encode())
    matches_old = not hash and _matches_sha1(given, salt, sha1)
    # PHP's bcrypt ends at a zero byte, where a shorter password would do as well.
    return (matches_new or matches_old) and b"\0" not in given


def hash_password(password: str) -> str:
    """The text that q2a keeps of a password now, with a salt of its own.

    :raises ValueError: if it contains a zero byte
    """
    given = entered(password)
    if b"\0" in given:
        raise ValueError("A password cannot contain a zero byte.")
    made = bcrypt.hashpw(given[:BCRYPT_BYTES], bcrypt.gensalt(COST)).decode()
    # The same algorithm under the name that PHP gives it.
    return made.replace("$2b$", "$2y$", 1)


def _matches_bcrypt(password: bytes, hash: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:BCRYPT_BYTES], hash or NOBODY) and bool(hash)
    except ValueError:
        # Not bcrypt's at all; it still must not be told apart by its speed.
        bcrypt.checkpw(password[:BCRYPT_BYTES], NOBODY)
        return False


def _matches_sha1(password: bytes, salt: bytes | None, sha1: bytes | None) -> bool:
    if not salt or not sha1:
        return False
    salted = salt[:SALT_AHEAD] + password + salt[SALT_AHEAD:]
    # It is what the column holds; whoever signs in gets a better one.
    return hmac.compare_digest(hashlib.sha1(salted, usedforsecurity=False).digest(), sha1)


async def sign_in(
    db: Database,
    *,
    login: str,
    password: str,
    address: bytes | None,
    options: Options,
    now: datetime,
) -> Candidate:
    """The account that a login name and a password open.

    The attempt is counted before the password is looked at, and an old hash is replaced after it.

    :param login: a handle or an e-mail address, as FACTS 12 tells them apart
    :param address: the person's, 4 bytes or 16; if it is not known the account's attempts count
    :raises WrongPassword: if either is wrong
    :raises RateLimited: if there were too many attempts in this hour
    """

    async def counted(connection: AsyncConnection) -> Candidate | None:
        account = await sign_ins.find(connection, login=login, options=options)
        await sign_ins.count_attempt(
            connection, account=account, address=address, options=options, now=now
        )
        return account

    try:
        account = await transact(db, counted)
    except RateLimited:
        # Only accounts have a limit of their own: answering at once would tell that there is one.
        await _matches(password, None)
        raise
    if not await _matches(password, account) or account is None:
        raise WrongPassword
    return await _signed_in(db, account, password, address, now)


async def _matches(password: str, account: Candidate | None) -> bool:
    columns = (account.hash, account.salt, account.sha1) if account else (None, None, None)
    hash, salt, sha1 = columns

    def check() -> bool:
        return verify(password, hash=hash, salt=salt, sha1=sha1)

    return await asyncio.get_running_loop().run_in_executor(_threads, check)


async def _signed_in(
    db: Database, account: Candidate, password: str, address: bytes | None, now: datetime
) -> Candidate:
    better = None
    if not account.hash:
        loop = asyncio.get_running_loop()
        better = await loop.run_in_executor(_threads, hash_password, password)
    zone = await db.zone()
    async with db.begin() as connection:
        return await sign_ins.record(
            connection, account=account, better_hash=better, address=address, at=zone.to_local(now)
        )
