"""What starting costs: CPU from the start of the process to its first answer, as on AWS Lambda.

Beside it stands what the libraries alone take that no such program can do without.
"""

import os
import subprocess
import sys
from statistics import median

from benchmarks.mariadb import FOLDER
from benchmarks.processes import WAGGLE

SITE = FOLDER / "start.sqlite"
# Byte-code may be written, as it lies on Lambda.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
} | {"DATABASE_URL": f"sqlite+aiosqlite:///{SITE}"}
ROUNDS = 7
LIBRARIES = "import strawberry, starlette, sqlalchemy, mangum"
FIRST_ANSWER = """
import asyncio
from app.main import handler

event = {
    "version": "2.0", "rawPath": "/graphql", "rawQueryString": "",
    "headers": {"content-type": "application/json", "host": "example.org"},
    "requestContext": {
        "http": {"method": "POST", "path": "/graphql", "sourceIp": "192.0.2.1"},
        "domainName": "example.org", "stage": "$default", "requestId": "1", "accountId": "1",
    },
    "body": '{"query": "{ questions(first: 1) { nodes { title } } }"}', "isBase64Encoded": False,
}
class LambdaContext: aws_request_id = "1"
asyncio.set_event_loop(asyncio.new_event_loop())
assert handler(event, LambdaContext())["statusCode"] == 200
"""
TELL = "import time; print(time.process_time())"
PROGRAMS = {
    "python": "pass",
    "its libraries": LIBRARIES,
    "import app.api": "import app.api",
    "the first answer": FIRST_ANSWER,
}


def seconds(program: str) -> float:
    """CPU seconds of one process until a program is done; what its end takes is not its start."""
    command = [sys.executable, "-c", f"{program}\n{TELL}"]
    done = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    if not SITE.exists():
        subprocess.run([*WAGGLE, "demo", "--questions", "20"], env=ENVIRONMENT, check=True)
    for program in PROGRAMS.values():
        # The first time, what was not compiled yet is.
        seconds(program)
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            taken[name].append(seconds(program))
    libraries = min(taken["its libraries"])
    print("| | CPU seconds, least | median | least, of its libraries |\n|---|--:|--:|--:|")
    for name, values in taken.items():
        least = min(values)
        print(f"| {name} | {least:.2f} | {median(values):.2f} | {least / libraries:.2f} |")


if __name__ == "__main__":
    main()
