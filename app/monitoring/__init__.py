"""Watching the process: a log of requests, metrics and traces, each only where it is asked for.

`monitoring_of` is the only way in. What is switched off is not imported, and hangs on nothing.
"""

import os

from app.config import Monitor, Settings
from app.monitoring import exits
from app.monitoring.monitoring import Monitoring
from app.monitoring.sinks import Sink


def monitoring_of(settings: Settings, *, logs_requests: bool = True) -> Monitoring | None:
    """What watches a process with these settings; None where nothing is to.

    :param logs_requests: False in processes that answer none
    """
    sinks: list[Sink] = []
    if logs_requests and settings.logs_requests:
        from app.monitoring.request_log import RequestLog

        sinks.append(RequestLog(settings))
    if settings.monitoring is Monitor.DATADOG:
        with exits.kept():
            from app.monitoring.datadog_agent import DatadogAgent

            sinks.append(DatadogAgent())
    elif settings.monitoring is Monitor.OPENTELEMETRY:
        from app.monitoring.otlp import Otlp

        sinks.append(Otlp())
    return Monitoring(sinks) if sinks else None


def is_frozen_between_requests() -> bool:
    """Whether the process stands still once it has answered: on AWS Lambda it does."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ
