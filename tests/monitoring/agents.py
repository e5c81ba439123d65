"""Fake agents: they take what the process sends to whoever watches it, over real sockets."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Received(NamedTuple):
    path: str
    body: bytes


class Agent:
    """Keeps every request and every packet that it is sent."""

    def __init__(self, http_port: int, udp_port: int) -> None:
        self.url = f"http://127.0.0.1:{http_port}"
        self.udp_port = udp_port
        self.requests: list[Received] = []
        self.packets: list[bytes] = []

    def bodies(self, path: str) -> list[bytes]:
        return [received.body for received in self.requests if received.path == path]

    def lines(self) -> list[str]:
        """The metrics in the packets, one a line."""
        return [line for packet in self.packets for line in packet.decode().splitlines()]


@contextmanager
def listening(answers: dict[str, bytes] | None = None) -> Iterator[Agent]:
    """An agent at free ports of this machine.

    :param answers: bodies by path; to all else it answers `{}`
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers or {}))
        agent = Agent(server.server_address[1], udp.getsockname()[1])
        server.agent = agent  # type: ignore[attr-defined]
        threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,)),
            threading.Thread(target=_take_packets, args=(udp, agent)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield agent
        finally:
            server.shutdown()
            server.server_close()
            # The only empty packet.
            udp.sendto(b"", udp.getsockname())
            for thread in threads:
                thread.join()


def _take_packets(udp: socket.socket, agent: Agent) -> None:
    while packet := udp.recv(65536):
        agent.packets.append(packet)


def _handler(answers: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take()

        do_POST = do_PUT = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.server.agent.requests.append(Received(self.path, body))  # type: ignore[attr-defined]
            answer = answers.get(self.path, b"{}")
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    return Handler


def unpacked(body: bytes) -> Any:
    """What MessagePack says, as far as tracers speak it."""
    return _value(memoryview(body), 0)[0]


SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
PLAIN = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


def _value(body: memoryview, at: int) -> tuple[Any, int]:
    mark, at = body[at], at + 1
    if mark < 0x80 or mark >= 0xE0:
        return mark if mark < 0x80 else mark - 0x100, at
    if mark in CONSTANTS:
        return CONSTANTS[mark], at
    if mark in PLAIN:
        [number] = struct.unpack_from(PLAIN[mark], body, at)
        return number, at + struct.calcsize(PLAIN[mark])
    width = SIZED.get(mark, 0)
    size = int.from_bytes(body[at : at + width]) if width else mark & (0x1F if mark >= 0xA0 else 15)
    at += width
    if mark in (0xDC, 0xDD) or 0x90 <= mark < 0xA0:
        return _values(body, at, size)
    if mark in (0xDE, 0xDF) or mark < 0x90:
        flat, at = _values(body, at, 2 * size)
        return dict(zip(flat[::2], flat[1::2], strict=True)), at
    return bytes(body[at : at + size]).decode(), at + size


def _values(body: memoryview, at: int, count: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(count):
        value, at = _value(body, at)
        found.append(value)
    return found, at
