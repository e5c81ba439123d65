"""One execution environment of Lambda: the runtime's own client in a process, and the API that it
asks for events, over HTTP.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

from deploy.artefacts import OF_THE_RUNTIME

VERSION = "/2018-06-01/runtime"
# What Lambda has beside the function: its client, and what that and boto3 need.
RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py", *sorted(OF_THE_RUNTIME))
SECONDS_TO_ANSWER = 60.0


class FunctionFailed(Exception):
    """The function raised, or its process ended; the text is what Lambda would tell."""


class Answer(NamedTuple):
    """What the client posted: to `response`, `error` or `init/error`."""

    kind: str
    body: Any


class Environment:
    """A process with a function, invoked by one event after another."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.process: subprocess.Popen[bytes]
        self._number = 0

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """What the function returns.

        :raises FunctionFailed: if it raised
        """
        self._number += 1
        self.events.put((f"request-{self._number}", json.dumps(event).encode()))
        return self._answer()

    def _answer(self) -> Any:
        give_up_at = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < give_up_at:
            try:
                answer = self.answers.get(timeout=0.5)
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if answer.kind != "response":
                raise FunctionFailed(f"{answer.body['errorType']}: {answer.body['errorMessage']}")
            return answer.body
        raise FunctionFailed(f"no answer; the process ended with {self.process.poll()}")

    def freeze(self) -> None:
        """Stop it between two events, as Lambda does."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


def runtime_in(folder: Path) -> Path:
    """A folder like /var/runtime, which has nothing that a function has to bring itself."""
    for name in RUNTIME:
        _link(name, folder)
    return folder


def _link(name: str, folder: Path) -> None:
    found = distribution(name)
    tops = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "bin")}
    for top in tops - {"__pycache__"}:
        (folder / top).symlink_to(Path(str(found.locate_file(top))))


def layer_in(folder: Path, names: Sequence[str]) -> Path:
    """A folder like /opt/python, with libraries that a layer brings."""
    for name in names:
        _link(name, folder)
    return folder


@contextmanager
def environment(
    archive: Path,
    handler: str,
    *,
    runtime: Path,
    folder: Path,
    settings: Mapping[str, str],
    layer: Path | None = None,
) -> Iterator[Environment]:
    """A function from its archive, unpacked into the empty `folder`, and nothing else.

    :param layer: libraries beside it
    """
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    served = Environment(archive.stem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    known = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": f"waggle-test-{served.name}",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": str(folder),
        "PYTHONPATH": ":".join(map(str, filter(None, (folder, layer, runtime)))),
        # The disk of a function cannot be written to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "ENVIRONMENT": "production",
        **settings,
    }
    # Without `site` there are no libraries but those of the archive and the runtime.
    command = [_interpreter(), "-S", "-m", "awslambdaric", handler]
    with (folder.parent / f"{served.name}.log").open("wb") as log:
        served.process = subprocess.Popen(
            command, cwd=folder, env=known, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait()
        # Whoever waits for the next event waits no longer.
        served.events.put(("", b""))
        server.shutdown()
        thread.join()
        server.server_close()


def _interpreter() -> str:
    base: str = getattr(sys, "_base_executable", sys.executable)
    return os.path.realpath(base)


def _handler(served: Environment) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer in one packet that is sent at once: otherwise each takes 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            assert self.path == f"{VERSION}/invocation/next"
            number, event = served.events.get()
            if not number:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", number)
            deadline = int((time.time() + 900) * 1000)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(deadline))
            arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{served.name}"
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", arn)
            self.send_header("Content-Type", "application/json")
            self._end(event)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = Answer(self.path.rpartition("/")[2], json.loads(body))
            self.send_response(202)
            self.send_header("Content-Type", "application/json")
            self._end(b'{"status":"OK"}')
            served.answers.put(answer)

        def _end(self, body: bytes) -> None:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
