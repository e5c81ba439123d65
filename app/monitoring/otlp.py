"""Traces and metrics for OpenTelemetry's collector, by OTLP over HTTP.

Where it is, and what the site is called there, is said by OpenTelemetry's own variables:
`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`.
"""

import os
from collections.abc import Callable
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context

from app.monitoring.metrics import METRICS, Kind, Measure, Metric, measures_of
from app.monitoring.records import Record, Statement

FLUSH_MILLISECONDS = 2000
Add = Callable[[float, dict[str, str]], None]


class Otlp:
    """Sends each request as a trace with its statements, and metrics, from threads of its own."""

    def __init__(self) -> None:
        name = os.environ.get("OTEL_SERVICE_NAME", "waggle")
        resource = Resource.create({"service.name": name})
        self.traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        self.metrics = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        self._tracer = self.traces.get_tracer("waggle")
        meter = self.metrics.get_meter("waggle")
        self._add = {metric: _instrument(meter, metric) for metric in METRICS}

    def began(self, record: Record) -> None:
        record.spans[self] = self._tracer.start_span(
            "waggle.request", kind=SpanKind.SERVER, start_time=record.began_ns
        )

    def ran(self, statement: Statement, record: Record | None) -> None:
        parent: Span | None = record.spans.get(self) if record else None
        if parent is None:
            return
        span = self._tracer.start_span(
            "waggle.sql",
            context=set_span_in_context(parent),
            kind=SpanKind.CLIENT,
            start_time=statement.began_ns,
            attributes={"db.query.text": statement.text, "db.system.name": statement.system},
        )
        if statement.has_failed:
            span.set_status(StatusCode.ERROR)
        span.end(statement.ended_ns)

    def ended(self, record: Record) -> None:
        span: Span = record.spans.pop(self)
        if record.operation_type:
            span.update_name(f"{record.operation_type} {record.operation_name}".rstrip())
        span.set_attributes(
            {
                "waggle.request_id": record.id,
                "waggle.viewer": str(record.viewer),
                "waggle.cost": record.cost,
                "waggle.statements": record.statements,
                "waggle.error_codes": record.codes,
                "graphql.operation.name": record.operation_name,
                "graphql.operation.type": record.operation_type,
                "http.request.method": record.method,
                "http.route": record.route,
                "http.response.status_code": record.status,
            }
        )
        if record.is_broken:
            span.set_status(StatusCode.ERROR)
        span.end()
        for measure in measures_of(record):
            self.measured(measure)

    def measured(self, measure: Measure) -> None:
        self._add[measure.metric](measure.value, dict(measure.tags))

    def flush(self) -> None:
        self.traces.force_flush(FLUSH_MILLISECONDS)
        self.metrics.force_flush(FLUSH_MILLISECONDS)

    def close(self) -> None:
        self.traces.shutdown()
        self.metrics.shutdown(FLUSH_MILLISECONDS)


def _instrument(meter: Any, metric: Metric) -> Add:
    options = {"unit": metric.unit, "description": metric.text}
    match metric.kind:
        case Kind.COUNT:
            add: Add = meter.create_counter(metric.name, **options).add
        case Kind.GAUGE:
            add = meter.create_gauge(metric.name, **options).set
        case Kind.DISTRIBUTION:
            add = meter.create_histogram(metric.name, **options).record
    return add
