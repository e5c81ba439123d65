"""Traces and metrics for Datadog's agent, or for its extension on Lambda.

Where the agent is, and what the site is called there, is said by Datadog's own variables:
`DD_AGENT_HOST`, `DD_TRACE_AGENT_URL`, `DD_SERVICE`, `DD_ENV`, `DD_VERSION`.
"""

import os

from datadog.dogstatsd.base import DogStatsd
from ddtrace.trace import Span, tracer

from app.monitoring.metrics import Kind, Measure, measures_of
from app.monitoring.records import Record, Statement

SERVICE = os.environ.get("DD_SERVICE", "waggle")


class DatadogAgent:
    """Sends each request as a trace with its statements, by HTTP, and metrics by UDP."""

    def __init__(self) -> None:
        # Many measures go in one packet; `flush` sends those that wait.
        self.statsd = DogStatsd(disable_buffering=False, disable_telemetry=True)

    def began(self, record: Record) -> None:
        record.spans[self] = tracer.start_span(
            "waggle.request", service=SERVICE, span_type="web", activate=False
        )

    def ran(self, statement: Statement, record: Record | None) -> None:
        parent: Span | None = record.spans.get(self) if record else None
        if parent is None:
            return
        span = tracer.start_span(
            "waggle.sql",
            child_of=parent,
            service=SERVICE,
            resource=statement.text,
            span_type="sql",
            activate=False,
        )
        span.start_ns = statement.began_ns
        span.set_tag("db.system", statement.system)
        span.error = int(statement.has_failed)
        span.finish(finish_time=statement.ended_ns / 1e9)

    def ended(self, record: Record) -> None:
        span: Span = record.spans.pop(self)
        span.resource = " ".join(filter(None, _named(record)))
        span.set_tag("waggle.request_id", record.id)
        span.set_tag("waggle.viewer", str(record.viewer))
        span.set_tag("http.method", record.method)
        span.set_tag("http.route", record.route)
        span.set_tag("http.status_code", str(record.status))
        span.set_tag("waggle.error_codes", ",".join(record.codes))
        span.set_metric("waggle.cost", record.cost)
        span.set_metric("waggle.statements", record.statements)
        span.error = int(record.is_broken)
        span.finish()
        for measure in measures_of(record):
            self.measured(measure)

    def measured(self, measure: Measure) -> None:
        name = measure.metric.name
        tags = [f"{tag}:{value}" for tag, value in measure.tags.items()]
        match measure.metric.kind:
            case Kind.COUNT:
                self.statsd.increment(name, measure.value, tags=tags)
            case Kind.GAUGE:
                self.statsd.gauge(name, measure.value, tags=tags)
            case Kind.DISTRIBUTION:
                self.statsd.distribution(name, measure.value, tags=tags)

    def flush(self) -> None:
        self.statsd.flush()
        tracer.flush()

    def close(self) -> None:
        # The tracer is the process's, and ends with it.
        self.flush()


def _named(record: Record) -> tuple[str, str]:
    if record.operation_type:
        return record.operation_type, record.operation_name
    return record.method, record.route
