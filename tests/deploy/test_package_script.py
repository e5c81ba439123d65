"""`make package` where there is no Python of Lambda: one clear line, and nothing begun."""

import subprocess
from pathlib import Path

from deploy.artefacts import ROOT
from deploy.template import RUNTIME

VERSION = RUNTIME.removeprefix("python")


def package(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [ROOT / "scripts/package", "dev"],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
    )


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_of_another_version_is_not_taken(tmp_path: Path) -> None:
    other = program(tmp_path / "python", "echo 3.9")

    done = package(PYTHON_OF_LAMBDA=other, HOME=str(tmp_path), PYTHON="/nowhere")

    assert done.returncode == 1
    told = f"PYTHON_OF_LAMBDA={other} is no Python {VERSION}, which Lambda runs.\n"
    assert done.stderr == told


def test_where_none_can_be_fetched_it_says_how_to_name_one(tmp_path: Path) -> None:
    """pip works here, and uv finds no network."""
    offline = program(
        tmp_path / "offline", 'case "$2" in uv) echo "error: no network" >&2; exit 2;; esac'
    )
    for name in ("sh", "dirname"):
        (tmp_path / name).symlink_to(f"/bin/{name}")

    # Without the programs of this machine there is no other interpreter.
    done = package(PYTHON=offline, HOME=str(tmp_path), PATH=str(tmp_path))

    assert done.returncode == 1
    assert "error: no network" in done.stderr
    assert f"make package PYTHON_OF_LAMBDA=/path/to/python{VERSION}" in done.stderr
