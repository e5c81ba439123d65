"""The command line, as somebody meets it who runs it for the first time."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner, Result

from app.cli import main

PROGRAM = [sys.executable, "-c", "from app.cli import main; main(prog_name='waggle')"]
ROOT = Path(__file__).parent.parent


def waggle(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(main, arguments, env=settings)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a file that is not there yet; no `.env` of the developer's is read."""
    monkeypatch.chdir(tmp_path)
    return f"sqlite+aiosqlite:///{tmp_path / 'var' / 'site.sqlite'}"


def test_a_demo_site_is_made_and_found_to_be_sound(url: str) -> None:
    made = waggle("demo", "--questions", "20", DATABASE_URL=url)
    assert made.exit_code == 0
    assert "password" in made.output
    checked = waggle("check", DATABASE_URL=url)
    assert checked.exit_code == 0
    assert "No problem found." in checked.output
    for shown in ("SQLite", "qa_posts", "db_version", "67", "UTC", "site_title"):
        assert shown in checked.output


def test_a_second_demo_site_is_refused_in_one_line(url: str) -> None:
    waggle("demo", "--questions", "5", DATABASE_URL=url)
    again = waggle("demo", "--questions", "5", DATABASE_URL=url)
    assert again.exit_code == 1
    assert "has rows already" in again.stderr.splitlines()[-1]


def test_a_wrong_setting_is_named_in_one_line() -> None:
    result = waggle("check", DATABASE_URL="postgres://x")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "DATABASE_URL='postgres://x'" in result.stderr


def test_a_missing_file_is_a_problem_with_a_remedy(url: str) -> None:
    result = waggle("check", DATABASE_URL=url)
    assert result.exit_code == 1
    assert "does not exist" in result.output
    assert "waggle demo" in result.output
    assert not Path(url.partition("///")[2]).exists()


def test_a_database_that_is_not_a_site_is_not_served(url: str) -> None:
    result = waggle("serve", DATABASE_URL=url)
    assert result.exit_code == 1
    assert "does not exist" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_server_that_does_not_answer_is_named() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        result = waggle("check", DATABASE_URL=f"mysql+aiomysql://u:p@127.0.0.1:{port}/site")
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.output
    assert "Traceback" not in result.output


def test_the_schema_is_the_committed_one() -> None:
    result = waggle("schema")
    assert result.exit_code == 0
    assert "type Query" in result.output


def test_help_loads_neither_the_schema_nor_the_database() -> None:
    code = (
        "import sys; from app.cli import main; main(['--help'], standalone_mode=False);"
        "print([m for m in ('strawberry', 'sqlalchemy', 'uvicorn', 'PIL') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of `waggle serve --prepare` in an empty folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment["PYTHONPATH"] = str(ROOT)
    command = [*PROGRAM, "serve", "--prepare", "--port", str(port)]
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def test_serve_makes_the_demo_site_and_says_what_to_try(served: str, tmp_path: Path) -> None:
    query = json.dumps({"query": "{ questions(first: 1) { nodes { title } } }"}).encode()
    headers = {"content-type": "application/json"}
    answer = None
    deadline = time.monotonic() + 60
    while answer is None and time.monotonic() < deadline:
        try:
            answer = json.load(urlopen(Request(f"{served}/graphql", query, headers), timeout=20))
        except OSError:
            time.sleep(0.2)
    assert answer
    assert answer["data"]["questions"]["nodes"][0]["title"]
    output = (tmp_path / "output").read_text()
    assert f"{served}/graphql" in output
    assert "curl" in output
    assert "make run DATABASE_URL=" in output
    assert (tmp_path / "var" / "waggle.sqlite").exists()
