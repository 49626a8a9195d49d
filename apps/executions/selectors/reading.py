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
OF_RUNS = f"select execution_id, dispatch, claimed_at, worker_id, {RUN_COLUMNS}"
RUNS = f"{OF_RUNS} from task_run where tenant_id = %s and execution_id = any(%s) order by execution_id, position"
# What changed last is found by the index `task_run_changed`, however many there are.
LAST_RUNS = f"""
with recursive shown as (
  (select id, parent_id from task_run where tenant_id = %s and execution_id = %s order by version desc, position limit %s)
  union
  select above.id, above.parent_id from shown cross join lateral (
    select id, parent_id from task_run where tenant_id = %s and id = shown.parent_id limit 1) above)
{OF_RUNS} from task_run where tenant_id = %s and id = any(array(select id from shown)) order by position
"""
WIDE = """
select execution_id, count(*) from task_run where tenant_id = %s and execution_id = any(%s) group by execution_id having count(*) > %s
"""
WANTED = """
from task_run where tenant_id = %s and execution_id = %s and (%s::text[] = '{}' or state = any(%s)) and (%s = '' or task_id = %s)
"""
COUNT_RUNS = f"select count(*) {WANTED}"
PAGE_OF_RUNS = f"{OF_RUNS} {WANTED} order by position limit %s offset %s"
MOST_RUNS = 1_000
"""Task runs that one execution is shown with; those of a larger one are read page by page."""
MOST_RUNS_IN_LISTS = 250


def find_row(execution_id: str) -> ExecutionRow | None:
    """The row of an execution that was not deleted."""
    found: ExecutionRow | None = ExecutionRow.objects.filter(id=execution_id, deleted=False).first()
    return found


class SomeRuns(TaskRuns):
    """Task runs of an execution that has more; `total` says how many."""

    total = 0


def find_execution(execution_id: str, *, runs: bool = True, most: int | None = None) -> Execution | None:
    """An execution, with its task runs, or None."""
    found = executions_of(ExecutionRow.objects.filter(id=execution_id, deleted=False), runs=runs, most=most)
    return found[0] if found else None


def get_execution(execution_id: str, *, runs: bool = True, most: int | None = None) -> Execution:
    """An execution, with its task runs; NotFound. `most`: with that many of its task runs, as people read no more of them."""
    found = find_execution(execution_id, runs=runs, most=most)
    if found is None:
        raise NotFound(f"There is no execution '{execution_id}'.")
    return found


def executions_of(rows: QuerySet[Any], *, runs: bool, most: int | None = None) -> list[Execution]:
    """The executions of a query, in its order; each with its last `most` task runs and those above them."""
    found = [execution_from(row) for row in rows.values_list(*ROW_FIELDS)]
    if not runs or not found:
        return found
    large = {} if most is None else wide_executions([execution.id for execution in found], most)
    by_execution = read_task_runs([execution.id for execution in found if execution.id not in large])
    for execution in found:
        if execution.id in large:
            tenant_id = current_tenant()
            shown = read_runs(LAST_RUNS, [tenant_id, execution.id, most, tenant_id, tenant_id])
            execution.runs = SomeRuns(tuple(shown.get(execution.id, ())))
            execution.runs.total = large[execution.id]
        else:
            execution.runs = TaskRuns(tuple(by_execution.get(execution.id, ())))
    return found


def wide_executions(execution_ids: Sequence[str], most: int) -> dict[str, int]:
    """The executions with more than `most` task runs, with their number."""
    with hot_cursor() as sql:
        sql.execute(WIDE, [current_tenant(), list(execution_ids), most])
        return dict(sql.fetchall())


def page_of_task_runs(execution_id: str, *, states: Sequence[str] = (), task_id: str = "", page: slice) -> tuple[list[TaskRun], int]:
    """Some task runs of an execution in order of creation, and how many there are in all."""
    wanted = [current_tenant(), execution_id, list(states), list(states), task_id, task_id]
    with hot_cursor() as sql:
        sql.execute(COUNT_RUNS, wanted)
        total = int(sql.fetchall()[0][0])
    found = read_runs(PAGE_OF_RUNS, [*wanted, page.stop - page.start, page.start])
    return found.get(execution_id, []), total


def read_task_runs(execution_ids: Sequence[str]) -> dict[str, list[TaskRun]]:
    """Task runs by execution, in order of creation; one that a worker holds is RUNNING since it was claimed."""
    return read_runs(RUNS, [current_tenant(), list(execution_ids)]) if execution_ids else {}


def read_runs(query: str, values: Sequence[Any]) -> dict[str, list[TaskRun]]:
    """The task runs of one of the queries above."""
    found: dict[str, list[TaskRun]] = {}
    with hot_cursor() as sql:
        sql.execute(query, list(values))
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
