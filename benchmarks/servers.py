"""The servers that are measured: Waggle as production runs it, and what others would write."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import mariadb
from benchmarks.cases import ISSUER_KEY
from benchmarks.processes import WAGGLE, running, wait_for

ROOT = Path(__file__).parent.parent
PEERS_FOLDER = ROOT / "benchmarks" / "peers"


class Target(NamedTuple):
    """A running server; `pid` is that of its first process."""

    name: str
    url: str
    pid: int
    site: str
    is_peer: bool = False


@contextmanager
def waggle(
    site: str, *, name: str, driver: str, compiled: bool = True, code: Path = ROOT
) -> Iterator[Target]:
    """Waggle on a database: one process of Uvicorn with uvloop and httptools.

    :param code: a work tree, so that two versions can be compared in one run
    """
    port = free_port()
    environment = {
        "DATABASE_URL": mariadb.url(site, driver),
        "LOCAL_ISSUER_KEY": str(ISSUER_KEY),
        "GRAPHIQL": "false",
        "COMPILED_EXECUTION": "true" if compiled else "false",
        "PYTHONPATH": str(code),
    }
    command = [*WAGGLE, "serve", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/graphql"
    log = mariadb.FOLDER / f"{name.replace(' ', '-')}.log"
    with running(command, environment=environment, log=log, folder=code) as pid:
        wait_for(url, log=log)
        yield Target(name, url, pid, site)


@contextmanager
def peers(site: str) -> Iterator[list[Target]]:
    """The servers of `benchmarks/peers`, each with its JIT on."""
    _prepare_peers()
    with ExitStack() as stack:
        yield [
            stack.enter_context(_peer("Mercurius, JIT", "mercurius.js", site)),
            stack.enter_context(_peer("NestJS, JIT", "nest.js", site)),
        ]


@contextmanager
def _peer(name: str, file: str, site: str) -> Iterator[Target]:
    port = free_port()
    environment = {
        "PORT": str(port),
        "PEER_DB": f"mysql://root@localhost/{site}?socketPath={mariadb.SOCKET}",
        "NEST_JIT": "1",
        "NODE_ENV": "production",
    }
    url, log = f"http://127.0.0.1:{port}/graphql", mariadb.FOLDER / f"{file}.log"
    with running(["node", file], environment=environment, log=log, folder=PEERS_FOLDER) as pid:
        wait_for(url, log=log)
        yield Target(name, url, pid, site, is_peer=True)


def _prepare_peers() -> None:
    if not (PEERS_FOLDER / "node_modules").is_dir():
        install = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=PEERS_FOLDER, check=True)
    subprocess.run(["node_modules/.bin/tsc"], cwd=PEERS_FOLDER, check=True)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
