"""Artillery's own measures reach the agent of Datadog. Only where `make load` has installed it."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from benchmarks.artillery import HERE, publishing
from tests.monitoring.agents import listening
from tests.serving import served

PROGRAM = HERE / "node_modules" / ".bin" / "artillery"
SCENARIO = {
    "config": {"phases": [{"duration": 1, "arrivalCount": 2}]},
    "scenarios": [{"flow": [{"get": {"url": "/"}}]}],
}


@pytest.mark.node
@pytest.mark.skipif(not PROGRAM.exists(), reason="make load has not installed Artillery")
async def test_measures_are_sent_to_the_agent_by_udp(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("bees"))])
    with listening() as agent:
        async with served(app) as url:
            overrides = json.dumps(publishing("burst", f"127.0.0.1:{agent.udp_port}"))
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                "run",
                "--quiet",
                f"--target={url}",
                "--overrides",
                overrides,
                scenario,
                cwd=HERE,
                env={**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true"},
                stdout=asyncio.subprocess.DEVNULL,
            )
            assert await process.wait() == 0
        lines = agent.lines()

    [requests] = [line for line in lines if line.startswith("artillery.http.requests:")]
    assert requests.startswith("artillery.http.requests:2|")
    assert "scenario:burst" in requests
    assert any(line.startswith("artillery.http.response_time.p95:") for line in lines)
