"""Inserts whole executions: new ones, children, replays and retries, with the task runs that they begin with."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from apps.engine.decide.events import Created
from apps.engine.execution import Execution, Label
from apps.executions.births import Birth
from apps.executions.inbox import Message, send
from apps.executions.labels import CORRELATION, value_of
from apps.executions.rows import RUN_COLUMNS, dates_of, encode, run_values
from apps.executions.sql import columns, hot_cursor

TYPES = {
    "tenant_id": "text", "id": "text", "namespace": "text", "flow_id": "text", "flow_revision": "int", "kind": "text", "state": "text",
    "history": "text", "inputs": "text", "outputs": "text", "variables": "text", "labels": "text", "trigger": "text", "trigger_id": "text",
    "trigger_execution_id": "text", "parent_execution_id": "text", "parent_task_run_id": "text", "parent_index": "int", "parent_id": "text",
    "original_id": "text", "original_created_at": "timestamptz", "schedule_date": "timestamptz", "generation": "int",
    "attempt_number": "int", "correlation_id": "text", "memo": "text", "created_at": "timestamptz", "started_at": "timestamptz",
    "ended_at": "timestamptz", "updated_at": "timestamptz",
    "version": "bigint",
}  # fmt: skip
INSERT = f"""
insert into execution ({", ".join(TYPES)}, removed_version, deleted)
select *, 0, false from unnest({", ".join(f"%s::{kind}[]" for kind in TYPES.values())}) on conflict do nothing returning tenant_id, id
"""
RUN_TYPES = {
    **{name.strip(): "text" for name in RUN_COLUMNS.split(",")},
    "iteration": "int", "dynamic": "bool", "grouping": "bool", "lost_count": "int", "snapshot_epoch": "int",
    "state": "text", "tenant_id": "text", "execution_id": "text", "position": "bigint",
}  # fmt: skip
INSERT_RUNS = f"""
insert into task_run ({", ".join(RUN_TYPES)}, version, dispatch, job_kind, job_children, group_key, priority, ready_seq, attempt, epoch,
  kill_requested)
select k.*, 0, 0, 'TASK', '[]', '', 0, 0, 1, k.snapshot_epoch, false
from unnest({", ".join(f"%s::{kind}[]" for kind in RUN_TYPES.values())}) k({", ".join(RUN_TYPES)}) on conflict do nothing
"""
DELETE_LABELS = "delete from execution_label where (tenant_id, execution_id) in (select * from unnest(%s::text[], %s::text[]))"
INSERT_LABELS = """
insert into execution_label (tenant_id, execution_id, key, value)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) on conflict do nothing
"""
MAX_KEY, MAX_VALUE = 200, 400


def insert(births: Sequence[Birth], now: datetime, *, decided: bool = False) -> set[tuple[str, str]]:
    """Insert executions that are not there yet; gives the keys of the new ones.

    Each is sent its `Created`, unless it is `decided` about already: then its task runs are the decision's to write.
    """
    if not births:
        return set()
    with hot_cursor() as sql:
        sql.execute(INSERT, columns((_values(birth, now) for birth in births), len(TYPES)))
        fresh = set(sql.fetchall())
    executions = [birth.execution for birth in births if (birth.execution.tenant_id, birth.execution.id) in fresh]
    write_labels((execution, execution.labels) for execution in executions)
    if not decided:
        _insert_runs(executions)
        send([Message(execution.tenant_id, execution.id, "created", Created()) for execution in executions])
    return fresh


def _values(birth: Birth, now: datetime) -> tuple[Any, ...]:
    execution, index = birth
    started, ended = dates_of(execution.history)
    trigger, parent = execution.trigger, execution.parent
    cause = trigger.variables.get("executionId") if trigger else None
    return (
        execution.tenant_id, execution.id, execution.namespace, execution.flow_id, execution.flow_revision, execution.kind,
        execution.state.value, encode(execution.history), encode(execution.inputs), encode(execution.outputs), encode(execution.variables),
        encode(execution.labels), encode(trigger) if trigger else None, trigger.id if trigger else None,
        str(cause)[:100] if cause else None, parent.execution_id if parent else None, parent.task_run_id if parent else None, index,
        execution.parent_id, execution.original_id, execution.original_created_at, execution.schedule_date, execution.generation,
        execution.attempt_number, (value_of(execution.labels, CORRELATION) or execution.id)[:100], encode(execution.memo),
        execution.created_at, started, ended, now, execution.version,
    )  # fmt: skip


def _insert_runs(executions: Iterable[Execution]) -> None:
    rows = [
        (*run_values(run), execution.tenant_id, execution.id, index) for execution in executions for index, run in enumerate(execution.runs)
    ]
    if rows:
        with hot_cursor() as sql:
            sql.execute(INSERT_RUNS, columns(rows, len(RUN_TYPES)))


def write_labels(labelled: Iterable[tuple[Execution, tuple[Label, ...]]], *, replace: bool = False) -> None:
    """Write what is searched by: every label but the correlation id, which has a column."""
    pairs = list(labelled)
    rows = {
        (execution.tenant_id, execution.id, label.key[:MAX_KEY], label.value[:MAX_VALUE])
        for execution, labels in pairs
        for label in labels
        if label.key != CORRELATION
    }
    with hot_cursor() as sql:
        if replace and pairs:
            sql.execute(DELETE_LABELS, columns(((execution.tenant_id, execution.id) for execution, _ in pairs), 2))
        if rows:
            sql.execute(INSERT_LABELS, columns((tuple(part.replace("\x00", "\ufffd") for part in row) for row in rows), 4))
