"""Load from wrk, and what it says of the answers."""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

# In a body: a text that no other request has, as the site refuses what was just said.
UNIQUE = "(a unique number)"
# The requests are sent in turn; each connection begins where wrk asks for its first.
SCRIPT = """
local bodies, tokens, turn = {bodies}, {tokens}, 0
function request()
  local n = turn % #bodies + 1
  turn = turn + 1
  local headers = {{ ["Content-Type"] = "application/json" }}
  if #tokens > 0 then headers["Authorization"] = "Bearer " .. tokens[(n - 1) % #tokens + 1] end
  local body = bodies[n]:gsub("{unique}", "{started}-" .. turn)
  return wrk.format("POST", nil, headers, body)
end
"""
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Call(NamedTuple):
    """Requests that are sent in turn, by the owners of `tokens` in turn, or by a guest."""

    bodies: Sequence[dict[str, Any]]
    tokens: Sequence[str] = ()


class Load(NamedTuple):
    """What wrk saw: times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float


def answer(url: str, call: Call) -> bytes:
    """The answer to the first request.

    :raises RuntimeError: if it has errors
    """
    headers = {"content-type": "application/json"}
    if call.tokens:
        headers["authorization"] = f"Bearer {call.tokens[0]}"
    sent = json.dumps(call.bodies[0]).replace(UNIQUE, str(time.time_ns()))
    with urlopen(Request(url, sent.encode(), headers)) as response:
        body: bytes = response.read()
    answered = json.loads(body)
    data = answered.get("data") or {}
    if answered.get("errors") or not any(data.values()) or "message" in str(data)[:100]:
        raise RuntimeError(f"{call.bodies[0]} was answered by {body[:500]!r}")
    return body


def drive(url: str, call: Call, *, seconds: float, connections: int) -> Load:
    """Send requests as fast as they are answered.

    :raises RuntimeError: if any answer's status was not 2xx
    """
    bodies = "{" + ", ".join(_quoted(json.dumps(body)) for body in call.bodies) + "}"
    tokens = "{" + ", ".join(_quoted(token) for token in call.tokens) + "}"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        given = {"bodies": bodies, "tokens": tokens, "unique": _escaped(UNIQUE)}
        script.write_text(SCRIPT.format(started=time.time_ns(), **given))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout=30s"]
        done = subprocess.run([*command, "-s", str(script), url], capture_output=True, text=True)
    text = done.stdout
    if done.returncode or "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk failed: {text}{done.stderr}")
    return Load(
        requests=int(_found(r"(\d+) requests in", text)[1]),
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", text)[1]),
        p50=_milliseconds(_found(r"50%\s+([\d.]+)(\w+)", text)),
        p99=_milliseconds(_found(r"99%\s+([\d.]+)(\w+)", text)),
    )


def _found(pattern: str, text: str) -> re.Match[str]:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"wrk said something else: {text}")
    return match


def _milliseconds(match: re.Match[str]) -> float:
    return float(match[1]) * UNITS[match[2]]


def _quoted(text: str) -> str:
    # No JSON has this in it: square brackets of lists have no equal signs between them.
    return f"[====[{text}]====]"


def _escaped(text: str) -> str:
    """The Lua pattern of just this text."""
    return re.sub(r"([^\w ])", r"%\1", text)
