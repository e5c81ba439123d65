"""Load: Artillery plays visitors of a demo site, served by two processes, and holds thresholds.

    .venv/bin/python -m benchmarks.artillery [SCENARIO...] [--target URL] [--datadog HOST:PORT]

Without names, every scenario of `benchmarks/load` is played. It ends with 0 if all thresholds held.
"""

import argparse
import asyncio
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.auth.issuer import LocalIssuer
from app.auth.local import LocalSignIn
from app.config import Settings
from app.db import Database
from app.domain.sites import SiteCache
from benchmarks import mariadb
from benchmarks.cases import ISSUER_KEY
from benchmarks.mariadb import FOLDER, Server
from benchmarks.processes import WAGGLE, running, wait_for
from benchmarks.servers import ROOT, free_port
from schema.nodes import encode

SCENARIOS = ("browsing", "members", "burst")
HERE = ROOT / "benchmarks" / "load"
QUESTIONS, PEOPLE, WORKERS = 1000, 40, 2
# These come on top of what the other benchmarks have lifted.
LIMITS = "max_rate_user_qs", "max_rate_ip_qs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS, metavar="SCENARIO")
    parser.add_argument("--target", help="a server that runs already; the CSV files have to be its")
    parser.add_argument("--datadog", metavar="HOST:PORT", help="the agent to send measures to")
    chosen = parser.parse_args()
    if chosen.target:
        return _play(chosen.scenarios, chosen.target, chosen.datadog)
    with mariadb.server() as server, _served(_prepared(server)) as url:
        return _play(chosen.scenarios, url, chosen.datadog)


def _prepared(server: Server) -> str:
    """The name of a site that may be written to without limits, and the files about it."""
    site = server.site(QUESTIONS)
    values = ", ".join(f"('{option}', '1000000000')" for option in LIMITS)
    server.rows(f"REPLACE INTO `{site}`.qa_options (title, content) VALUES {values}")
    # Votes may take points; blocked people may nothing at all.
    people = server.rows(
        f"SELECT userid, handle FROM `{site}`.qa_users JOIN `{site}`.qa_userpoints USING (userid)"
        f" WHERE NOT flags & 2 ORDER BY points DESC LIMIT {PEOPLE}"
    )
    ids = ", ".join(str(user_id) for user_id, _ in people)
    questions = server.rows(
        f"SELECT postid FROM `{site}`.qa_posts WHERE type = 'Q' AND closedbyid IS NULL"
        f" AND userid NOT IN ({ids}) ORDER BY postid LIMIT 300"
    )
    tags = server.rows(f"SELECT word FROM `{site}`.qa_words ORDER BY tagcount DESC LIMIT 30")
    categories = server.rows(
        f"SELECT categoryid FROM `{site}`.qa_categories WHERE categoryid NOT IN"
        f" (SELECT parentid FROM `{site}`.qa_categories WHERE parentid IS NOT NULL)"
    )
    tokens = asyncio.run(_tokens(site, [str(handle) for _, handle in people]))
    _write("people", ["token"], [[token] for token in tokens])
    _write("categories", ["id"], [[encode("Category", number)] for [number] in categories])
    _write("tags", ["tag"], tags)
    _write(
        "questions",
        ["id", "global id"],
        [(number, encode("Question", number)) for [number] in questions],
    )
    return site


async def _tokens(site: str, handles: Sequence[str]) -> list[str]:
    db = Database(Settings(database_url=mariadb.url(site)))
    try:
        sign_in = LocalSignIn(db, SiteCache(db), LocalIssuer(ISSUER_KEY))
        return [(await sign_in.by_handle(handle)).access_token for handle in handles]
    finally:
        await db.close()


def _write(name: str, fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with (FOLDER / f"load-{name}.csv").open("w", newline="") as file:
        csv.writer(file).writerows([fields, *rows])


@contextmanager
def _served(site: str) -> Iterator[str]:
    port = free_port()
    environment = {
        "DATABASE_URL": mariadb.url(site),
        "LOCAL_ISSUER_KEY": str(ISSUER_KEY),
        "GRAPHIQL": "false",
    }
    url, log = f"http://127.0.0.1:{port}", FOLDER / "load.log"
    command = [*WAGGLE, "serve", f"--port={port}", f"--workers={WORKERS}"]
    with running(command, environment=environment, log=log, folder=ROOT):
        wait_for(f"{url}/readyz", log=log)
        yield url


def _play(scenarios: Sequence[str], url: str, agent: str | None) -> int:
    failed = [scenario for scenario in scenarios if not _holds(scenario, url, agent)]
    print(f"Thresholds missed: {', '.join(failed)}." if failed else "All thresholds held.")
    return 1 if failed else 0


def _holds(scenario: str, url: str, agent: str | None) -> bool:
    report = FOLDER / f"load-{scenario}.json"
    command = ["node_modules/.bin/artillery", "run", "--quiet", "--config=config.yml"]
    command += [f"--target={url}", f"--output={report}"]
    if agent:
        command += ["--overrides", json.dumps(publishing(scenario, agent))]
    quiet = {**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true"}
    done = subprocess.run([*command, f"{scenario}.yml"], cwd=HERE, env=quiet, check=False)
    _tell(scenario, report)
    return done.returncode == 0


def publishing(scenario: str, agent: str) -> dict[str, Any]:
    """What to add to a scenario, so that its measures are sent to an agent, "host:port"."""
    host, _, port = agent.partition(":")
    # `agentHost`, which the documents name as well, sends nothing.
    datadog = {"type": "datadog", "host": host, "port": int(port or 8125), "prefix": "artillery."}
    datadog |= {"tags": [f"scenario:{scenario}"]}
    return {"config": {"plugins": {"publish-metrics": [datadog]}}}


def _tell(scenario: str, report: Path) -> None:
    told = json.loads(report.read_text())["aggregate"]
    times, counters = told["summaries"]["http.response_time"], told["counters"]
    errors = {name: count for name, count in counters.items() if name.startswith("errors.")}
    print(
        f"{scenario:<9} {counters['http.requests']:>6} requests, "
        f"{told['rates'].get('http.request_rate', 0):>4}/s, "
        f"median {times['median']} ms, 95 % {times['p95']} ms, 99 % {times['p99']} ms, "
        f"longest {times['max']} ms, errors {errors or 'none'}"
    )


if __name__ == "__main__":
    sys.exit(main())
