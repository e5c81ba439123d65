"""Programs that a benchmark starts, and the processor time that they have taken."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0
# The program of the folder that it is run in.
WAGGLE = (sys.executable, "-c", "from app.cli import main; main()")


@contextmanager
def running(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path, folder: Path
) -> Iterator[int]:
    """A program while the block runs; what it prints goes into `log`.

    :returns: its process id
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=folder, stdout=output, stderr=output
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str, *, log: Path) -> None:
    """Return when a server answers at `url`, whatever it says.

    :raises RuntimeError: if it does not in time, with the end of its log
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urlopen(url, timeout=5).close()
        except URLError as error:
            if getattr(error, "code", None):
                return
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Nothing answers at {url}:\n{log.read_text(errors='replace')[-2000:]}")


def cpu_seconds(pid: int) -> float:
    """What a process and all that it has started have computed so far."""
    return sum(_ticks(member) for member in _family(pid)) / TICKS


def memory_megabytes(pid: int) -> float:
    """The resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _family(pid: int) -> list[int]:
    parents = {int(name): _parent(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def _ticks(pid: int) -> int:
    # User and system time of the process itself, and of its children that have ended.
    return sum(int(field) for field in _fields(pid)[11:15])


def _fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
