"""The templates of the stages, packaged by osls, and the archives for this machine's processor."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

import pytest

from deploy.artefacts import ARTEFACTS, ROOT, make
from deploy.template import Template
from tests.auth.pool import Pool, serving
from tests.deploy.lambdas import Environment, environment, runtime_in

OSLS = ROOT / "deploy/node_modules/.bin/osls"
TEMPLATE = "cloudformation-template-update-stack.json"

Packaged = Callable[..., Template]
Start = Callable[..., AbstractContextManager[Environment]]


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    """The template of a stage as `osls package` makes it, without an account.

    Called with the stage, and with values for its `params`. The processes that run tests side by
    side package each once.
    """
    if shutil.which("node") is None or not OSLS.exists():
        pytest.fail("osls is not installed: make deployer", pytrace=False)
    shared = _shared(tmp_path_factory)

    @cache
    def packaged(stage: str, **params: str) -> Template:
        to = shared / "-".join(["packaged", stage, *params, *params.values()])
        with (shared / "packaged.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (to / TEMPLATE).exists():
                _package(stage, params, to)
        template: Template = json.loads((to / TEMPLATE).read_text())
        return template

    return packaged


def _package(stage: str, params: dict[str, str], to: Path) -> None:
    archives = to / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    for name in ARTEFACTS:
        # osls names and hashes them, no more.
        (archives / f"{name}.zip").write_bytes(name.encode())
    options = ["--stage", stage, "--package", str(to)]
    for name, value in {"archives": str(archives), **params}.items():
        options += ["--param", f"{name}={value}"]
    done = subprocess.run(
        [OSLS, "package", *options],
        cwd=ROOT,
        # As on a machine that knows no AWS.
        env={"PATH": _path(), "HOME": str(to)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all the processes that run tests side by side."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _path() -> str:
    node = shutil.which("node")
    assert node is not None
    return f"{Path(node).parent}:/usr/bin:/bin"


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archives, made by the same program for this machine's processor and this Python.

    The processes that run tests side by side make them once.
    """
    shared = _shared(tmp_path_factory)
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


@pytest.fixture
def start(archives: Path, runtime: Path, tmp_path: Path) -> Start:
    """Starts a function from the archive of this name, with a layer if one is given."""

    def start(
        name: str, handler: str, layer: Path | None = None, **settings: str
    ) -> AbstractContextManager[Environment]:
        return environment(
            archives / f"{name}.zip",
            handler,
            runtime=runtime,
            folder=tmp_path / name,
            settings=settings,
            layer=layer,
        )

    return start


@pytest.fixture
def pool() -> Iterator[Pool]:
    """A user pool that knows one person, by an address that an account has."""
    with serving() as pools:
        pool = pools.make()
        pool.attributes["sub-1"] = {"email": "bee2@example.org", "email_verified": "true"}
        yield pool
