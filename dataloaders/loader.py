"""A loader: collects the keys that are asked for close together, and fetches them at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database

Key = TypeVar("Key")
Value = TypeVar("Value")
Made = TypeVar("Made")
# RDS Proxy pins a connection for a statement beyond 16 kB: longer lists go in several statements.
MOST_KEYS = 500
# Of the loop, before keys are fetched that nobody adds to.
QUIET_TURNS = 1
# Values take longer to come through to resolvers that ask for more.
QUIET_TURNS_AFTER_OTHERS = 3


class Loader(Generic[Key, Value]):
    """One kind of thing, fetched by key; every key is fetched once in the loader's life.

    :param fetch: given a connection and distinct keys, returns what there is of them
    :param missing: the value for a key that `fetch` does not return
    :param after: the loader that this one waits for, if that has anything to do: what it loads
        is asked for things of this kind, too, and all of them are fetched at once then
    """

    def __init__(
        self,
        db: Database,
        fetch: Callable[[AsyncConnection, list[Key]], Awaitable[Mapping[Key, Value]]],
        missing: Value,
        *,
        after: "Loader[Any, Any] | None" = None,
    ) -> None:
        self._db = db
        self._fetch = fetch
        self._missing = missing
        self._after = after
        self._futures: dict[Key, asyncio.Future[Value]] = {}
        self._known: dict[Key, Value] = {}
        self._made: dict[Key, asyncio.Future[Any]] = {}
        # Until the value is there: these know the request, which knows its loaders.
        self._makers: dict[Key, Callable[[Value], Any]] = {}
        self._waiting: list[Key] = []
        self._seen = 0
        self._quiet_turns = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._when_idle: list[Callable[[], None]] = []

    def load(self, key: Key) -> asyncio.Future[Value]:
        """A future for the value. Resolvers may return it as it is: no coroutine is needed."""
        future = self._futures.get(key)
        if future is None:
            loop = asyncio.get_running_loop()
            future = self._futures[key] = loop.create_future()
            if key in self._known:
                future.set_result(self._known[key])
                return future
            if not self._waiting:
                self._seen = 0
                loop.call_soon(self._settle)
            self._waiting.append(key)
        return future

    def load_as(self, key: Key, make: Callable[[Value], Made]) -> asyncio.Future[Made]:
        """A future for what `make` makes of the value, once for all who ask for the key.

        :param make: all that is ever asked for of this key has to be made alike
        """
        future = self._made.get(key)
        if future is not None:
            return future
        source = self.load(key)
        future = self._made[key] = source.get_loop().create_future()
        self._makers[key] = make
        if source.done():
            self._make(key, source)
        return future

    def prime(self, key: Key, value: Value) -> None:
        """Make a value known that was read in another way."""
        # Of many that are made known few are asked for: a future is made for those alone.
        self._known.setdefault(key, value)

    @property
    def _is_busy(self) -> bool:
        return bool(self._waiting or self._tasks)

    def _settle(self) -> None:
        # Resolvers of one level may arrive over several turns of the loop, depending on how many
        # they are: a turn in which nobody comes says that all are here.
        if len(self._waiting) > self._seen:
            self._seen = len(self._waiting)
            self._quiet_turns = max(self._quiet_turns, QUIET_TURNS)
        if self._quiet_turns:
            self._quiet_turns -= 1
            asyncio.get_running_loop().call_soon(self._settle)
        elif self._after is not None and self._after._is_busy:
            self._after._when_idle.append(self._resume)
        else:
            self._dispatch()

    def _resume(self) -> None:
        self._quiet_turns = QUIET_TURNS_AFTER_OTHERS
        self._settle()

    def _dispatch(self) -> None:
        keys, self._waiting = self._waiting, []
        for start in range(0, len(keys), MOST_KEYS):
            task = asyncio.create_task(self._run(keys[start : start + MOST_KEYS]))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._is_busy:
            resumed, self._when_idle = self._when_idle, []
            for resume in resumed:
                resume()

    async def _run(self, keys: list[Key]) -> None:
        try:
            async with self._db.read() as connection:
                found = await self._fetch(connection, keys)
        except BaseException as error:
            for key in keys:
                self._settle_one(key, error=_shareable(error))
            if not isinstance(error, Exception):
                raise
            return
        for key in keys:
            self._settle_one(key, found.get(key, self._missing))

    def _settle_one(
        self, key: Key, value: Value | None = None, *, error: BaseException | None = None
    ) -> None:
        future = self._futures[key]
        # It is done already when the request that waited for it was cancelled.
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast("Value", value))
        if key in self._makers:
            self._make(key, future)

    def _make(self, key: Key, source: asyncio.Future[Value]) -> None:
        future, make = self._made[key], self._makers.pop(key)
        if future.done():
            return
        try:
            future.set_result(make(source.result()))
        except BaseException as error:
            future.set_exception(_shareable(error))


def _shareable(error: BaseException) -> BaseException:
    if isinstance(error, asyncio.CancelledError):
        return RuntimeError("The request was cancelled while rows were being read.")
    return error
