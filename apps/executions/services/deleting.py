"""Deletes executions with all that belongs to them."""

from apps.audit.services import record
from apps.common.database import current_tenant, on_commit
from apps.common.exceptions import Conflict, NotFound
from apps.common.http.permissions import Principal
from apps.executions import inbox
from apps.executions.models import ExecutionRow
from apps.executions.snapshots import cache
from apps.executions.sql import hot_cursor
from apps.logs.models import LogLine, Metric
from apps.storage.services import delete_prefix
from apps.storage.uris import execution_prefix
from apps.workergroups.hints import wake_executors

TABLES = ("task_run", "execution_inbox", "execution_timer", "execution_label", "execution_slot_waiter")
FREE = "update execution_slot set holder = null, held_since = null where tenant_id = %s and holder = %s"


def delete_execution(
    *, actor: Principal, execution_id: str, logs: bool = True, metrics: bool = True, storage: bool = True, force: bool = False
) -> None:
    """Delete one execution; Conflict while it has not ended, unless `force`."""
    tenant_id = current_tenant()
    if inbox.lock_one(tenant_id, execution_id) is None:
        raise NotFound(f"There is no execution '{execution_id}'.")
    row = ExecutionRow.objects.get(id=execution_id)
    if row.ended_at is None and not force:
        raise Conflict(f"Execution '{execution_id}' is {row.state}: kill it first, or wait for its end.")
    _delete_rows(tenant_id, execution_id)
    if logs:
        LogLine.objects.filter(execution_id=execution_id).delete()
    if metrics:
        Metric.objects.filter(execution_id=execution_id).delete()
    detail = {"id": execution_id, "flow": row.flow_id}
    record(actor=actor, type="DELETE", resource="EXECUTION", namespace=row.namespace, detail=detail)
    prefix = execution_prefix(row.namespace, row.flow_id, execution_id) if storage else None

    def committed() -> None:
        cache.drop([(tenant_id, execution_id)])
        if prefix is not None:
            delete_prefix(tenant_id=tenant_id, prefix=prefix)
        wake_executors()

    on_commit(committed)


def _delete_rows(tenant_id: str, execution_id: str) -> None:
    with hot_cursor() as sql:
        for table in TABLES:
            sql.execute(f"delete from {table} where tenant_id = %s and execution_id = %s", [tenant_id, execution_id])
        sql.execute(FREE, [tenant_id, execution_id])
        sql.execute("delete from execution where tenant_id = %s and id = %s", [tenant_id, execution_id])
