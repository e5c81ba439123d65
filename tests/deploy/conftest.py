"""The templates of the stages, packaged by osls, and the archives for this machine's processor."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from deploy.artefacts import ARTEFACTS, ROOT
from deploy.template import Template

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
