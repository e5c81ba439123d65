"""The dashboard and the monitors for Datadog: they know no metric and no tag but ours."""

import json
import re
from pathlib import Path
from typing import Any

from app.monitoring.metrics import METRICS, Kind

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "datadog"
QUERY = re.compile(r"(\w+):(waggle[a-z_.]+)\{([^}]*)\}(?: by \{([^}]*)\})?(\.as_count\(\))?")
OF_ALL = {"env", "service"}
BY_NAME = {metric.name: metric for metric in METRICS}


def queries_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            text
            for name, inner in value.items()
            for text in ([inner] if name == "query" else queries_in(inner))
        ]
    if isinstance(value, list):
        return [text for inner in value for text in queries_in(inner)]
    return []


def check(query: str) -> set[str]:
    """The metrics of a query, each asked for in a way that it has values for."""
    found = QUERY.findall(query)
    assert len(found) == query.count("waggle."), query
    for aggregate, name, chosen, groups, counted in found:
        metric = BY_NAME[name]
        tags = [part.partition(":")[0] for part in chosen.split(",") if part != "*"]
        tags += groups.split(",") if groups else []
        assert {tag.removeprefix("$") for tag in tags} <= {*metric.tags, *OF_ALL}, query
        assert bool(counted) == (metric.kind is Kind.COUNT), query
        assert re.fullmatch(r"p\d\d", aggregate) or metric.kind is not Kind.DISTRIBUTION, query
    return {name for _, name, *_ in found}


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())

    shown = [check(query) for query in queries_in(dashboard)]

    assert set().union(*shown) == set(BY_NAME)
    assert {variable["name"] for variable in dashboard["template_variables"]} == OF_ALL


def test_monitors_watch_what_is_measured_and_their_thresholds_agree() -> None:
    monitors = json.loads((FOLDER / "monitors.json").read_text())

    for monitor in monitors:
        assert check(monitor["query"])
        threshold = float(monitor["query"].rsplit(" ", 1)[1])
        assert monitor["options"]["thresholds"]["critical"] == threshold
    assert len({monitor["name"] for monitor in monitors}) == len(monitors)


def test_every_metric_is_explained() -> None:
    text = (ROOT / "docs" / "monitoring.md").read_text()
    explained = set(re.findall(r"^\| `(waggle[a-z_.]+)` \|", text, re.MULTILINE))
    assert explained == set(BY_NAME)
