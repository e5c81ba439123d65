"""Programs to be killed: processes of `waggle` that begin at once, forked from one that has loaded
everything.

Run as a program, it reads lines of JSON, `{"arguments": [...], "settings": {...}}`, and forks; it
writes the process's id, and what it ended with.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent


class Forker:
    """Starts processes of `waggle`, one at a time."""

    def __init__(self, process: "subprocess.Popen[str]", said: Path) -> None:
        assert process.stdin
        assert process.stdout
        self._stdin: IO[str] = process.stdin
        self._stdout: IO[str] = process.stdout
        self._said = said
        self.pid = 0

    def start(self, *arguments: str, **settings: str) -> int:
        """The id of the new process."""
        line = json.dumps({"arguments": arguments, "settings": settings})
        self._stdin.write(line + "\n")
        self._stdin.flush()
        self.pid = int(self._stdout.readline())
        return self.pid

    def kill(self) -> None:
        """End the process at once, as a failing machine would."""
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        """What the process ended with; -9 if it was killed."""
        return int(self._stdout.readline())

    def said(self) -> str:
        """What the processes have written to either of their outputs."""
        return self._said.read_text()


@contextmanager
def forker(folder: Path) -> Iterator[Forker]:
    """:param folder: where what they say is kept"""
    with (folder / "said").open("a") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    with process:
        yield Forker(process, folder / "said")


def _serve() -> None:
    for name in ("app.jobs", "aiomysql", "aiosqlite", "rich.progress"):
        importlib.import_module(name)
    from app.cli import main

    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            os.environ |= request["settings"]
            # Nobody else is to write where the answers are expected.
            os.dup2(2, 1)
            os.close(0)
            main(request["arguments"], prog_name="waggle")
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
