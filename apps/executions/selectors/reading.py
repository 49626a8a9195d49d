"""Executions of the present tenant as they are this moment: what the engine knows, and what workers have begun since."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from apps.common.database import current_tenant
from apps.common.exceptions import NotFound
from apps.engine.execution import Attempt, Execution, TaskRun, TaskRuns
from apps.engine.state import CREATED_STATES, State, StateEntry, enter
from apps.executions.choices import Dispatched
from apps.executions.models import ExecutionRow, SlotRow
from apps.executions.rows import EXECUTION_COLUMNS, RUN_COLUMNS, execution_from, run_from
from apps.executions.sql import hot_cursor

ROW_FIELDS = tuple(name.strip() for name in EXECUTION_COLUMNS.split(","))
RUNS = f"""
select execution_id, dispatch, claimed_at, worker_id, {RUN_COLUMNS} from task_run
where tenant_id = %s and execution_id = any(%s) order by execution_id, position
"""


def find_row(execution_id: str) -> ExecutionRow | None:
    """The row of an execution that was not deleted."""
    found: ExecutionRow | None = ExecutionRow.objects.filter(id=execution_id, deleted=False).first()
    return found


def find_execution(execution_id: str, *, runs: bool = True) -> Execution | None:
    """An execution, with its task runs, or None."""
    found = executions_of(ExecutionRow.objects.filter(id=execution_id, deleted=False), runs=runs)
    return found[0] if found else None


def get_execution(execution_id: str, *, runs: bool = True) -> Execution:
    """An execution, with its task runs; NotFound."""
    found = find_execution(execution_id, runs=runs)
    if found is None:
        raise NotFound(f"There is no execution '{execution_id}'.")
    return found


def executions_of(rows: QuerySet[Any], *, runs: bool) -> list[Execution]:
    """The executions of a query, in its order."""
    found = [execution_from(row) for row in rows.values_list(*ROW_FIELDS)]
    if runs and found:
        by_execution = read_task_runs([execution.id for execution in found])
        for execution in found:
            execution.runs = TaskRuns(tuple(by_execution.get(execution.id, ())))
    return found


def read_task_runs(execution_ids: Sequence[str]) -> dict[str, list[TaskRun]]:
    """Task runs by execution, in order of creation; one that a worker holds is RUNNING since it was claimed."""
    found: dict[str, list[TaskRun]] = {}
    with hot_cursor() as sql:
        sql.execute(RUNS, [current_tenant(), list(execution_ids)])
        for execution_id, dispatch, claimed_at, worker_id, *row in sql.fetchall():
            run = run_from(tuple(row))
            if dispatch == Dispatched.LEASED and run.state in CREATED_STATES:
                run = running(run, claimed_at, worker_id)
            found.setdefault(execution_id, []).append(run)
    return found


def running(run: TaskRun, since: datetime, worker_id: str | None) -> TaskRun:
    """A run as its worker has it: the engine hears of it only with the result."""
    at = max(since, run.history[-1].date)
    attempt = Attempt((StateEntry(State.CREATED, at), StateEntry(State.RUNNING, at)), worker_id)
    return msgspec.structs.replace(run, history=enter(run.history, State.RUNNING, at), attempts=(*run.attempts, attempt))


def child_executions(execution_id: str) -> list[Execution]:
    """The executions that this one has started, oldest first."""
    rows = ExecutionRow.objects.filter(trigger_execution_id=execution_id, deleted=False)
    return executions_of(rows.order_by("created_at", "id"), runs=False)


def last_executions(flows: Iterable[tuple[str, str]]) -> list[Execution]:
    """The newest execution of each flow, given as (namespace, flow id)."""
    found = []
    for namespace, flow_id in flows:
        rows = ExecutionRow.objects.filter(namespace=namespace, flow_id=flow_id, deleted=False).order_by("-created_at")
        found += executions_of(rows[:1], runs=False)
    return found


def execution_ids(wanted: Iterable[str]) -> set[str]:
    """Those of some ids that there are executions of."""
    return set(ExecutionRow.objects.filter(id__in=list(wanted), deleted=False).values_list("id", flat=True))


def slots_held(namespace: str, flow_id: str) -> int:
    """How many slots of a flow's concurrency limit are taken."""
    return int(SlotRow.objects.filter(namespace=namespace, flow_id=flow_id, holder__isnull=False).count())
