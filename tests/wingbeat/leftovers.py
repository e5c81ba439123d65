"""What executions leave behind: graphql-core abandons coroutines below fields that failed."""

import asyncio
import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from strawberry.dataloader import dispatch_batch
from strawberry.types import ExecutionResult


async def idle() -> None:
    """Let everything end that was begun; the reference leaves what it has given up to itself."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


def left_running() -> list[str]:
    """What still runs beside the caller, but for loaders: these read what they were asked for in
    vain, for what an error has nulled, and nobody could stop them.
    """
    others = asyncio.all_tasks() - {asyncio.current_task()}
    names = [getattr(task.get_coro(), "__qualname__", "") for task in others]
    return [name for name in names if name != dispatch_batch.__qualname__]


def collect() -> None:
    """Find what has been abandoned since the last time: pytest makes an error of each coroutine.

    What is still there is looked at no more, so that this costs little however often it is done.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def forgiven() -> Iterator[None]:
    """A block in which the reference executes: coroutines that it never awaits are let pass.

    Nothing of the kind is forgiven to compiled plans.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        try:
            yield
        finally:
            collect()


def without_tracebacks(result: ExecutionResult) -> ExecutionResult:
    """The result without the frames in which its errors were raised: they hold on to coroutines."""
    for error in result.errors or []:
        error.__traceback__ = None
        if error.original_error is not None:
            error.original_error.__traceback__ = None
    return result
