"""The endpoint keeps to GraphQL over HTTP, as the audits of npm's graphql-http see it."""

import asyncio
import json
from pathlib import Path

import pytest

from app.main import create_app
from tests.conftest import settings_for
from tests.serving import served

AUDIT = Path(__file__).parent / "audit.mjs"


@pytest.mark.node
async def test_every_audit_passes(golden_file: Path) -> None:
    app = create_app(settings_for(f"sqlite+aiosqlite:///{golden_file}"))
    async with served(app) as address:
        audit = await asyncio.create_subprocess_exec(
            "node", str(AUDIT), f"{address}/graphql", stdout=asyncio.subprocess.PIPE
        )
        report, _ = await audit.communicate()

    assert json.loads(report) == {"total": 61, "passed": 61, "failing": []}
    assert audit.returncode == 0
