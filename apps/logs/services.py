"""Deletion of log lines and metrics. They are written by `ingest`."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from apps.audit.services import record
from apps.common.http.permissions import Principal
from apps.logs.choices import level_of
from apps.logs.models import LogLine, Metric
from apps.logs.selectors import LineChoice, execution_lines


def delete_execution_lines(*, actor: Principal, execution_id: str, choice: LineChoice) -> int:
    """Deletes lines of an execution; gives how many."""
    count, _ = LogLine.objects.filter(pk__in=execution_lines(execution_id, choice).order_by().values("pk")).delete()
    if count:
        record(actor=actor, type="DELETE", resource="LOGS", detail={"execution": execution_id, "count": count})
    return count


def delete_flow_lines(*, actor: Principal, namespace: str, flow_id: str, trigger_id: str | None = None) -> int:
    """Deletes the lines of a flow's executions, or those of one of its triggers."""
    rows = LogLine.objects.filter(namespace=namespace, flow_id=flow_id)
    count, _ = (rows.filter(trigger_id=trigger_id) if trigger_id else rows).delete()
    if count:
        record(actor=actor, type="DELETE", resource="LOGS", namespace=namespace, detail={"flow": flow_id, "count": count})
    return count


def purge_lines(
    *, end: datetime, start: datetime | None = None, namespace: str | None = None, flow_id: str | None = None, levels: Sequence[str] = ()
) -> int:
    """Deletes lines of a time before `end`, of a namespace with those below it or of one flow."""
    wanted = Q(timestamp__lt=end)
    if start:
        wanted &= Q(timestamp__gte=start)
    if namespace:
        wanted &= Q(namespace=namespace) | (Q() if flow_id else Q(namespace__startswith=f"{namespace}."))
    if flow_id:
        wanted &= Q(flow_id=flow_id)
    if levels:
        wanted &= Q(level__in=[int(level_of(level)) for level in levels])
    count, _ = LogLine.objects.filter(wanted).delete()
    return count


def forget_executions(*, execution_ids: Sequence[str], lines: bool = True, metrics: bool = True) -> tuple[int, int]:
    """Deletes what deleted executions have left behind; gives how many lines and metrics."""
    gone = LogLine.objects.filter(execution_id__in=execution_ids).delete()[0] if lines else 0
    return gone, Metric.objects.filter(execution_id__in=execution_ids).delete()[0] if metrics else 0
