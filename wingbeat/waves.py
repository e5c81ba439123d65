"""Waves: awaiting what resolvers return, and completing together what arrives together."""

import asyncio
from operator import itemgetter
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from wingbeat.errors import Failed, Nulls
from wingbeat.kinds import Failure, outcome
from wingbeat.places import Place, SomePlaces

if TYPE_CHECKING:
    from wingbeat.executor import CompilingExecutor
    from wingbeat.plan import Plan

Future = asyncio.Future[Any]
Coroutine: TypeAlias = "CoroutineType[Any, Any, Any]"
_number = itemgetter(0)


class Completes(Protocol):
    """What can turn values into their form in the answer, many at once."""

    def complete(self, run: "Run", values: list[Any], place: Place) -> list[Any]: ...


class Waiting:
    """Values of one place that have not arrived; several may come from one future."""

    __slots__ = ("arrived", "column", "numbers", "place", "run")

    def __init__(self, run: "Run", column: Completes, place: Place) -> None:
        self.run = run
        self.column = column
        self.place = place
        self.numbers: dict[Future, list[int]] = {}
        self.arrived: list[Future] = []
        run.waiting.append(self)

    def add(self, number: int, future: Future) -> None:
        """Have `number` completed when `future` is done."""
        numbers = self.numbers.get(future)
        if numbers is not None:
            numbers.append(number)
            return
        self.numbers[future] = [number]
        self.run.outstanding += 1
        future.add_done_callback(self._arrive)

    def _arrive(self, future: Future) -> None:
        if future not in self.numbers or self.run.over:
            # Given up; its error, if any, is nobody's.
            if not future.cancelled():
                future.exception()
            return
        if not self.arrived:
            self.run.note(self)
        self.arrived.append(future)

    def deliver(self) -> None:
        """Complete what has arrived, and write it into the answer."""
        run = self.run
        arrived, self.arrived = self.arrived, []
        pairs: list[tuple[int, Any]] = []
        for future in arrived:
            value = outcome(future)
            run.outstanding -= 1
            pairs += [(number, value) for number in self.numbers.pop(future)]
        if run.gave_up:
            pairs = [pair for pair in pairs if not run.nulls.is_dead(self.place, pair[0])]
        if len(pairs) > 1:
            pairs.sort(key=_number)
        self.receive(pairs)

    def receive(self, pairs: list[tuple[int, Any]]) -> None:
        """Complete values, given with their numbers in order, and write them into the answer."""
        run, place = self.run, self.place
        picks = [number for number, _ in pairs]
        values = [value for _, value in pairs]
        results = self.column.complete(run, values, SomePlaces(place, picks))
        for number, result in zip(picks, results, strict=True):
            place.put(number, result)

    def give_up(self) -> None:
        """Stop waiting for what nobody will see.

        Nothing is cancelled before the end: a task may be waiting for a loader's future that
        others wait for, and to cancel the one is to cancel the other.
        """
        is_dead = self.run.nulls.is_dead
        for future, numbers in list(self.numbers.items()):
            if future not in self.arrived and all(is_dead(self.place, n) for n in numbers):
                del self.numbers[future]
                self.run.outstanding -= 1


class Run:
    """One execution of a plan: all that is known of one request."""

    __slots__ = (
        "_ready",
        "_waker",
        "arguments",
        "context",
        "executor",
        "failures",
        "gave_up",
        "loop",
        "nulls",
        "outstanding",
        "over",
        "started",
        "unstarted",
        "waiting",
    )

    def __init__(self, executor: "CompilingExecutor") -> None:
        self.executor = executor
        self.context = executor.context_value
        self.loop = asyncio.get_running_loop()
        self.nulls = Nulls(executor.collected_errors)
        # Whether values are still coming that nobody will see.
        self.gave_up = False
        self.failures: list[Failed] = []
        self.waiting: list[Waiting] = []
        self.outstanding = 0
        self.started: set[Future] = set()
        self.unstarted: list[tuple[Waiting, int, Coroutine]] = []
        self.over = False
        # Coerced arguments that objects may share, by field.
        self.arguments: dict[Any, dict[str, Any] | None] = {}
        self._ready: list[Waiting] = []
        self._waker: Future | None = None

    async def execute(self, plan: "Plan") -> dict[str, Any] | None:
        """Execute all of a plan.

        :returns: the data of the answer; errors are with the executor
        """
        try:
            [data] = plan.root.execute(self, [self.executor.root_value], None)
            self._settle()
            while (self.outstanding or self.unstarted) and not self.nulls.everything:
                await self._next_wave()
        except BaseException:
            await self._stop()
            raise
        if self.gave_up:
            await self._stop()
        self._end()
        return None if self.nulls.everything else data

    def future_of(self, awaitable: Any) -> Future:
        """A future for anything that can be awaited and is not a coroutine."""
        if asyncio.isfuture(awaitable):
            return awaitable
        try:
            future: Future = asyncio.ensure_future(awaitable)
        except TypeError as error:
            future = self.loop.create_future()
            future.set_exception(error)
        self.started.add(future)
        return future

    def fail(self, failed: Failed) -> None:
        """Report an error at the end of this wave."""
        self.failures.append(failed)

    def note(self, waiting: Waiting) -> None:
        """Something has arrived: it is completed when this turn of the event loop is over."""
        self._ready.append(waiting)
        waker = self._waker
        if waker is not None and not waker.done():
            waker.set_result(None)

    async def _next_wave(self) -> None:
        if len(self.unstarted) == 1 and not self.outstanding:
            await self._await_alone()
        else:
            self._start()
            if not self._ready:
                self._waker = self.loop.create_future()
                await self._waker
        ready, self._ready = self._ready, []
        for waiting in ready:
            waiting.deliver()
        self._settle()

    async def _await_alone(self) -> None:
        """Await a coroutine where there is nothing else to await: that needs no task."""
        waiting, number, coroutine = self.unstarted.pop()
        try:
            value = await coroutine
        except Exception as error:
            value = Failure(error)
        waiting.receive([(number, value)])

    def _start(self) -> None:
        unstarted, self.unstarted = self.unstarted, []
        for waiting, number, coroutine in unstarted:
            task = self.loop.create_task(coroutine)
            self.started.add(task)
            waiting.add(number, task)

    def _settle(self) -> None:
        if not self.failures:
            return
        failures, self.failures = self.failures, []
        if not self.nulls.settle(failures):
            return
        self.gave_up = True
        kept = []
        for waiting, number, coroutine in self.unstarted:
            if self.nulls.is_dead(waiting.place, number):
                coroutine.close()
            else:
                kept.append((waiting, number, coroutine))
        self.unstarted = kept
        self.waiting = [waiting for waiting in self.waiting if waiting.numbers or kept]
        for waiting in self.waiting:
            waiting.give_up()

    async def _stop(self) -> None:
        """Cancel whatever is still awaited, and see it end."""
        self.over = True
        for _, _, coroutine in self.unstarted:
            coroutine.close()
        pending = {future for waiting in self.waiting for future in waiting.numbers}
        pending |= self.started
        for future in pending:
            if not future.done():
                future.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self._end()

    def _end(self) -> None:
        """Let go of what was waited for: it knows the run, and only a collector would part them."""
        self.over = True
        self.waiting.clear()
