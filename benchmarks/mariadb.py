"""A MariaDB server of the benchmarks' own, whose sites stay in `var/bench` from run to run."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql
from sqlalchemy import make_url

from benchmarks.processes import START_SECONDS, WAGGLE, running

FOLDER = Path("var/bench").resolve()
SOCKET = FOLDER / "socket"
SEARCH_PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"]
)
# The SQL mode is MySQL 8's; no write waits for the disk, which is another machine's in production.
OPTIONS = (
    "--skip-networking",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=1G",
    "--innodb-log-file-size=96M",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--default-time-zone=+00:00",
    "--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
)
# Limits of an hour would end a benchmark of writes after some seconds.
NO_LIMITS = "max_rate_user_votes", "max_rate_ip_votes", "max_rate_user_as", "max_rate_ip_as"


class Server:
    """The running server; `pid` is that of its process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._connection = pymysql.connect(unix_socket=str(SOCKET), user="root", autocommit=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of one statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def statements(self) -> int:
        """How many statements the server has been sent by anybody since it started."""
        [(_, value)] = self.rows("SHOW GLOBAL STATUS LIKE 'Questions'")
        return int(value)

    def site(self, questions: int) -> str:
        """The name of the database of a demo site of that size, built if it is not there."""
        name = f"site_{questions}"
        if not self.rows(f"SHOW TABLES IN `{name}`" if self._exists(name) else "SELECT 1 LIMIT 0"):
            self.rows(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb3")
            print(f"Building a site of {questions:,} questions, once ...", file=sys.stderr)
            _waggle(name, "demo", "--questions", str(questions))
        _waggle(name, "migrate")
        values = ", ".join(f"('{option}', '1000000000')" for option in NO_LIMITS)
        self.rows(f"REPLACE INTO `{name}`.qa_options (title, content) VALUES {values}")
        return name

    def _exists(self, name: str) -> bool:
        return bool(self.rows(f"SHOW DATABASES LIKE '{name}'"))


def url(database: str, driver: str = "aiomysql") -> str:
    """The SQLAlchemy URL of a database."""
    made = make_url(f"mysql+{driver}://root@localhost/{database}")
    text = made.render_as_string()
    return f"{text}?unix_socket={quote(str(SOCKET), safe='/')}"


def _waggle(site: str, *arguments: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url(site)}
    command = ["nice", *WAGGLE, *arguments]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[Server]:
    """The server while the block runs; its data stays."""
    if not (FOLDER / "data" / "mysql").is_dir():
        _install()
    places = {"datadir": "data", "socket": "socket", "pid-file": "pid"}
    command = [_find("mariadbd"), "--no-defaults", *_as_root()]
    command += [f"--{option}={FOLDER / name}" for option, name in places.items()]
    log = FOLDER / "mariadb.log"
    with running([*command, *OPTIONS], environment={}, log=log, folder=FOLDER) as pid:
        _wait(log)
        yield Server(pid)


def _install() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    install = [_find("mariadb-install-db"), "--no-defaults", f"--datadir={FOLDER / 'data'}"]
    install += [*_as_root(), "--skip-test-db", "--skip-name-resolve"]
    install += ["--auth-root-authentication-method=normal", "--innodb-log-file-size=96M"]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)


def _wait(log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return pymysql.connect(unix_socket=str(SOCKET), user="root").close()
        except pymysql.OperationalError as error:
            if time.monotonic() > deadline:
                text = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"MariaDB did not start:\n{text}") from error
            time.sleep(0.1)


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _find(program: str) -> str:
    path = shutil.which(program, path=SEARCH_PATH)
    if path is None:
        raise SystemExit(f"{program} is missing: scripts/install-benchmark-programs installs it.")
    return path
