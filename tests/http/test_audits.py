"""The endpoint keeps to the specification of GraphQL over HTTP."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from app.db import Database
from tests.http.conftest import meadow_app
from tests.serving import served

AUDIT = Path(__file__).parent / "audit.mjs"


@pytest.mark.skipif(
    shutil.which("node") is None or not (AUDIT.parent / "node_modules/graphql-http").is_dir(),
    reason="needs Node and `make audits`",
)
async def test_every_audit_of_graphql_http_passes(db: Database) -> None:
    async with served(meadow_app(db)) as address:
        auditor = await asyncio.create_subprocess_exec(
            "node", str(AUDIT), f"{address}/graphql", stdout=asyncio.subprocess.PIPE
        )
        output, _ = await auditor.communicate()

    assert json.loads(output) == {"total": 61, "passed": 61, "failing": []}
