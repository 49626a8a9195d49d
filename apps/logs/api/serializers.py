"""Log lines and metrics as the API shows them."""

from datetime import datetime
from typing import Any

import orjson

from apps.common.http.renderers import instant
from apps.logs.choices import Level
from apps.logs.models import LogLine, Metric


def line_json(line: LogLine) -> dict[str, Any]:
    """A line; fields that it has not are left out, as in Kestra."""
    shown: dict[str, Any] = {
        "namespace": line.namespace,
        "flowId": line.flow_id,
        "taskId": line.task_id or None,
        "executionId": line.execution_id or None,
        "taskRunId": line.task_run_id or None,
        "triggerId": line.trigger_id or None,
        "attemptNumber": line.attempt if line.task_run_id else None,
        "timestamp": instant(line.timestamp),
        "level": Level(line.level).name,
        "thread": line.thread or None,
        "message": line.message,
        "deleted": False,
    }
    return {name: value for name, value in shown.items() if value is not None}


def line_event(line: LogLine) -> bytes:
    """A line as a server-sent event."""
    return b"id: progress\ndata: " + orjson.dumps(line_json(line)) + b"\n\n"


def metric_json(metric: Metric) -> dict[str, Any]:
    """A metric."""
    return {
        "namespace": metric.namespace,
        "flowId": metric.flow_id,
        "taskId": metric.task_id,
        "executionId": metric.execution_id,
        "taskRunId": metric.task_run_id,
        "type": metric.type,
        "name": metric.name,
        "value": metric.value,
        "timestamp": instant(metric.timestamp),
        "tags": metric.tags,
        "deleted": False,
    }


def series_json(name: str, unit: str, points: list[tuple[datetime, float | None]]) -> dict[str, Any]:
    """A series; a bucket without values is 0 and has no name, as in Kestra."""
    found = [{"date": instant(at), "value": value or 0.0} | ({} if value is None else {"name": name}) for at, value in points]
    return {"groupBy": unit, "aggregations": found}


def counts_json(unit: str, points: list[tuple[datetime, dict[str, int]]]) -> list[dict[str, Any]]:
    """Lines of each level over time."""
    return [{"timestamp": instant(at), "counts": counts, "groupBy": unit} for at, counts in points]
