"""A private MariaDB server for the tests: its own data directory and socket, and no network."""

import gzip
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql
import pytest
from pymysql.constants import CLIENT

from tests import scratch

SEARCH_PATH = os.pathsep.join(
    [
        os.environ.get("PATH", ""),
        "/usr/sbin",
        "/usr/local/sbin",
        "/usr/local/bin",
        "/opt/homebrew/bin",
    ]
)
INSTALL_HINT = "install MariaDB (Debian: apt-get install mariadb-server; Mac: brew install mariadb)"
START_SECONDS = 30.0

# What MySQL 8 has by default, which is what production runs on: MariaDB's own default lets
# ungrouped columns and zero dates pass that MySQL refuses.
SQL_MODE = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)
# Nothing here has to survive a power cut, so no write waits for the disk.
SERVER_OPTIONS = (
    "--skip-networking",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=256M",
    "--innodb-log-file-size=16M",
    "--table-open-cache=1000",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--default-time-zone=+00:00",
    f"--sql-mode={SQL_MODE}",
)
# The shell ends the server and removes its files when its standard input closes: also when the
# tests are killed, so that no server is ever left behind. A gentler signal can get lost while the
# server starts, and nothing is worth keeping.
KEEPER = 'd=$1; shift; "$@" & s=$!; cat >/dev/null; kill -9 $s; wait $s; rm -rf "$d"'


class MariaDB:
    """The running server, as an administrator sees it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "socket"
        self._numbers = itertools.count(1)
        self._connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
            init_command="SET sql_mode = '', foreign_key_checks = 0, unique_checks = 0",
        )

    def url(self, database: str, driver: str = "mysql+aiomysql") -> str:
        """The SQLAlchemy URL of a database; the connection's charset is left to the application."""
        path = quote(str(self.socket), safe="/")
        return f"{driver}://root@localhost/{database}?unix_socket={path}"

    def execute(self, statements: str) -> list[tuple[Any, ...]]:
        """Run one statement or several parted by `;`, and return the rows of the last."""
        with self._connection.cursor() as cursor:
            cursor.execute(statements)
            rows = list(cursor.fetchall())
            while cursor.nextset():
                rows = list(cursor.fetchall())
        return rows

    def create_database(self, name: str, charset: str = "utf8mb3") -> None:
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET {charset}")

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")

    def load(self, name: str, dump: Path, charset: str = "utf8mb3") -> None:
        """Fill a database, made if it is not there, from a dump (`.sql` or `.sql.gz`)."""
        self.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET {charset}")
        text = gzip.decompress(dump.read_bytes()) if dump.suffix == ".gz" else dump.read_bytes()
        client = [find("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root"]
        subprocess.run([*client, "--default-character-set=utf8mb4", name], input=text, check=True)

    def clone(self, template: str) -> str:
        """Make a database with the template's tables, keys and rows, and return its name.

        If there are rows, the tables' files are copied, which takes a third of a second less than
        inserting the rows of a small site again. All tables have to be InnoDB's.
        """
        name = f"{template}_{next(self._numbers)}"
        [(charset,)] = self.execute(
            "SELECT default_character_set_name FROM information_schema.schemata"
            f" WHERE schema_name = '{template}'"
        )
        self.create_database(name, charset)
        tables = [table for (table,) in self.execute(f"SHOW TABLES IN `{template}`")]
        if tables:
            self._copy_definitions(template, name, tables)
            self._copy_rows(template, name, tables)
        return name

    def _copy_definitions(self, template: str, name: str, tables: list[str]) -> None:
        definitions = [self.execute(f"SHOW CREATE TABLE `{template}`.`{t}`")[0][1] for t in tables]
        self.execute(f"USE `{name}`; {';'.join(definitions)}")

    def _copy_rows(self, template: str, name: str, tables: list[str]) -> None:
        rows = (f"(SELECT '{table}' FROM `{template}`.`{table}` LIMIT 1)" for table in tables)
        filled = [table for (table,) in self.execute(" UNION ALL ".join(rows))]
        if filled:
            self._copy_files(template, name, filled)

    def _copy_files(self, template: str, name: str, tables: list[str]) -> None:
        self.execute(f"USE `{name}`")
        self.execute(";".join(f"ALTER TABLE `{table}` DISCARD TABLESPACE" for table in tables))
        self.execute(f"USE `{template}`; FLUSH TABLES {','.join(tables)} FOR EXPORT")
        try:
            for table in tables:
                for suffix in ("ibd", "cfg"):
                    file = f"{table}.{suffix}"
                    shutil.copy(
                        self.directory / "data" / template / file,
                        self.directory / "data" / name / file,
                    )
        finally:
            self.execute("UNLOCK TABLES")
        imports = (f"ALTER TABLE `{table}` IMPORT TABLESPACE" for table in tables)
        self.execute(f"USE `{name}`; {';'.join(imports)}")

    def close(self) -> None:
        self._connection.close()


def find(program: str) -> str:
    """Where one of MariaDB's programs is; the test fails with what to install if it is missing."""
    path = shutil.which(program, path=SEARCH_PATH)
    if path is None:
        pytest.fail(f"{program} is not installed: {INSTALL_HINT}", pytrace=False)
    return path


def start(directory: Path) -> "subprocess.Popen[bytes]":
    """Initialise a data directory and start a server on it, kept by a shell (see KEEPER)."""
    # A server that starts removes what others like it have put among the temporary files.
    temporary = directory / "tmp"
    temporary.mkdir(mode=0o777)
    options = ["--no-defaults", f"--datadir={directory / 'data'}", f"--tmpdir={temporary}"]
    if os.geteuid() == 0:
        options.append("--user=root")
    install = [find("mariadb-install-db"), *options, "--innodb-log-file-size=16M"]
    subprocess.run(
        [
            *install,
            "--skip-test-db",
            "--skip-name-resolve",
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    places = {"socket": "socket", "pid-file": "pid", "log-error": "server.log"}
    options += [f"--{option}={directory / name}" for option, name in places.items()]
    server = [find("mariadbd"), *options, *SERVER_OPTIONS]
    # A session of its own: Ctrl-C is for the tests, which then close the shell's input.
    return subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "sh", str(directory), *server],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def connect(directory: Path) -> MariaDB:
    """Wait until the server answers.

    :raises RuntimeError: if it does not within `START_SECONDS`, with the end of its log
    """
    deadline = time.monotonic() + START_SECONDS
    while not _listens(directory / "socket"):
        if time.monotonic() > deadline:
            log = (directory / "server.log").read_text(errors="replace")
            raise RuntimeError(f"MariaDB did not start:\n{log[-2000:]}")
        time.sleep(0.02)
    return MariaDB(directory)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A server for this process (each worker of pytest-xdist has its own), empty at first."""
    # Not pytest's own directory: the path of a socket may have no more than about 100 characters.
    directory = Path(tempfile.mkdtemp(prefix="waggle-", dir=scratch.root()))
    keeper = start(directory)
    try:
        server = connect(directory)
        yield server
        server.close()
    finally:
        keeper.communicate()
