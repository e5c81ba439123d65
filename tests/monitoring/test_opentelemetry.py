"""What OpenTelemetry's collector receives by OTLP over HTTP: from the API, and from jobs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.jobs import outbox
from app.jobs.job import Work
from app.jobs.logs import Log
from app.jobs.running import database_for_jobs, run
from tests.conftest import Api, database_of, settings_for
from tests.letterbox import add_mail, make_site
from tests.monitoring.agents import Agent, listening

SECRET = "honeydew"
ASKED = "query Read($slug: String!) { tag(name: $slug) { name } site { title } }"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    with listening() as agent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", agent.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield agent


def spans_of(agent: Agent) -> list[Any]:
    exports = [ExportTraceServiceRequest.FromString(body) for body in agent.bodies("/v1/traces")]
    return [
        span
        for export in exports
        for resource in export.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def metrics_of(agent: Agent) -> dict[str, Any]:
    """The metrics by their names, as they were exported last."""
    found: dict[str, Any] = {}
    for body in agent.bodies("/v1/metrics"):
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                found |= {metric.name: metric for metric in scope.metrics}
    return found


def attributes_of(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


async def test_operations_with_their_statements_are_sent_before_lambda_freezes_the_process(
    collector: Agent,
    serve: Callable[..., Api],
    site_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "waggle-api")
    api = serve(site_url, MONITORING="opentelemetry")
    monitoring = database_of(api).monitoring
    assert monitoring is not None

    await api.post(ASKED, slug=SECRET)

    spans = spans_of(collector)
    [operation] = [span for span in spans if span.name == "query Read"]
    statements = [span for span in spans if span.name == "waggle.sql"]
    told = attributes_of(operation)
    assert (told["graphql.operation.name"], told["waggle.viewer"]) == ("Read", "guest")
    assert told["waggle.statements"] == len(statements) > 0
    assert {span.parent_span_id for span in statements} == {operation.span_id}
    assert all(attributes_of(span)["db.query.text"].startswith("SELECT") for span in statements)
    assert SECRET not in str(spans)
    metrics = metrics_of(collector)
    monitoring.close()
    [point] = metrics["waggle.statements"].sum.data_points
    assert point.as_double + point.as_int == len(statements)
    assert metrics["waggle.request.time"].histogram.data_points[0].count == 1


async def test_jobs_tell_how_they_ended_and_what_waits_in_the_outbox(
    collector: Agent, site_url: str, tmp_path: Path
) -> None:
    settings = settings_for(site_url, MONITORING="opentelemetry", MAIL_URL=str(tmp_path / "mail"))
    db = database_for_jobs(settings)
    assert db.monitoring is not None
    await make_site(db)
    await add_mail(db, "maja@bees.example")
    await add_mail(db, "willi@bees.example")

    await run(outbox.JOB, Work(db, Log("outbox")))
    await db.close()

    metrics = metrics_of(collector)
    [waiting] = metrics["waggle.outbox.waiting"].gauge.data_points
    [age] = metrics["waggle.outbox.age"].gauge.data_points
    [done] = metrics["waggle.jobs"].sum.data_points
    db.monitoring.close()
    assert waiting.as_int == 2
    # Due since the beginning of the year.
    assert age.as_double > 30 * 86400
    assert {each.key: each.value.string_value for each in done.attributes} == {
        "job": "outbox",
        "outcome": "done",
    }
