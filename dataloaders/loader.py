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


class _Entry(Generic[Key, Value]):
    """What is known of one key: its value or the error, and who waits for it."""

    __slots__ = ("error", "future", "is_settled", "key", "made", "make", "value")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.is_settled = False
        self.value: Value | None = None
        self.error: BaseException | None = None
        self.future: asyncio.Future[Value] | None = None
        self.made: asyncio.Future[Any] | None = None
        # Until the value is there: it knows the request, which knows its loaders.
        self.make: Callable[[Value], Any] | None = None

    def settle(self, value: Value | None, error: BaseException | None) -> None:
        """Give the value, or the error, to those who wait for it."""
        self.value, self.error, self.is_settled = value, error, True
        if self.future is not None:
            self.tell()
        if self.made is not None:
            self.tell_made()

    def tell(self) -> None:
        # It is done already when the request that waited for it was cancelled.
        if self.future is None or self.future.done():
            return
        if self.error is None:
            self.future.set_result(cast("Value", self.value))
        else:
            self.future.set_exception(self.error)

    def tell_made(self) -> None:
        make, self.make = self.make, None
        if self.made is None or make is None or self.made.done():
            return
        try:
            if self.error is not None:
                raise self.error
            self.made.set_result(make(cast("Value", self.value)))
        except BaseException as error:
            self.made.set_exception(_shareable(error))


class Loader(Generic[Key, Value]):
    """One kind of thing, fetched by key; every key is fetched once in the loader's life. It is made
    and used within one event loop.

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
        # Asking asyncio for it each time is a call of the operating system each time.
        self._loop = asyncio.get_running_loop()
        self._entries: dict[Key, _Entry[Key, Value]] = {}
        self._known: dict[Key, Value] = {}
        self._waiting: list[_Entry[Key, Value]] = []
        self._seen = 0
        self._quiet_turns = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._when_idle: list[Callable[[], None]] = []

    def load(self, key: Key) -> asyncio.Future[Value]:
        """A future for the value. Resolvers may return it as it is: no coroutine is needed."""
        entry = self._entry(key)
        if entry.future is None:
            entry.future = self._loop.create_future()
            if entry.is_settled:
                entry.tell()
        return entry.future

    def load_as(self, key: Key, make: Callable[[Value], Made]) -> asyncio.Future[Made]:
        """A future for what `make` makes of the value, once for all who ask for the key.

        :param make: all that is ever asked for of this key has to be made alike
        """
        entry = self._entry(key)
        if entry.made is None:
            entry.made = self._loop.create_future()
            entry.make = make
            if entry.is_settled:
                entry.tell_made()
        return entry.made

    def prime(self, key: Key, value: Value) -> None:
        """Make a value known that was read in another way."""
        # Of many that are made known few are asked for: a future is made for those alone.
        self._known.setdefault(key, value)

    def _entry(self, key: Key) -> _Entry[Key, Value]:
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry(key)
            if key in self._known:
                entry.settle(self._known[key], None)
                return entry
            if not self._waiting:
                self._seen = 0
                self._loop.call_soon(self._settle)
            self._waiting.append(entry)
        return entry

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
            self._loop.call_soon(self._settle)
        elif self._after is not None and self._after._is_busy:
            self._after._when_idle.append(self._resume)
        else:
            self._dispatch()

    def _resume(self) -> None:
        self._quiet_turns = QUIET_TURNS_AFTER_OTHERS
        self._settle()

    def _dispatch(self) -> None:
        entries, self._waiting = self._waiting, []
        for start in range(0, len(entries), MOST_KEYS):
            task = self._loop.create_task(self._run(entries[start : start + MOST_KEYS]))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._is_busy:
            resumed, self._when_idle = self._when_idle, []
            for resume in resumed:
                resume()

    async def _run(self, entries: list[_Entry[Key, Value]]) -> None:
        try:
            async with self._db.read() as connection:
                found = await self._fetch(connection, [entry.key for entry in entries])
        except BaseException as error:
            for entry in entries:
                entry.settle(None, _shareable(error))
            if not isinstance(error, Exception):
                raise
            return
        for entry in entries:
            entry.settle(found.get(entry.key, self._missing), None)


def _shareable(error: BaseException) -> BaseException:
    if isinstance(error, asyncio.CancelledError):
        return RuntimeError("The request was cancelled while rows were being read.")
    return error
