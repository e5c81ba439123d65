"""The templates of the stages, packaged by osls, and the archives for this machine's processor."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from deploy.artefacts import ARTEFACTS, ROOT, make
from deploy.template import Template
from tests.deploy.lambdas import runtime_in

OSLS = ROOT / "deploy/node_modules/.bin/osls"
TEMPLATE = "cloudformation-template-update-stack.json"

Packaged = Callable[[str], Template]


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    """The template of a stage as `osls package` makes it, without an account."""
    if shutil.which("node") is None or not OSLS.exists():
        pytest.fail("osls is not installed: make deployer", pytrace=False)
    archives = tmp_path_factory.mktemp("archives")
    for name in ARTEFACTS:
        # osls names and hashes them, no more.
        (archives / f"{name}.zip").write_bytes(name.encode())

    @cache
    def packaged(stage: str) -> Template:
        to = tmp_path_factory.mktemp(stage)
        options = ["--stage", stage, "--package", str(to), "--param", f"archives={archives}"]
        done = subprocess.run(
            [OSLS, "package", *options],
            cwd=ROOT,
            # As on a machine that knows no AWS.
            env={"PATH": _path(), "HOME": str(Path(to))},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        template: Template = json.loads((to / TEMPLATE).read_text())
        return template

    return packaged


def _path() -> str:
    node = shutil.which("node")
    assert node is not None
    return f"{Path(node).parent}:/usr/bin:/bin"


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archives, made by the same program for this machine's processor and this Python.

    The processes that run tests side by side make them once.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    to = shared / "archives-of-this-machine"
    with (shared / "archives.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (to / "images.zip").exists():
            site_packages = Path(sysconfig.get_path("platlib"))
            make(site_packages, interpreter=sys.executable, to=to)
    return to


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda has beside a function."""
    return runtime_in(tmp_path_factory.mktemp("runtime"))
