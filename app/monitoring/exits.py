"""Keeping what a process does when it is asked to end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDINGS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def kept() -> Iterator[None]:
    """Undo what is done inside to the handlers of the signals that end the process.

    ddtrace puts a handler before the server's own that shuts the tracer down: whatever is answered
    until the server has ended would be lost, and a signal that comes while the tracer is at work
    would wait for it forever. The application sends what is left at its own end.
    """
    if threading.current_thread() is not threading.main_thread():
        # Neither they nor we can change handlers here.
        yield
        return
    before = [signal.getsignal(number) for number in ENDINGS]
    try:
        yield
    finally:
        for number, handler in zip(ENDINGS, before, strict=True):
            signal.signal(number, handler)
