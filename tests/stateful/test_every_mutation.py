"""Whatever people do in whatever order, every figure is right, and no answer a surprise."""

import asyncio
import itertools
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import make_url

from app.api import schema
from app.db import Database
from app.main import create_app
from tests.conftest import Api, database_of, named_in_headers, settings_for
from tests.mariadb import MariaDB
from tests.stateful.client import OUTCOMES, Clock
from tests.stateful.community import add_community
from tests.stateful.documents import PAYLOADS
from tests.stateful.machine import Ground, Site

# Mutations that the runs leave out, and why.
LEFT_OUT: dict[str, str] = {}
# So many runs, of so many steps each. MariaDB is slower, and the rules are the same there.
RUNS = {"sqlite": 7, "mariadb": 3}
STEPS = 50
# So many different mutations succeed in the runs on SQLite, or they are aimed badly: nearly all.
SUCCEEDING = 28
# `STATEFUL_RUNS=1000 pytest tests/stateful` looks further, and elsewhere each time.
DEEP = os.environ.get("STATEFUL_RUNS")


def profile(kind: str) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(
        max_examples=int(DEEP or RUNS[kind]),
        stateful_step_count=STEPS,
        derandomize=not DEEP,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=checks,
    )


class Sites:
    """Makes a fresh site for each run, from one on which the community lives already."""

    def __init__(self, template: str, server: MariaDB | None, files: Path) -> None:
        self.template = template
        self.files = files
        self.server = server
        self.made = itertools.count()
        self.people: dict[str, int] = {}

    async def prepare(self) -> None:
        db = Database(settings_for(self.template))
        async with db.begin() as connection:
            self.people = await add_community(connection)
        await db.close()

    async def open(self) -> tuple[Api, Database, dict[str, int]]:
        settings = settings_for(self._copied(), STORAGE_URL=str(self.files))
        app = create_app(settings, identify=named_in_headers)
        api = Api(app)
        return api, database_of(api), self.people

    async def close(self, api: Api) -> None:
        await api.http.aclose()
        db = database_of(api)
        await db.close()
        if self.server:
            self.server.drop_database(str(db.engine.url.database))
        else:
            os.unlink(str(db.engine.url.database))

    def _copied(self) -> str:
        if self.server:
            return self.server.url(self.server.clone(str(make_url(self.template).database)))
        file = str(make_url(self.template).database)
        copy = shutil.copy(file, f"{file}.{next(self.made)}")
        return f"sqlite+aiosqlite:///{copy}"


def test_whatever_is_done_every_figure_is_right_and_nothing_surprises(
    request: pytest.FixtureRequest,
    site_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = "sqlite" if site_url.startswith("sqlite") else "mariadb"
    server = request.getfixturevalue("mariadb") if kind == "mariadb" else None
    sites = Sites(site_url, server, tmp_path / "files")
    clock = Clock()
    for module in ("app.api", "app.endpoint.uploads"):
        monkeypatch.setattr(f"{module}.datetime", clock)

    with asyncio.Runner() as runner:
        runner.run(sites.prepare())
        every = 10 if kind == "sqlite" else STEPS
        ground = Ground(runner, clock, sites.open, sites.close, every)
        run_state_machine_as_test(_run(ground), settings=profile(kind))

    succeeded = {mutation for mutation, outcome in OUTCOMES if outcome.endswith("Success")}
    assert len(succeeded) >= SUCCEEDING or kind != "sqlite", sorted(PAYLOADS.keys() - succeeded)


def _run(ground: Ground) -> type[Site]:
    class SiteOnTheGround(Site):
        def __init__(self) -> None:
            super().__init__(ground)

    return SiteOnTheGround


def test_no_mutation_is_left_out() -> None:
    [mutations] = re.findall(
        r"^type Mutation \{(.*?)^\}", schema.as_str(), re.DOTALL | re.MULTILINE
    )
    names = set(re.findall(r"^  (\w+)\(", mutations, re.MULTILINE))

    assert names == PAYLOADS.keys() | LEFT_OUT.keys()
    assert not PAYLOADS.keys() & LEFT_OUT.keys()
